"""Which names are a student's, and where a test takes all the others from.

A name is an *answer* if an answer cell of the reference binds it and no cell of the course does; what an answer cell only
imports is the course's too. A test may take

1. answers: these, and nothing else, are asked of the student's process;
2. what the course's *setup cells* above it bind: locked cells that give no points and read no answer, so that no answer can
   make them fail;
3. what it binds itself, and Python's own names.

A test that takes anything else would depend on another test, or on what a student happens to have bound. `refuse_others`
names it.
"""

from __future__ import annotations

import ast
import builtins
import symtable
import sys
import threading
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

import nbformat
from nbgrader.utils import is_grade

from .course import GradingError

_PARSING = threading.Lock()
PYTHONS = {*dir(builtins), "__name__"}


@dataclass(frozen=True)
class Needs:
    """Where a test takes its names from.

    Parameters
    ----------
    setup : tuple of str
        The setup cells that it builds on, in their order.
    answers : tuple of str
        The names that are asked of the student's process, in alphabetical order.
    nowhere : tuple of (str, str)
        Names that nobody binds, each after the cell that reads it.
    """

    setup: tuple[str, ...]
    answers: tuple[str, ...]
    nowhere: tuple[tuple[str, str], ...]


def parse(source: str) -> ast.Module:
    """What `ast.parse` gives, for one thread after the other.

    Python 3.11 counts how deep it is in a tree for all threads together, and raises SystemError where two of them parse at
    the same time (CPython's issue 106905).
    """
    with _PARSING:
        return ast.parse(source)


def grade_id(cell: nbformat.NotebookNode) -> str | None:
    """The name by which nbgrader knows a cell."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def locked(cell: nbformat.NotebookNode) -> bool:
    """Whether a cell is the assignment's, and students leave it as it is."""
    return bool(cell.metadata.get("nbgrader", {}).get("locked"))


def own_cells(source: nbformat.NotebookNode) -> dict[str, nbformat.NotebookNode]:
    """An assignment's own code cells, which no student may change, by name."""
    return {grade_id(cell): cell for cell in source.cells if cell.cell_type == "code" and locked(cell)}


def declared(source: nbformat.NotebookNode) -> dict[str, list[str]]:
    """The answers of an assignment: of each answer cell the names that it gives, in alphabetical order.

    Parameters
    ----------
    source : NotebookNode
        With the reference answers.
    """
    courses = {name for cell in own_cells(source).values() for name in names_of(cell.source).bound}
    found = {name: sorted(names_of(cell.source).made - courses) for name, cell in answer_cells(source)}
    return {name: given for name, given in found.items() if given}


def needs(source: nbformat.NotebookNode, answers: Collection[str]) -> dict[str, Needs]:
    """What each test of an assignment takes, by its name, in their order.

    Parameters
    ----------
    source : NotebookNode
        With the tests.
    answers : collection of str
        The names that are the student's.
    """
    found, above = {}, {}
    for name, cell in own_cells(source).items():
        if is_grade(cell):
            found[name] = _needs(name, cell, above, frozenset(answers))
        elif not names_of(cell.source).read & frozenset(answers):
            above[name] = cell
    return found


def _needs(
    name: str, test: nbformat.NotebookNode, setup: dict[str, nbformat.NotebookNode], answers: frozenset[str]
) -> Needs:
    its = names_of(test.source)
    wanted = dict.fromkeys(its.read - its.bound - answers, name)
    built_on = []
    for above, cell in reversed(setup.items()):
        its_own = names_of(cell.source)
        if its_own.bound & wanted.keys():
            built_on.append(above)
            wanted = {one: reader for one, reader in wanted.items() if one not in its_own.bound}
            wanted |= dict.fromkeys(its_own.read - its_own.bound, above)
    nowhere = [(reader, one) for one, reader in wanted.items() if one not in PYTHONS]
    return Needs(tuple(reversed(built_on)), tuple(sorted(its.read & answers)), tuple(sorted(nowhere)))


