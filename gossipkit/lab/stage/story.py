"""A run told in plain words: what happened in each lane, and a few lines that say how it ended."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .cast import TOLD_BY_ALL
from .columns import RUNNING
from .play import Run

MOST_EVENTS = 400
TOGETHER_S = 1.0
ALONE = ("operation-begun", "operation-ended", "refused")  # what somebody asked for is told one by one


def events(run: Run) -> tuple[list[dict], bool]:
    """What the lanes tell, in order of time, and whether some was left out because it is too much."""
    found = [
        *_together(_opinions(run), lambda event: (event["kind"], event["node"])),
        *_together(
            _happenings(run), lambda event: (event["kind"], event["at_s"] if event["kind"] in ALONE else None)
        ),
    ]
    found.sort(key=lambda event: event["at_s"])
    return found[:MOST_EVENTS], len(found) > MOST_EVENTS


def _together(events: Iterable[dict], alike: Callable[[dict], Any]) -> Iterator[dict]:
    """What happens again within a second is told once, with how often: nobody listens to twenty equal sentences."""
    last: dict[Any, tuple[dict, float, int]] = {}  # the first, the time of the latest, and how many more
    for event in events:
        key = alike(event)
        first, latest, more = last.get(key, (None, 0.0, 0))
        if first is not None and event["at_s"] <= latest + TOGETHER_S:
            last[key] = first, event["at_s"], more + 1
        else:
            if first is not None:
                yield _summed(first, latest, more)
            last[key] = event, event["at_s"], 0
    for first, latest, more in last.values():
        yield _summed(first, latest, more)


def _summed(event: dict, latest: float, more: int) -> dict:
    if not more:
        return event
    return event | {"text": f"{event['text']}, and {more} more like it until {latest:.1f} s"}


def _event(
    run: Run, time: float, lane: str, node: str | None, about: str | None, kind: str, text: str
) -> dict:
    index = run.folded.index
    return {
        "at_s": round(time, 6),
        "lane": lane,
        "node": index.get(node),
        "about": index.get(about),
        "kind": kind,
        "text": text,
    }


def _happenings(run: Run):
    """Events of the trace for which the family has a sentence."""
    for time, node, kind, told in run.others:
        found = run.cast.told.get(kind) or TOLD_BY_ALL.get(kind)
        if found:
            lane, sentence = found
            yield _event(
                run,
                time,
                lane,
                node,
                told.get("about"),
                kind,
                sentence.format_map(_Said(told, node)),
            )


class _Said(dict):
    """What a sentence may name: the event's fields, and its node."""

    def __init__(self, told: dict, node: str | None):
        super().__init__(told, node=node)

    def __missing__(self, name: str) -> str:
        return "?"


def _opinions(run: Run):
    """Of each subject: who first thinks worse of it, when all do, and when nobody does any more."""
    folded, cast = run.folded, run.cast
    severity = [belief.severity for belief in cast.beliefs]
    count = len(run.names)
    watching = [
        state != "absent" for state in ["up"] * len(run.first) + ["absent"] * (count - len(run.first))
    ]
    believers = [Counter({0: count}) for _ in range(count)]
    held: dict[tuple[int, int], int] = {}
    alone: set[tuple[int, int]] = set()
    merged = sorted(
        [(time, 0, change) for time, *change in folded.states]
        + [(time, 1, change) for time, *change in folded.beliefs],
        key=lambda each: each[:2],
    )
    running = sum(watching)
    for time, which, change in merged:
        if which == 0:
            node, state = change
            watching[node] = state in RUNNING
            running = sum(watching)
            continue
        observer, subject, word = change
        before = held.get((observer, subject), 0)
        held[observer, subject] = word
        believers[subject][before] -= 1
        believers[subject][word] += 1
        if not time and not watching[subject]:
            continue
        one, other = run.names[observer], run.names[subject]
        label = cast.beliefs[word].word
        verb = cast.verbs[label].format(about=other)
        if severity[word] >= 2 and (subject, word) not in alone:
            alone.add((subject, word))
            yield _event(run, time, "gossip", one, other, label, f"{one} is the first that {verb}")
        if severity[word] >= 2:
            others = running - watching[subject]
            if others > 1 and believers[subject][word] >= others and _all(held, watching, subject, word):
                yield _event(
                    run, time, "gossip", None, other, f"{label} everywhere", f"every running node {verb}"
                )
        elif severity[before] >= 2 and not any(
            believers[subject][worse] for worse, each in enumerate(severity) if each >= 2
        ):
            for worse, each in enumerate(severity):
                if each >= 2:
                    alone.discard((subject, worse))
            yield _event(run, time, "gossip", None, other, "over", f"nobody doubts {other} any more")


def _all(held: dict, watching: list[bool], subject: int, word: int) -> bool:
    return all(
        held.get((observer, subject), 0) == word
        for observer, watches in enumerate(watching)
        if watches and observer != subject
    )


def summary(run: Run) -> list[str]:
    """How the window ended, in a few lines: the text face."""
    packets = run.packets
    lost = sum(fate in (1, 2, 3, 4) for fate in packets.fate)
    states = Counter(run.folded.state)
    up = sum(states[each] for each in RUNNING)
    lines = [
        f"{run.cast.title}: {len(run.names)} nodes, {up} of them running after {run.seconds:g} s",
        f"{len(packets):,} packets, {lost:,} of them lost",
        f"{run.folded.wrong[-1][1]:,} pairs disagree with what is so",
    ]
    for lane, curve in zip(run.cast.lanes[1:], (run.cast.authority(run), run.cast.repair(run)), strict=True):
        if not lane.off and curve:
            last = curve[-1][1]
            unit = lane.unit.removesuffix("s") if last == 1 else lane.unit
            lines.append(f"{lane.label}: {last:,.4g} {unit}".rstrip())
    return lines
