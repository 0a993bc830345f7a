"""The questions of the reading loop, and a system's answers to them."""

from collections.abc import Iterable
from dataclasses import dataclass

QUESTIONS = {
    "pressure": "What made gossip attractive here?",
    "job": "Gossip's job: which state exactly does it spread?",
    "authority": "The authority boundary: what decides, and what may gossip not decide?",
    "repair": "The repair path: how does who missed something get it?",
    "trust": "Trust and failure: whose word is taken, and what does it survive?",
    "metrics": "The operator's metrics: what shows that it drifts?",
}


@dataclass(frozen=True)
class Answer:
    """One answer, and where it can be checked: files, sections, documentation.

    Raises
    ------
    ValueError
        For an empty text, or no source.
    """

    text: str
    sources: tuple[str, ...]

    def __post_init__(self):
        if not self.text.strip():
            raise ValueError("text is empty: an answer says something")
        if not self.sources or not all(source.strip() for source in self.sources):
            raise ValueError(
                f"sources is {self.sources!r}: an answer names at least one place where it can be checked"
            )


@dataclass(frozen=True, kw_only=True, repr=False)
class Reading:
    """A system's answers to `QUESTIONS`."""

    system: str
    pressure: Answer
    job: Answer
    authority: Answer
    repair: Answer
    trust: Answer
    metrics: Answer

    @property
    def answers(self) -> dict[str, Answer]:
        """By question, in the order of `QUESTIONS`."""
        return {name: getattr(self, name) for name in QUESTIONS}

    def _repr_markdown_(self) -> str:
        rows = (
            # on a narrow page the names of files break after a slash
            f"| {QUESTIONS[name]} | {answer.text} | {'; '.join(answer.sources).replace('/', '/<wbr>')} |"
            for name, answer in self.answers.items()
        )
        return "\n".join([f"| {self.system} | answer | where to look |", "|---|---|---|", *rows])

    def __repr__(self) -> str:
        return "\n".join([self.system, *(f"{name}: {answer.text}" for name, answer in self.answers.items())])


def compare(readings: Iterable[Reading]) -> str:
    """Several readings side by side, one column a system, as a Markdown table.

    Raises
    ------
    ValueError
        If there are none.
    """
    readings = tuple(readings)
    if not readings:
        raise ValueError("readings is empty: name at least one")
    rows = (
        f"| {question} | {' | '.join(getattr(reading, name).text for reading in readings)} |"
        for name, question in QUESTIONS.items()
    )
    head = f"| question | {' | '.join(reading.system for reading in readings)} |"
    return "\n".join([head, "|---" * (len(readings) + 1) + "|", *rows])
