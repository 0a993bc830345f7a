"""What is kept of every submission, ``OUT/results``: a folder a student, in it a file a submission, written whole or not at all.

Everything else in ``OUT`` is made of these files. In a student's folder are ``ASSIGNMENT.json``, the result that counts;
``ASSIGNMENT-before-N.json``, those that it replaced; and ``not-run-….json``, what could not be run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count, pairwise
from pathlib import Path

from .names import student_id
from .results import UNGRADED, Mark, Result, results_from_json, results_to_json, store


def kept_at(out: Path, student: str, assignment: str) -> Path:
    """Where the result of a submission is kept."""
    return out / "results" / student_id(student) / f"{assignment}.json"


def kept(path: Path) -> Result | None:
    """The result that a file keeps, if there is one."""
    if not path.exists():
        return None
    (result,) = results_from_json(path.read_text("utf-8"))
    if not result.when:  # an earlier version wrote it
        result = replace(result, when=datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat())
    return result


def keep(path: Path, result: Result) -> None:
    """Keep a result; one that was kept before stays beside it."""
    if (before := kept(path)) is not None:
        places = (path.with_name(f"{path.stem}-before-{number:03}.json") for number in count(1))
        store(next(place for place in places if not place.exists()), results_to_json([before]))
    store(path, results_to_json([replace(result, when=datetime.now(UTC).isoformat())]))


def keep_unread(out: Path, results: Sequence[Result], regraded: bool = False) -> None:
    """Keep those of a call's results that were not run, and forget what could not be run before and is no longer so.

    What nobody could assign is forgotten when its student hands in anything that can be run, an assignment that could not
    be run when it can be. Where nothing was handed in, and what is kept was run again, that alone is forgotten which is the
    same submission.
    """
    unread = {_unread_at(out, result): result for result in results if not result.tests}
    for path, result in unread.items():
        store(path, results_to_json([result]))
    for result in results:
        if result.tests:
            for path in (out / "results" / student_id(result.student)).glob("not-run-*.json"):
                before = kept(path)
                same = (
                    before.digest == result.digest
                    if regraded
                    else before.assignment in ("", result.assignment)
                )
                if same and path not in unread:
                    path.unlink()


def _unread_at(out: Path, result: Result) -> Path:
    name = result.assignment or hashlib.sha256(result.file.encode()).hexdigest()[:12]
    return out / "results" / student_id(result.student) / f"not-run-{name}.json"


def graded(out: Path) -> dict[Path, Result]:
    """The results that count, by the file that keeps them."""
    files = {path: kept(path) for path in sorted(out.glob("results/*/*.json"))}
    return {path: result for path, result in files.items() if path.stem == result.assignment}


def everything(out: Path) -> list[Result]:
    """All results by student, those of submissions that were not run too.

    Where a student handed in again and that could not be run, the marks of before stand, and both are said.
    """
    results = {(one.student, one.assignment): one for one in graded(out).values()}
    unread = []
    for one in (kept(path) for path in sorted(out.glob("results/*/not-run-*.json"))):
        before = results.get((one.student, one.assignment))
        if before is not None:
            reason = one.marks[0].reason
            note = f"what was handed in later, {one.file}, could not be graded: {reason}"
            results[one.student, one.assignment] = replace(before, notes=(*before.notes, note))
            why = f"{reason}; the marks are those of what was handed in before"
            mark = Mark(one.student, one.assignment, "", None, 0.0, UNGRADED, why)
            one = replace(one, assignment="", marks=(mark,))
        unread.append(one)
    return sorted([*results.values(), *unread], key=lambda one: (one.student, one.assignment, one.file))


def retested(out: Path) -> Iterator[tuple[Result, Result]]:
    """Every time that a submission was judged again by other tests: its result before and after, in the order of time."""
    pairs = []
    for path, result in graded(out).items():
        versions = [kept(one) for one in path.parent.glob(f"{path.stem}-before-*.json")]
        for before, after in pairwise([*sorted(versions, key=lambda one: one.when), result]):
            if before.digest == after.digest and before.tests != after.tests:
                pairs.append((before, after))
    yield from sorted(pairs, key=lambda pair: pair[1].when)
