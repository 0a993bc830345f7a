"""One submission from its first cell to its last test: the student's process, the judging one, and the way between them.

The student's cells run in the order in which they were handed in; a test runs when everything that stands before it has
run, and tests keep the order of their source. What a test needs and isn't there yet is looked for further down. A cell
that had to be stopped is left out from then on: what was done before it is done again in a new process, and a test that
then does not pass has no verdict rather than a bad one.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import nbformat

from .checker import names_of
from .sandbox import Confined, Stopped
from .told import EVERY, LONGEST_ERROR, LONGEST_NAME, LONGEST_OUTPUT, MOST_LOST
from .unanswered import answered, handed_out, why_not

RESTARTS = 3
NO_VERDICT = "no verdict was possible"
DEFINITIONS = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Verdict:
    """What a test said.

    Parameters
    ----------
    passed : bool or None
        None if there is no verdict.
    reason : str
        Why it was not passed.
    answers : mapping
        The student's values that it looked at, as text.
    """

    passed: bool | None
    reason: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


class Run:
    """A run of a submission.

    Parameters
    ----------
    notebook : NotebookNode
        The submission, whole (`intake.collect`).
    source : NotebookNode
        The assignment with the tests that are to run: as its authors wrote it, or as it was handed out.
    start : callable
        From a module's name to its `Confined` process.
    seconds : float
        What a test may take altogether, and what all cells together may, on the clock.
    tasks : set of str
        The tests that are to run.
    given : mapping, optional
        The sources of the answer cells, by name, as students received them, where ``source`` doesn't tell.

    Attributes
    ----------
    outputs : dict
        What each of the student's code cells that ran printed and raised, by its place among the code cells.
    """

    def __init__(
        self,
        notebook: nbformat.NotebookNode,
        source: nbformat.NotebookNode,
        start: Callable[[str], Confined],
        seconds: float,
        tasks: set[str],
        given: Mapping[str, str] | None = None,
    ):
        self.start, self.seconds, self.tasks = start, seconds, tasks
        self.given = handed_out(source) if given is None else given
        self.answers = {
            grade_id(cell): names_of(cell.source)[1]
            for cell in source.cells
            if cell.cell_type == "code" and grade_id(cell) and not locked(cell)
        }
        self.steps = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.own = own_cells(source)
        self.outputs: dict[int, dict] = {}
        self.done = 0  # of the steps
        self.lost: dict[str, str] = {}  # the student's names that lack something, and what
        self.left_out: dict[int, str] = {}  # steps that had to be stopped, and what they did
        self.restarts, self.spent = 0, 0.0  # seconds on the clock that cells took
        self.student: Confined | None = None
        self.checker: Confined | None = None
        self.judged: list[str] = []  # what a new checker has to run again

    def verdicts(self) -> dict[str, Verdict]:
        """Run everything; the verdict of each test, by its task.

        Raises
        ------
        Stopped
            If not even an empty process stays alive.
        Cancelled
            If the whole was called off; nothing is known then.
        """
        places = {grade_id(cell): at for at, cell in enumerate(self.steps)}
        verdicts = {}
        try:
            until = 0
            for name in needed(self.own, self.tasks):
                until = max(until, places[name])
                while self.done < until:
                    self._step()
                verdict = self._judge(name)
                if name in self.tasks:
                    verdicts[name] = verdict
            return verdicts
        finally:
            for process in (self.student, self.checker):
                if process is not None:
                    process.stop()

    def _step(self) -> None:
        """Run the student's next cell."""
        at = self.done
        self.done += 1
        if self._living_student(at) is not None:
            self._run(at)

    def _run(self, at: int) -> None:
        """Run a cell; one that can't be run to its end is left out from then on."""
        source = _for_students(self.steps[at])
        if not source.strip() or at in self.left_out:
            return
        begun = time.monotonic()
        try:
            if self.spent > self.seconds:
                raise Stopped(f"was not run, because cells had taken more than {self.seconds:g} s")
            said = _ask(self.student, {"do": "cell", "source": source})
            self.lost = said.pop("lost")
            self.outputs[at] = said
        except Stopped as error:
            self._lose_student()
            self.left_out[at] = f"the cell that begins with {source.strip().splitlines()[0][:60]!r} {error}"
            self.outputs[at] = {"output": "", "raised": {"name": "Stopped", "text": f"this cell {error}"}}
        self.spent += time.monotonic() - begun

    def _living_student(self, until: int) -> Confined | None:
        """The student's process; a new one has done again what was done before the step ``until``. None after too many."""
        while self.student is None and self.restarts <= RESTARTS:
            self.student = self.start("gossipkit.grading.student")
            for at in range(until):
                if self.student is not None:
                    self._run(at)
        return self.student

    def _lose_student(self) -> None:
        self.student.stop()
        self.student = None
        self.restarts += 1

    def _judge(self, name: str) -> Verdict:
        """Run one of the assignment's own cells in the judging process."""
        try:
            if self.checker is None:
                self.checker = self.start("gossipkit.grading.checker")
                for earlier in self.judged:
                    self._exchange(earlier)
            said = self._exchange(name)
        except Stopped as error:
            self.checker = None
            return Verdict(None, f"{NO_VERDICT}: the test {error}")
        self.judged.append(name)
        wanted = set().union(*(names_of(self.own[one].source)[0] for one in needed(self.own, {name})))
        reason = self._reason(said, wanted)
        lost = [self.lost[one] for one in sorted(wanted & set(self.lost))]
        if EVERY in self.lost and said.get("raised", {}).get("name") == "NameError":
            lost.append(self.lost[EVERY])
        if "unjudged" in said or (reason and lost):
            return Verdict(None, f"{NO_VERDICT}: {said.get('unjudged') or lost[0]}", said["answers"])
        if "gone" in said or (reason and self.left_out):
            causes = [
                *self.left_out.values(),
                *([f"the test called code that {said['gone']}"] if "gone" in said else []),
            ]
            return Verdict(None, f"{NO_VERDICT}: {'; '.join(causes)}")
        return Verdict(not reason, reason, said["answers"])

    def _exchange(self, name: str) -> dict:
        """Let the judging process run a cell, and carry its questions to the student's."""
        source = self.own[name].source
        needs = names_of(source)[0]
        until = time.monotonic() + self.seconds
        message = self.checker.ask({"source": source, "file": f"<{name}>"})
        while "ask" in message:
            message = self.checker.ask(self._answer(message["ask"], needs, until))
        return message["done"]

    def _answer(self, question: dict, needs: set[str], until: float) -> dict:
        try:
            answer = self._asked(question, until)
            while (
                question["do"] == "names"
                and self.done < len(self.steps)
                and self._lacks(question, answer, needs)
            ):
                self._step()
                answer = self._asked(question, until)
            return answer
        except Stopped as error:
            if self.student is not None:
                self._lose_student()
            return {"gone": str(error)}

    def _asked(self, question: dict, until: float) -> dict:
        student = self._living_student(self.done)
        if student is None:
            raise Stopped(f"was stopped {self.restarts} times")
        if time.monotonic() > until:
            raise Stopped(f"had not answered everything after {self.seconds:g} s")
        return _ask(student, question)

    def _lacks(self, question: dict, answer: dict, needs: set[str]) -> bool:
        return bool((set(question["names"]) & needs) - set(answer.get("values", {})))

    def _reason(self, said: dict, wanted: set[str]) -> str:
        """Why a test was not passed that takes some names from answers."""
        places = {grade_id(cell): at for at, cell in enumerate(self.steps)}
        its = {name: names & wanted for name, names in self.answers.items() if names}
        found = [name for name in self.given if its.get(name)] or [
            name for name in self.given if name not in its
        ]
        cells = {name: self.outputs.get(places[name], {}).get("raised") for name in found if name in places}
        untouched = {
            name
            for name in cells
            if not answered(self.steps[places[name]].source, self.given[name], its.get(name, ()))
        }
        return why_not(said, cells, untouched)


