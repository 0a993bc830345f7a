"""What code can't have in the student's process: a module that is not installed, and an answer to ``input()``.

The student's own computer has it, so a statement that fails for it is skipped in words, and the rest of its cell runs.
An import at any depth binds a stand-in instead, so that a module which nobody uses costs nothing, and one that is used fails
where it is used. Names that depend on what was skipped are *lost*; a test that reads one has no verdict unless it passes.
"""

from __future__ import annotations

import ast
import contextlib
import importlib.util
import sys
from collections.abc import Callable, Iterator

from IPython.core.error import StdinNotImplementedError

from .told import EVERY
from .unjudged import answered_by

STAND_IN = "__lacking__"  # the built-in function that makes one
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
BINDS_AGAIN = (ast.Assign, ast.AnnAssign, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
NOBODY = "the grader has nobody who could answer input()"


def _not_there(missing: Missing):
    raise ModuleNotFoundError(f"No module named {missing.module!r}", name=missing.module)


@answered_by(_not_there)
class Missing:
    """Stands for a module, or for what is in one, that the grader lacks: any use of it raises ModuleNotFoundError."""

    def __init__(self, module: str, why: str):
        self.module, self.why = module, why

    def __getattr__(self, name: str):
        _not_there(self)

    __call__ = __mro_entries__ = lambda self, *args, **kwargs: _not_there(self)

    def __repr__(self) -> str:
        return f"<{self.module}, which the grader lacks>"


class Lacks:
    """What one student's process lacks.

    Parameters
    ----------
    skipped : callable
        Called with what was skipped, and why, in words.

    Attributes
    ----------
    lost : dict
        Names that are not what they would be, each with the reason; ``*`` stands for all that nobody bound.
    """

    def __init__(self, skipped: Callable[[str, str], None]):
        self.skipped, self.lost = skipped, {}

    def reason(self, error: BaseException | None) -> str:
        """What is lacking, if that is why an error was raised; else empty."""
        if isinstance(error, StdinNotImplementedError):
            return NOBODY
        if isinstance(error, ModuleNotFoundError) and error.name and _absent(error.name):
            return f"the grader lacks the module {error.name.partition('.')[0]!r}, or none has that name"
        if isinstance(error, NameError) and (error.name in self.lost or EVERY in self.lost):
            return self.lost.get(error.name) or self.lost[EVERY]
        return self.reason(error.__cause__) if error is not None else ""

    def after(self, statement: ast.stmt, why: str) -> None:
        """A statement at a cell's top was run, or skipped if there is a reason: what it would bind is lost, or found again."""
        if not why and not self.lost:
            return
        why = why or next((self.lost[name] for name in sorted(_read(statement)) if name in self.lost), "")
        if why:
            self.lost |= dict.fromkeys(_changed(statement), why)
        elif isinstance(statement, BINDS_AGAIN):
            for name in _changed(statement):
                self.lost.pop(name, None)

    def all_of(self, why: str) -> None:
        """What would have bound names that nobody knows was skipped."""
        self.lost[EVERY] = why

    def stand_in(self, error: ModuleNotFoundError, statement: str, name: str) -> Missing:
        """What an import binds that failed, if the grader lacks its module; else its error is raised."""
        why = self.reason(error)
        if not why:
            raise error
        caller = sys._getframe(1)
        if caller.f_locals is caller.f_globals:
            self.lost[name] = why
        self.skipped(statement, why)
        return Missing(error.name, why)


class StandIns(ast.NodeTransformer):
    """Lets each import that may fail bind a stand-in, but for those whose failure the student's own code expects."""

    def visit_Import(self, node: ast.Import) -> list[ast.stmt]:
        return [_guarded(node, ast.Import([alias])) for alias in node.names]

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        if node.module == "__future__" or node.level or any(alias.name == "*" for alias in node.names):
            return node
        return [_guarded(node, ast.ImportFrom(node.module, [alias], 0)) for alias in node.names]

    def visit_Try(self, node: ast.Try) -> ast.stmt:
        return node

    visit_TryStar = visit_With = visit_AsyncWith = visit_Try


def _guarded(original: ast.stmt, one: ast.Import | ast.ImportFrom) -> ast.stmt:
    alias = one.names[0]
    name = alias.asname or (alias.name.partition(".")[0] if isinstance(one, ast.Import) else alias.name)
    told = [ast.Name("__lacked__", ast.Load()), ast.Constant(ast.unparse(one)), ast.Constant(name)]
    made = ast.Assign([ast.Name(name, ast.Store())], ast.Call(ast.Name(STAND_IN, ast.Load()), told, []))
    handler = ast.ExceptHandler(ast.Name("ModuleNotFoundError", ast.Load()), "__lacked__", [made])
    return ast.fix_missing_locations(ast.copy_location(ast.Try([one], [handler], [], []), original))


def _absent(module: str) -> bool:
    top = module.partition(".")[0]
    try:
        return top not in sys.modules and importlib.util.find_spec(top) is None
    except (ImportError, ValueError):
        return False


def _read(statement: ast.stmt) -> set[str]:
    """The names that a statement reads, at any depth."""
    return {
        node.id
        for part in _with_magic(statement)
        for node in ast.walk(part)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }


def _changed(statement: ast.stmt) -> set[str]:
    """The names that a statement binds, or whose values it changes in place."""
    names = set()
    for part in _with_magic(statement):
        for node in _at_the_top(part):
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
                names.add(node.id)
            elif isinstance(node, (*FUNCTIONS[:2], ast.ClassDef)):
                names.add(node.name)
            elif isinstance(node, ast.alias):
                names.add(node.asname or node.name.partition(".")[0])
            elif isinstance(node, (ast.Attribute, ast.Subscript)) and not isinstance(node.ctx, ast.Load):
                names |= _owner(node)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                names |= _owner(node.value.func)
    return names - {"get_ipython"}


def _owner(node: ast.expr) -> set[str]:
    """The name of ``settings`` in ``settings["mode"].x``; none if there is no such name, or nothing after it."""
    if isinstance(node, ast.Name):
        return set()
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _at_the_top(node: ast.AST) -> Iterator[ast.AST]:
    """A node and what is in it, but for the insides of functions."""
    yield node
    if not isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        for child in ast.iter_child_nodes(node):
            yield from _at_the_top(child)


def _with_magic(statement: ast.stmt) -> list[ast.stmt]:
    """A statement, and those in the body of a cell magic that it calls."""
    found = [statement]
    call = getattr(statement, "value", None)
    if isinstance(call, ast.Call) and getattr(call.func, "attr", "") == "run_cell_magic" and call.args:
        with contextlib.suppress(SyntaxError, ValueError, TypeError, AttributeError):
            found += ast.parse(call.args[-1].value).body
    return found
