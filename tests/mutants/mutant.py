"""What a mutant is: a rule, the text whose change drops it, and the test that must notice."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Mutant:
    """A rule, and the text whose change drops it.

    Attributes
    ----------
    file : str
        Below the course's folder.
    rule : str
        What holds in the engine or the grader as it stands.
    text, replacement : str
        ``text`` stands in the file exactly once.
    test : str
        The test that must fail: its file and its function, as pytest names them.
    """

    file: str
    rule: str
    text: str
    replacement: str
    test: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}"

    def apply(self, source: str) -> str:
        """The file's text without the rule."""
        return source.replace(self.text, self.replacement)


def mutants_of(file: str, tests: str, *rules: tuple[str, str, str, str]) -> list[Mutant]:
    """Mutants of one file.

    Parameters
    ----------
    file : str
        Below ``gossipkit/``.
    tests : str
        The file of tests that mirrors it, below ``tests/``.
    *rules : tuple of str
        Rule, text, replacement and test: a function of ``tests``, or another file's as ``file::function``.
    """
    return [
        Mutant(
            f"gossipkit/{file}",
            rule,
            text,
            replacement,
            f"tests/{test}" if "::" in test else f"tests/{tests}::{test}",
        )
        for rule, text, replacement, test in rules
    ]
