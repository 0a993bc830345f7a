"""A run as the browser takes it: what is to be known beside the columns, and the columns."""

from __future__ import annotations

import numpy as np

from ...sim import Scenario
from . import story
from .actions import FAULT_FORMS, steps, touched
from .cast import TOLD_BY_ALL, Cast
from .columns import FATES, STATES, microseconds, pack
from .play import Run


def columns(run: Run, lanes: list[list[tuple[float, float]]]) -> tuple[bytes, list[dict]]:
    """All columns in one piece, and where each of them is; `lanes` are the run's `curves`."""
    index, packets, folded = run.folded.index, run.packets, run.folded
    sent = microseconds(packets.sent)
    order = np.argsort(sent, kind="stable")
    flight = np.maximum(microseconds(packets.flight), 0)
    fate = np.array(packets.fate, dtype=np.int64)
    under_way = fate == FATES.index("under way")
    flight[under_way] = round(run.seconds * 1e6) - sent[under_way]
    nowhere = len(index)  # an address that nobody has
    sender = np.array([index[name] for name in packets.sender], dtype=np.int64)
    receiver = np.array([index.get(name, nowhere) for name in packets.receiver], dtype=np.int64)
    order = order[receiver[order] < nowhere]
    kinds = np.array(packets.kind, dtype=np.int64)
    node = "u8" if nowhere <= 256 else "u16"
    found = [
        (name, kind, values[order])
        for name, kind, values in (
            ("p_sent", "u32", sent),
            ("p_flight", "u32", flight),
            ("p_from", node, sender),
            ("p_to", node, receiver),
            ("p_kind", "u8", kinds),
            ("p_fate", "u8", fate),
        )
    ]
    found += _changes("s", (("node", node), ("state", "u8")), folded.states)
    found += _changes("b", (("observer", node), ("subject", node), ("word", "u8")), folded.beliefs)
    for lane, curve in enumerate(lanes):
        found += _changes(f"c{lane}", (("value", "f32"),), curve)
    return pack(found)


def curves(run: Run) -> list[list[tuple[float, float]]]:
    """The curves of the three lanes, each as time and value at each change."""
    off = [lane.off for lane in run.cast.lanes]
    found = [run.folded.wrong, run.cast.authority(run), run.cast.repair(run)]
    return [[] if silent else curve for silent, curve in zip(off, found, strict=True)]


def _changes(prefix: str, fields, changes: list[tuple]) -> list[tuple]:
    table = list(zip(*changes, strict=True)) or [()] * (1 + len(fields))
    return [(f"{prefix}_time", "u32", microseconds(table[0]))] + [
        (f"{prefix}_{name}", kind, np.array(values, dtype=np.float64 if kind == "f32" else np.int64))
        for (name, kind), values in zip(fields, table[1:], strict=True)
    ]


def _jumps(cast: Cast) -> list[dict]:
    """To which events one can jump: the next of each lane, in the family's words."""
    of_lane = {"gossip": [], "authority": [], "repair": []}
    for kind, (lane, _) in (TOLD_BY_ALL | dict(cast.told)).items():
        of_lane[lane].append(kind)
    doubts = [belief.word for belief in cast.beliefs if belief.severity >= 2]
    of_lane["gossip"] = [*doubts, *(f"{word} everywhere" for word in doubts)] or of_lane["gossip"]
    labels = ("Next suspicion" if doubts else "Next news", "Next decision", "Next repair")
    return [
        {"label": label, "kinds": of_lane[lane.name]}
        for label, lane in zip(labels, cast.lanes, strict=True)
        if not lane.off
    ]


def meta(run: Run, scenario: Scenario, seed: int) -> tuple[dict, bytes]:
    """Everything but what belongs to the widget: its revision, its controls, what can be undone."""
    lanes = curves(run)
    data, places = columns(run, lanes)
    told, cut_off = story.events(run)
    cast, index = run.cast, run.folded.index
    done = steps(scenario)
    highs = [max((value for _, value in curve), default=0.0) for curve in lanes]
    return {
        "bytes": len(data),
        "title": cast.title,
        "system": cast.system,
        "seed": seed,
        "window": [0.0, run.seconds],
        "columns": places,
        "nodes": run.places,
        "groups": run.groups,
        "shape": cast.shape,
        "states": list(STATES),
        "kinds": [
            {
                "name": f"{name}-stream" if stream else name,
                "label": f"{cast.kinds[name]} (stream)" if stream else cast.kinds[name],
                "stream": stream,
            }
            for name, stream in run.kinds
        ],
        "fates": list(FATES),
        "beliefs": [
            {"word": belief.word, "label": belief.label, "severity": belief.severity}
            for belief in cast.beliefs
        ],
        "subject": cast.subject(run),
        "subjects": None if cast.subjects_all else [cast.subject(run)],
        "lanes": [lane.meta(high) for lane, high in zip(cast.lanes, highs, strict=True)],
        "events": told,
        "jumps": _jumps(cast),
        "faults": [
            {
                "at_s": step["at_s"],
                "step": at,
                "text": step["text"],
                "nodes": [index[name] for name in touched(step["arguments"]) if name in index],
            }
            for at, step in enumerate(done)
        ],
        "steps": done,
        "scenario": scenario.to_json(),
        "actions": [*FAULT_FORMS, *cast.operations],
        "max_events": story.MOST_EVENTS,
        "cut_off": cut_off,
        "summary": story.summary(run),
    }, data
