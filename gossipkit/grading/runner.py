"""One submission from its first cell to its last test: the student's process, the judging one, and the way between them.

The student's cells run in the order in which they were handed in; a test runs when everything that stands before it has
run and the answers that it reads are there, or else when there is nothing more to run. It is handed these answers, and
everything else that it uses is the course's own (see `answers`), so no test depends on another one.

A cell that had to be stopped is left out from then on: what was done before it is done again in a new process, and a test
that then does not pass has no verdict rather than a bad one. A question that ends the student's process costs the test
that asked it; for the next question there is a new process, however often that happens. What is limited are the cells
that end a process, because there can be any number of them.
"""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

import nbformat

from .answers import Needs, answer_cells, declared, grade_id, locked, names_of, needs, own_cells, parse
from .sandbox import Confined, Stopped
from .told import EVERY, LONGEST_ERROR, LONGEST_NAME, LONGEST_OUTPUT, MOST_LOST
from .unanswered import answered, handed_out, in_words, why_not

RESTARTS = 3  # after cells that had to be stopped
NO_VERDICT = "no verdict was possible"
AUTHORS = "The assignment's author has to mend that"
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
        What the student's cells and their answers to tests may take on the clock, all together and done again.
    tasks : set of str
        The tests that are to run.
    answers : collection of str, optional
        The names that are the student's, where ``source`` has no answers; else they are those that its answers bind.
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
        answers: Collection[str] | None = None,
        given: Mapping[str, str] | None = None,
    ):
        self.start, self.seconds, self.tasks = start, seconds, tasks
        self.given = handed_out(source) if given is None else given
        self.bound = {name: names_of(cell.source).bound for name, cell in answer_cells(source)}
        self.steps = [cell for cell in notebook.cells if cell.cell_type == "code"]
        self.own = own_cells(source)
        if answers is None:
            answers = {name for given in declared(source).values() for name in given}
        self.needs = needs(source, answers)
        self.outputs: dict[int, dict] = {}
        self.done = 0  # of the steps
        self.lost: dict[str, str] = {}  # the student's names that lack something, and what
        self.left_out: dict[int, str] = {}  # steps that had to be stopped, and what they did
        self.restarts, self.spent = 0, 0.0  # seconds on the clock in which the student's process was asked
        self.student: Confined | None = None
        self.checker: Confined | None = None

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
            while waiting := [name for name in self.needs if name in self.tasks and name not in verdicts]:
                for name in waiting:
                    if places[name] <= self.done and (verdict := self._judge(name)) is not None:
                        verdicts[name] = verdict
                if self.done < len(self.steps):
                    self._step()
            return {name: verdicts[name] for name in self.needs if name in verdicts}
        finally:
            for process in (self.student, self.checker):
                if process is not None:
                    process.stop()

    def _step(self) -> None:
        """Run the student's next cell."""
        at = self.done
        self.done += 1
        if self._used_up or self._living_student(at) is not None:
            self._run(at)

    def _run(self, at: int) -> None:
        """Run a cell; one that can't be run to its end is left out from then on."""
        source = _for_students(self.steps[at])
        if not source.strip() or at in self.left_out:
            return
        if self._used_up:
            self._leave_out(at, f"was not run, because {self._used_up}")
            return
        try:
            said = self._ask({"do": "cell", "source": source})
            self.lost = said.pop("lost")
            self.outputs[at] = said
        except Stopped as error:
            self._lose_student()
            self.restarts += 1
            self._leave_out(at, str(error))

    def _leave_out(self, at: int, why: str) -> None:
        first = _for_students(self.steps[at]).strip().splitlines()[0]
        self.left_out[at] = f"the cell that begins with {first[:60]!r} {why}"
        self.outputs[at] = {"output": "", "raised": {"name": "Stopped", "text": f"this cell {why}"}}

    def _living_student(self, until: int) -> Confined | None:
        """The student's process; a new one has done again what was done before the step ``until``, if there is time.

        None after too many.
        """
        while self.student is None and self.restarts <= RESTARTS:
            self.student = self.start("gossipkit.grading.student")
            for at in range(until):
                if self.student is not None and not self._used_up:
                    self._run(at)
        return self.student

    def _lose_student(self) -> None:
        self.student.stop()
        self.student = None

    def _judge(self, name: str) -> Verdict | None:
        """Run a test in the judging process; None if an answer that it reads may still be found further down."""
        needed = self.needs[name]
        if needed.nowhere:
            reader, missing = needed.nowhere[0]
            return Verdict(
                None,
                f"{NO_VERDICT}: the course's cell {reader!r} needs {missing!r}, which no answer and no other cell of the "
                f"course gives it. {AUTHORS}",
            )
        told = self._told(needed)
        if told is None:
            return None
        try:
            said = self._exchange(name, needed, told)
        except Stopped as error:
            if self.checker is not None:
                self.checker.stop()
            self.checker = None
            return Verdict(None, f"{NO_VERDICT}: the test {error}")
        if "broken" in said:
            error, cell = in_words(said["broken"]), said["broken"]["cell"]
            return Verdict(None, f"{NO_VERDICT}: the course's cell {cell!r} ended with {error}. {AUTHORS}")
        wanted = set(needed.answers)
        reason = self._reason(said, wanted)
        lost = [self.lost[one] for one in needed.answers if one in self.lost]
        if EVERY in self.lost and said.get("raised", {}).get("name") == "NameError":
            lost.append(self.lost[EVERY])
        if "unjudged" in said or (reason and lost):
            return Verdict(None, f"{NO_VERDICT}: {said.get('unjudged') or lost[0]}", said["answers"])
        if "gone" in said or (reason and self.left_out):
            causes = [*self.left_out.values(), *([said["gone"]] if "gone" in said else [])]
            return Verdict(None, f"{NO_VERDICT}: {'; '.join(causes)}")
        return Verdict(not reason, reason, said["answers"])

    def _told(self, needed: Needs) -> dict | None:
        """The answers that a test reads, as the student's process tells them; None if cells are left that may bind them."""
        if not needed.answers:
            return {"values": {}}
        try:
            values = self._asked({"do": "names", "names": list(needed.answers)})["values"]
        except Stopped as error:
            return {"values": None, "gone": str(error)}
        if not set(needed.answers) <= set(values) and self.done < len(self.steps):
            return None
        return {"values": {name: values[name] for name in needed.answers if name in values}}

    def _exchange(self, name: str, needed: Needs, told: dict) -> dict:
        """Let the judging process run a test, and carry its questions to the student's."""
        if self.checker is None:
            self.checker = self.start("gossipkit.grading.checker")
        setup = [[above, self.own[above].source] for above in needed.setup]
        message = self.checker.ask({"setup": setup, "test": [name, self.own[name].source], **told})
        while "ask" in message:
            try:
                answer = self._asked(message["ask"])
            except Stopped as error:
                answer = {"gone": str(error)}
            message = self.checker.ask(answer)
        return message["done"]

    def _asked(self, question: dict) -> dict:
        """What the student's process says to a question; one that fails costs the process, and the next has a new one."""
        if not self._used_up and self._living_student(self.done) is None:
            raise Stopped(f"nothing was asked any more, because cells had ended {self.restarts} processes")
        if self._used_up:  # before, or by what had to be done again
            raise Stopped(f"nothing was asked any more, because {self._used_up}")
        try:
            return self._ask(question)
        except Stopped as error:
            self._lose_student()
            raise Stopped(f"the test called code that {error}") from None

    @property
    def _used_up(self) -> str:
        """Why nothing more is run, when all but a tenth of the time is gone; empty before."""
        gone = self.spent > 0.9 * self.seconds
        return f"the submission had used up its {self.seconds:g} s" if gone else ""

    def _ask(self, question: dict) -> dict:
        """Ask the student's process, and make sure that the answer has the form that `student` gives it; Stopped if not."""
        begun = time.monotonic()
        try:
            # half of what is left, so that a cell or question that hangs leaves some for the others
            answer = self.student.ask(question, (self.seconds - self.spent) / 2)
        finally:
            self.spent += time.monotonic() - begun
        if not _well_formed(question, answer):
            self.student.stop("answered with what is no answer")
            raise Stopped(self.student.verdict)
        return answer

    def _reason(self, said: dict, wanted: set[str]) -> str:
        """Why a test was not passed that takes some names from answers."""
        if "raised" not in said:
            return why_not(said, {}, ())  # whatever the answer cells hold: to find that out takes longer
        places = {grade_id(cell): at for at, cell in enumerate(self.steps)}
        its = {name: names & wanted for name, names in self.bound.items() if names}
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


def _for_students(cell: nbformat.NotebookNode) -> str:
    """What of a cell a student's process runs: of a test its definitions, of what only shows something nothing."""
    if not locked(cell):
        return cell.source
    parts = parse(cell.source).body
    if cell.metadata.nbgrader.grade:
        return "\n".join(ast.unparse(part) for part in parts if isinstance(part, DEFINITIONS))
    return cell.source if any(isinstance(part, (*DEFINITIONS, ast.Assign)) for part in parts) else ""