def _ask(student: Confined, question: dict) -> dict:
    """Ask a student's process, and make sure that the answer has the form that `student` gives it; Stopped if not."""
    answer = student.ask(question)
    if not _well_formed(question, answer):
        student.stop("answered with what is no answer")
        raise Stopped(student.verdict)
    return answer


def _well_formed(question: dict, answer: object) -> bool:
    if not isinstance(answer, dict):
        return False
    if question["do"] == "names":
        return set(answer) == {"values"} and isinstance(answer["values"], dict)
    if question["do"] == "cell":
        return (
            set(answer) == {"output", "raised", "lost"}
            and _text(answer["output"], 2 * LONGEST_OUTPUT)
            and (answer["raised"] is None or _told_error(answer["raised"]))
            and isinstance(answer["lost"], dict)
            and len(answer["lost"]) <= MOST_LOST
            and all(_text(said, LONGEST_NAME) for pair in answer["lost"].items() for said in pair)
        )
    back = {"args", "kwargs"} if question["do"] == "call" else set()
    return set(answer) == {"value"} | back or (
        set(answer) == {"raised"} | back and _told_error(answer["raised"])
    )


def _told_error(said: object) -> bool:
    return (
        isinstance(said, dict)
        and set(said) == {"name", "text", "lacks"}
        and _text(said["name"], LONGEST_NAME)
        and _text(said["lacks"], LONGEST_NAME)
        and _text(said["text"], LONGEST_ERROR)
    )


def _text(value: object, longest: int) -> bool:
    return isinstance(value, str) and len(value) <= longest


def grade_id(cell: nbformat.NotebookNode) -> str | None:
    """The name by which nbgrader knows a cell."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def own_cells(source: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """An assignment's own code cells, which no student may change, by name."""
    return {grade_id(cell): cell for cell in source.cells if cell.cell_type == "code" and locked(cell)}


def needed(own: dict[str, nbformat.NotebookNode], tasks: set[str]) -> list[str]:
    """The tests named, and before each the cells that define what it uses."""
    wanted, chosen = set(), []
    for name, cell in reversed(own.items()):
        loaded, bound = names_of(cell.source)
        if name in tasks or bound & wanted:
            chosen.append(name)
            wanted |= loaded
    return chosen[::-1]


def locked(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is the assignment's, and students leave it as it is."""
    return bool(cell.metadata.get("nbgrader", {}).get("locked"))


def _for_students(cell: nbformat.NotebookNode) -> str:
    """What of a cell a student's process runs: of a test its definitions, of what only shows something nothing."""
    if not locked(cell):
        return cell.source
    parts = ast.parse(cell.source).body
    if cell.metadata.nbgrader.grade:
        return "\n".join(ast.unparse(part) for part in parts if isinstance(part, DEFINITIONS))
    return cell.source if any(isinstance(part, (*DEFINITIONS, ast.Assign)) for part in parts) else ""