def refuse_others(name: str, source: nbformat.NotebookNode) -> None:
    """Make sure that every test takes no more than it may.

    Parameters
    ----------
    name : str
        The assignment's.
    source : NotebookNode

    Raises
    ------
    GradingError
        For a cell that is no Python, and for a test that needs a name that is no answer and that no setup cell above it
        binds; the message names the cell and the name, and says what to do.
    """
    for cell in source.cells:
        if cell.cell_type == "code" and grade_id(cell):
            try:
                parse(cell.source)
            except SyntaxError as error:
                raise GradingError(
                    f"{name}: the cell {grade_id(cell)!r} is no plain Python (line {error.lineno}: {error.msg})"
                ) from None
    answers = {one for given in declared(source).values() for one in given}
    for test, needed in needs(source, answers).items():
        for reader, one in needed.nowhere:
            raise GradingError(f"{name}: {_nowhere(source, test, reader, one, answers)}")
        its, own = names_of(own_cells(source)[test].source), own_cells(source)
        for above in needed.setup:
            for answer, cell in answer_cells(source):
                for one in (
                    its.read - its.bound & names_of(own[above].source).bound & names_of(cell.source).made
                ):
                    raise GradingError(
                        f"{name}: the test {test!r} reads {one!r}, which both the answer cell {answer!r} and the cell "
                        f"{above!r} bind: give the answer another name"
                    )


def _nowhere(source: nbformat.NotebookNode, test: str, reader: str, name: str, answers: set[str]) -> str:
    said = f"the test {test!r} needs {name!r}"
    if reader != test:
        said = f"the test {test!r} builds on the cell {reader!r}, which needs {name!r}"
    for other, cell in own_cells(source).items():
        its = names_of(cell.source)
        if other == reader or name not in its.bound:
            continue
        if is_grade(cell):
            return f"{said}, which the test {other!r} binds: bind it in a setup cell above both, or in each of them"
        if its.read & answers:
            return (
                f"{said}, which the cell {other!r} binds; but that cell reads the answer {min(its.read & answers)!r}, so "
                "that an answer can make it fail: bind the name in a cell that reads no answer"
            )
        return f"{said}, which the cell {other!r} binds, and that stands below it: move it up"
    for other, cell in answer_cells(source):
        if name in names_of(cell.source).bound:
            return (
                f"{said}, which the answer cell {other!r} only imports, so that a student may bind it to anything: import "
                "it in a setup cell or in the test"
            )
    return f"{said}, which neither an answer nor a cell of the course binds"


def answer_cells(source: nbformat.NotebookNode) -> list[tuple[str, nbformat.NotebookNode]]:
    """An assignment's cells of code in which students answer, each behind its name."""
    return [
        (grade_id(cell), cell)
        for cell in source.cells
        if cell.cell_type == "code" and grade_id(cell) and not locked(cell)
    ]


@dataclass(frozen=True)
class Names:
    """The names of a cell: read at its top or as globals at any depth; bound at its top; of these, only imported."""

    read: frozenset[str] = frozenset()
    bound: frozenset[str] = frozenset()
    imported: frozenset[str] = frozenset()

    @property
    def made(self) -> frozenset[str]:
        """Those that the cell binds to something of its own."""
        return self.bound - self.imported


class _Apart(ast.NodeTransformer):
    """Comprehensions as generators, whose names are their own on each Python.

    PEP 709: since 3.12 a comprehension runs in the function around it, and `symtable` has its names there.
    """

    def visit_ListComp(self, node: ast.ListComp | ast.SetComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(node.elt, node.generators)

    visit_SetComp = visit_ListComp

    def visit_DictComp(self, node: ast.DictComp) -> ast.GeneratorExp:
        self.generic_visit(node)
        return ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators)


@cache
def names_of(source: str) -> Names:
    """The names of a cell, the same on each Python; none of one that is no Python."""
    try:
        if sys.version_info >= (3, 12):
            source = ast.unparse(_Apart().visit(ast.parse(source)))
        top = symtable.symtable(source, "cell", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):  # the last two: nested too deep
        return Names()
    symbols = top.get_symbols()
    read = {symbol.get_name() for symbol in symbols if symbol.is_referenced()}
    assigned = {symbol.get_name() for symbol in symbols if symbol.is_assigned()}
    imported = {symbol.get_name() for symbol in symbols if symbol.is_imported()}
    tables = list(top.get_children())
    while tables:
        table = tables.pop()
        tables += table.get_children()
        for symbol in table.get_symbols():
            if symbol.is_global() and symbol.is_referenced():
                read.add(symbol.get_name())
            if symbol.is_declared_global() and symbol.is_assigned():
                assigned.add(symbol.get_name())
    return Names(frozenset(read), frozenset(assigned | imported), frozenset(imported - assigned))
