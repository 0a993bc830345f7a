"""Every panel of the lessons, driven to the ends of its controls, and the numbers that it shows there.

``tests/panels.json`` holds them, a line a setting, and ``tests/lab/test_lessons_panels.py`` compares.
``python -m tests.panels`` stores them anew, and says what has changed; with names of lessons only theirs.
"""

import argparse
import ast
import contextlib
import functools
import inspect
import io
import json
import math
import re
import sys
from pathlib import Path
from unittest import mock

import nbformat

from gossipkit.grading.answers import names_of
from gossipkit.lab import KnowledgeCheck, Panel, Prediction
from gossipkit.systems import comparison

ROOT = Path(__file__).resolve().parent.parent
STORED = Path(__file__).with_name("panels.json")
LESSONS = tuple(sorted(path.stem for path in ROOT.glob("notebooks/[0-9]*.ipynb")))
NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?(?:e[+-]?\d+)?")


def shown(lesson):
    """The lesson's panels, predictions and checks, by cell; only their cells are run, and what those build on."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{lesson}.ipynb", 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    wanted, missing = [], set()
    for cell in reversed(cells):
        names = names_of(cell.source)
        if names.read & {"Panel", "Prediction", "KnowledgeCheck"} or names.bound & missing:
            wanted.append(cell)
            missing = missing - names.bound | names.read
    values, namespace = {}, {"__name__": "__main__"}
    # three panels of one lesson play the same stories, a second of work each
    with mock.patch.object(comparison, "one_outage", remembered(comparison.one_outage)):
        for cell in reversed(wanted):
            with contextlib.redirect_stdout(io.StringIO()):
                values[cell.id] = evaluated(cell, namespace)
    return {
        cell: value
        for cell, value in values.items()
        if isinstance(value, (Panel, Prediction, KnowledgeCheck))
    }


def evaluated(cell, namespace):
    """The value of the cell's last expression."""
    body = ast.parse(cell.source).body
    last = body.pop() if isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), cell.id, "exec"), namespace)
    return last and eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace)


def remembered(function):
    """`function`, whose result for the same arguments, however they are given, is the one that it gave before."""
    signature = inspect.signature(function)
    once = functools.cache(lambda given: function(**dict(given)))

    @functools.wraps(function)
    def again(*args, **kwargs):
        given = signature.bind(*args, **kwargs)
        given.apply_defaults()
        named = {name: value for name, value in given.arguments.items() if name != "switches"}
        return once(tuple(sorted((named | given.kwargs).items())))

    return again


def driven(panel, move):
    """Move each control to both ends, a choice to all its options, and all controls together to the same end.

    After each move the setting is yielded: what differs from the values that the panel is shown with. `move` takes
    positions.

    Raises
    ------
    AssertionError
        When nothing that can be read differs between a control's ends, neither with the others where they are shown nor
        with all of them at their last positions.
    """
    start = [control.index(control.value) for control in panel.controls]
    last = [len(control.positions) - 1 for control in panel.controls]
    seen = {}

    def at(positions):
        said = ", ".join(
            f"{control.name}={control.positions[position]}"
            for control, position, shown in zip(panel.controls, positions, start, strict=True)
            if position != shown
        )
        if said not in seen:
            move(positions)
            seen[said] = panel.state["alt"], panel.state["rows"]
            yield said or "as shown"
        return seen[said]

    yield from at(start)
    for place, control in enumerate(panel.controls):
        ends = range(len(control.positions)) if control.kind != "range" else (0, last[place])
        # a switch of what helps slow members shows nothing while nobody is slow
        for others in (start, last):
            faces = []
            for end in ends:
                faces.append((yield from at([*others[:place], end, *others[place + 1 :]])))
            if faces[0] != faces[-1]:
                break
        else:
            raise AssertionError(f"{control.name} changes nothing that can be read")
    yield from at([0] * len(start))
    yield from at(last)


def numbers(panel):
    """What can be read, and sums over what is in the table and in the picture.

    Parameters
    ----------
    panel : Panel
        As it is now.

    Returns
    -------
    dict
        `lines`, the numbers in words; `table`, by column the sum of all numbers in its cells; `drawn`, the sum of all
        numbers in the picture, of their absolute values, to six digits.
    """
    state = panel.state
    # where a player's nodes stand comes of many steps of floats, which are the platform's
    drawn = state["chart"] or {part: its for part, its in state["scene"].items() if part != "nodes"}
    columns = zip(*state["rows"], strict=True)
    return {
        "lines": state["lines"],
        "table": {
            name: round(math.fsum(float(n.replace(",", "")) for n in NUMBER.findall(" ".join(cells))), 6)
            for name, cells in zip(state["columns"], columns, strict=True)
        },
        "drawn": float(f"{math.fsum(everything(drawn)):.6g}"),
    }


def everything(drawn):
    """All numbers in a piece of JSON, without their signs, so that none makes up for another."""
    if isinstance(drawn, dict):
        drawn = drawn.values()
    if isinstance(drawn, str) or drawn is None:
        return
    if isinstance(drawn, (int, float)):
        yield abs(drawn)
        return
    for each in drawn:
        yield from everything(each)


def same(before, now):
    """Whether two settings' `numbers` are the same.

    What is printed is rounded already and must be as it was, as in the notebooks. What is drawn has all digits, and the last
    of them are the platform's.
    """
    return before | {"drawn": 0} == now | {"drawn": 0} and math.isclose(
        before["drawn"], now["drawn"], rel_tol=2e-5
    )


def changes(before, now):
    """Lines that say which settings' numbers differ; both are settings' numbers, by setting."""
    found = []
    for setting in before | now:
        was, its = before.get(setting), now.get(setting)
        if was is None or its is None:
            found.append(f"{setting}: {'is new' if was is None else 'is gone'}")
        elif not same(was, its):
            parts = [part for part in its if was[part] != its[part]]
            found += [
                f"{setting}: {part}\n    was {said(was[part])}\n    is  {said(its[part])}" for part in parts
            ]
    return found


def said(value):
    return json.dumps(value, ensure_ascii=False)


def stored():
    """What `tests/panels.json` holds: by lesson, cell and setting."""
    return json.loads(STORED.read_text(encoding="utf-8"))


def store(told):
    """Write it with a line a setting."""
    lines = [f"{said(setting)}: {said(its)}" for setting, its in told.items()]
    STORED.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


def main():
    """Store them anew; the exit status is 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.panels", description=__doc__.split("\n")[0])
    parser.add_argument("lessons", nargs="*", help=f"default: all of {', '.join(LESSONS)}")
    lessons = parser.parse_args().lessons or LESSONS
    if unknown := [lesson for lesson in lessons if lesson not in LESSONS]:
        parser.error(f"there is no lesson {unknown[0]}: it must be one of {', '.join(LESSONS)}")
    before = stored() if STORED.is_file() else {}
    now = {}
    for lesson in LESSONS:
        if lesson not in lessons:
            now |= {where: its for where, its in before.items() if where.startswith(f"{lesson}, ")}
            continue
        for cell, panel in shown(lesson).items():
            if isinstance(panel, Panel):
                for setting in driven(
                    panel, lambda positions, panel=panel: panel.answer_to({"positions": positions})
                ):
                    now[f"{lesson}, {cell}: {setting}"] = numbers(panel)
                print(f"{lesson}, {cell}", file=sys.stderr)
    print("\n".join(changes(before, now)) or "nothing has changed")
    store(now)
    return 0


if __name__ == "__main__":
    sys.exit(main())
