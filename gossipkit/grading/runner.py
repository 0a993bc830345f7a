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
from .student import LONGEST_ERROR, LONGEST_NAME, LONGEST_OUTPUT

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
        What all of it may take on the clock, cells and questions together.
    tasks : set of str
        The tests that are to run.

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
    ):
        self.start, self.seconds, self.tasks = start, seconds, tasks
        self.steps = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.own = own_cells(source)
        self.outputs: dict[int, dict] = {}
        self.done = 0  # of the steps
        self.left_out: dict[int, str] = {}  # steps that had to be stopped, and what they did
        self.restarts = 0
        self.until = 0.0  # when its time is used up
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
        self.until = time.monotonic() + self.seconds
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
        try:
            self.outputs[at] = self._ask({"do": "cell", "source": source})
        except Stopped as error:
            self._lose_student()
            self.left_out[at] = f"the cell that begins with {source.strip().splitlines()[0][:60]!r} {error}"
            self.outputs[at] = {"output": "", "raised": {"name": "Stopped", "text": f"this cell {error}"}}

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
            self._time()
            if self.checker is None:
                self.checker = self.start("gossipkit.grading.checker")
                for earlier in self.judged:
                    self._exchange(earlier)
            said = self._exchange(name)
        except Stopped as error:
            if self.checker is not None:
                self.checker.stop()
            self.checker = None
            return Verdict(None, f"{NO_VERDICT}: the test {error}")
        self.judged.append(name)
        reason = self._reason(said)
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
        message = self.checker.ask({"source": source, "file": f"<{name}>"}, self._time())
        while "ask" in message:
            answer = self._answer(message["ask"], needs)
            message = self.checker.ask(answer, self._time())
        return message["done"]

    def _answer(self, question: dict, needs: set[str]) -> dict:
        try:
            answer = self._asked(question)
            while (
                question["do"] == "names"
                and self.done < len(self.steps)
                and self._lacks(question, answer, needs)
            ):
                self._step()
                answer = self._asked(question)
            return answer
        except Stopped as error:
            if self.student is not None:
                self._lose_student()
            return {"gone": str(error)}

    def _asked(self, question: dict) -> dict:
        if self._living_student(self.done) is None:
            raise Stopped(f"was stopped {self.restarts} times")
        return self._ask(question)

    def _ask(self, question: dict) -> dict:
        """Ask the student's process, and make sure that the answer has the form that `student` gives it; Stopped if not."""
        answer = self.student.ask(question, self._time())
        if not _well_formed(question, answer):
            self.student.stop("answered with what is no answer")
            raise Stopped(self.student.verdict)
        return answer

    def _time(self) -> float:
        """Seconds that the next cell or question may take: half of what is left, so that one that hangs leaves some."""
        left = self.until - time.monotonic()
        if left < self.seconds / 100:
            raise Stopped(f"was not run, because the submission had used up its {self.seconds:g} s")
        return left / 2

    def _lacks(self, question: dict, answer: dict, needs: set[str]) -> bool:
        return bool((set(question["names"]) & needs) - set(answer.get("values", {})))

    def _reason(self, said: dict) -> str:
        """Why a test was not passed."""
        if "failed" in said:
            return said["failed"]
        if "raised" not in said:
            return ""
        name, text = said["raised"]["name"], said["raised"]["text"]
        if name == "NotImplementedError":
            return "no answer was given"
        broken = [output["raised"] for output in self.outputs.values() if output["raised"]]
        if name == "NameError" and {error["name"] for error in broken} == {"NotImplementedError"}:
            return "no answer was given"
        because = (
            f", and an answer cell ended with {_error(**broken[-1])}"
            if name == "NameError" and broken
            else ""
        )
        return f"the test could not run ({_error(name, text)}{because})"


def _well_formed(question: dict, answer: object) -> bool:
    if not isinstance(answer, dict):
        return False
    if question["do"] == "names":
        return set(answer) == {"values"} and isinstance(answer["values"], dict)
    if question["do"] == "cell":
        output_fits = set(answer) == {"output", "raised"} and _text(answer["output"], 2 * LONGEST_OUTPUT)
        return output_fits and (answer["raised"] is None or _told_error(answer["raised"]))
    back = {"args", "kwargs"} if question["do"] == "call" else set()
    return set(answer) == {"value"} | back or (
        set(answer) == {"raised"} | back and _told_error(answer["raised"])
    )


def _told_error(said: object) -> bool:
    return (
        isinstance(said, dict)
        and set(said) == {"name", "text"}
        and _text(said["name"], LONGEST_NAME)
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


def _error(name: str, text: str) -> str:
    return f"{name}: {text}" if text else name
