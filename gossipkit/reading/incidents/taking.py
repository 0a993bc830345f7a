"""How a run becomes a recording, and what is compared with a run without the fault.

A `Scene` builds a cluster with everything that happens in it; `take` lets it run and keeps what an operator could have seen.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from ...sim import Trace, World
from ...sim.trace import PACKETS
from .incident import Incident, walk
from .judging import SCRAPE_S, Answer
from .layers import Layer
from .recording import FOLDER, SUFFIX, Metric, Recording, load_answers, pack

DIGITS = 6
SETTLED_S = 20.0
"""Until then a cluster elects its first leader, and detectors learn their rhythm."""
MARGIN = 0.25
"""A metric has moved when it is further outside its range in a quiet run than so much of that range's width."""
ALWAYS = {
    "datagram.sent.messages": Metric("messages/s", "counter", "traffic"),
    "datagram.received.messages": Metric("messages/s", "counter", "traffic"),
    "app.requests": Metric("requests/s", "counter", "users"),
    "app.errors": Metric("errors/s", "counter", "users"),
}


class Scene:
    """An incident as it is made: a cluster, its users, and the fault.

    Attributes
    ----------
    name, product : str
    seed : int
    moment_s : float
        When the fault begins.
    paged_s, duration_s : float
    layer : Layer
    mechanism : str
    source : str
    metrics : mapping of str to Metric
        Those that are shown beside `ALWAYS`.
    phrases : mapping of str to str
        By kind of event, the line in a node's log, with the event's fields; other kinds leave no line.
    """

    name: ClassVar[str]
    product: ClassVar[str]
    seed: ClassVar[int] = 1
    moment_s: ClassVar[float]
    paged_s: ClassVar[float]
    duration_s: ClassVar[float]
    layer: ClassVar[Layer]
    mechanism: ClassVar[str]
    source: ClassVar[str]
    metrics: ClassVar[Mapping[str, Metric]]
    phrases: ClassVar[Mapping[str, str]]

    def build(self, fault: bool) -> Any:
        """Everything, ready to run: a system, or another object with a ``world``. Without ``fault`` nothing goes wrong."""
        raise NotImplementedError

    def roles(self, system: Any) -> dict[str, str]:
        """By node, its role."""
        raise NotImplementedError

    def moment(self, system: Any) -> float:
        """When the fault began, by the run's end, in seconds."""
        return self.moment_s

    def nodes(self, system: Any) -> tuple[str, ...]:
        """The nodes at which the fault is, by the run's end."""
        raise NotImplementedError

    def state(self, system: Any, node: str) -> dict[str, dict]:
        """What a running node says when it is asked: its ``view`` of others, and other ``facts``."""
        raise NotImplementedError

    def facts(self, system: Any) -> dict[str, Any]:
        """Numbers of a run with the fault, for page and debrief."""
        raise NotImplementedError

    def page(self, facts: Mapping[str, Any]) -> str:
        """What the operator got."""
        raise NotImplementedError

    def debrief(self, facts: Mapping[str, Any]) -> str:
        """What it was, with the run's numbers."""
        raise NotImplementedError

    def path(self, system: Any) -> tuple[tuple[str, tuple, str], ...]:
        """The reference path's questions, each with the piece of the reply that counts; "" for the extremes of a metric or a diagram."""
        raise NotImplementedError


class Taken:
    """A scene that has been run.

    Attributes
    ----------
    scene : Scene
    system : Any
    recording : Recording
    """

    def __init__(self, scene: Scene, fault: bool = True):
        self.scene, self.system = scene, scene.build(fault)
        world: World = self.system.world
        self._sampled: list[tuple[float, dict[str, dict | None]]] = []
        for second in range(int(scene.duration_s) + 1):
            world.at(second, self._sample)
        world.run(scene.duration_s)
        roles = scene.roles(self.system)
        metrics = ALWAYS | dict(scene.metrics)
        self.facts = scene.facts(self.system) if fault else {}
        self.recording = Recording(
            name=scene.name,
            product=scene.product,
            page=scene.page(self.facts) if fault else "",
            paged_s=scene.paged_s,
            duration_s=scene.duration_s,
            nodes=roles,
            metrics=metrics,
            values={name: _scraped(world, name, roles, scene.duration_s) for name in metrics},
            states={name: self._states(name, _away(world.trace, name)) for name in roles},
            lines=_lines(world.trace, scene.phrases, roles),
            packets=_packets(world.trace, tuple(roles)),
        )

    def _sample(self) -> None:
        scene, world = self.scene, self.system.world
        said: dict[str, dict | None] = {}
        for name, process in world.processes.items():
            env = getattr(process, "env", None)
            ahead_s = env.clock() - world.now if env is not None else 0.0
            said[name] = scene.state(self.system, name) | {"ahead_s": round(ahead_s, 3)}
        self._sampled.append((world.now, said))

    def _states(self, name: str, away: list[tuple[float, float]]) -> list[list]:
        """What a node said, from each second on in which it said otherwise than before."""
        found: list[list] = []
        for time, said in self._sampled:
            silent = any(begin <= time < end for begin, end in away)
            state = None if silent else said.get(name)
            if not found or found[-1][1] != state:
                found.append([time, state])
        return found

    def _shown(self, asked: tuple[str, tuple, str]) -> tuple[str, tuple, str]:
        """A question of the path; of a metric and of a diagram their extremes count."""
        name, arguments, shows = asked
        return name, arguments, shows or walk(Incident(self.recording), [asked])[0].extremes

    def answer(self, control: Taken) -> Answer:
        """What was so; ``control`` is the same scene without its fault."""
        scene = self.scene
        return Answer(
            layer=scene.layer,
            nodes=scene.nodes(self.system),
            moment_s=scene.moment(self.system),
            mechanism=scene.mechanism,
            moved_s=moved(self.recording, control.recording, scene.moment_s),
            path=tuple(map(self._shown, scene.path(self.system))),
            source=scene.source,
            debrief=scene.debrief(self.facts),
        )


def _scraped(world: World, name: str, roles: Mapping[str, str], seconds: float) -> dict[str, list[float]]:
    if name not in world.metrics.names:
        return {}
    found, looks = {}, np.arange(0.0, seconds + 1e-9, SCRAPE_S)
    for node in roles:
        times, values = world.metrics.series(name, node)
        places = np.searchsorted(times, looks, side="right")
        seen = [round(float(value), DIGITS) for value in np.array([0.0, *values])[places]]
        if any(seen):
            found[node] = [int(value) if value.is_integer() else value for value in seen]
    return found


def _away(trace: Trace, node: str) -> list[tuple[float, float]]:
    """When a node did not answer: it was down, or stood still."""
    found, since = [], None
    for time, _, kind, _ in trace.filter(node=node, kind=("crash", "leave", "restart", "pause", "wake")):
        if kind in ("crash", "leave", "pause"):
            since = time if since is None else since
        elif since is not None:
            found.append((since, time))
            since = None
    return found if since is None else [*found, (since, float("inf"))]


def _lines(trace: Trace, phrases: Mapping[str, str], roles: Mapping[str, str]) -> list[list]:
    """The nodes' logs; a line that a node repeats within a second is written once, with how often, as syslog does."""
    found: list[list] = []
    latest: dict[
        str, tuple
    ] = {}  # by node: its last line, what it said at first, when it was last said, and how often
    for time, node, kind, fields in trace:
        if kind not in phrases or node not in roles:
            continue
        text = phrases[kind].format_map({"node": node, **fields})
        line, first, said_s, times = latest.get(node, (None, "", 0.0, 0))
        if text == first and time - said_s < 1.0:
            line[2] = f"{text} ({times + 1} times)"
            latest[node] = line, text, time, times + 1
        else:
            found.append([round(time, 3), node, text])
            latest[node] = found[-1], text, time, 1
    return found


def _packets(trace: Trace, names: tuple[str, ...]) -> dict[str, list]:
    """Who sent what to whom, and how long it took; not why something did not arrive."""
    index = {name: at for at, name in enumerate(names)}
    kinds: dict[str, int] = {}
    rows: list[list[int]] = []  # sent, took, by, to, kind
    places: dict[tuple[str, int, bool], int] = {}
    for time, node, kind, fields in trace.filter(kind=PACKETS):
        now = round(time * 1e6)
        stream = kind.startswith("stream")
        if kind in ("send", "stream-send"):
            if node in index and fields["to"] in index:
                places[node, fields["number"], stream] = len(rows)
                message = getattr(fields["message"], "content", None) or fields["message"]
                called = type(message).__name__
                rows.append([now, -1, index[node], index[fields["to"]], kinds.setdefault(called, len(kinds))])
        elif kind in ("receive", "stream-receive"):
            place = places.get((fields["sender"], fields["number"], stream))
            if place is not None and rows[place][1] < 0:
                rows[place][1] = now - rows[place][0]
    sent = [row[0] for row in rows]
    steps = [later - before for before, later in zip([0, *sent], sent, strict=False)]
    columns = {
        name: [row[at] for row in rows] for at, name in enumerate(("took_us", "by", "to", "kind"), start=1)
    }
    return {"names": list(names), "kinds": list(kinds), "sent_us": steps, **columns}


def moved(recording: Recording, control: Recording, after_s: float) -> dict[str, float]:
    """By metric that has moved, summed over all nodes, when: the first scrape after ``after_s`` at which it is outside the range
    that it keeps in the control by more than `MARGIN` of that range. The control counts from `SETTLED_S` on.
    """
    found = {}
    for name, metric in recording.metrics.items():
        quiet, now = (_shown(each, name, metric) for each in (control, recording))
        times = np.arange(len(now)) * SCRAPE_S + (SCRAPE_S if metric.kind == "counter" else 0.0)
        settled = quiet[times > SETTLED_S]
        low, high = settled.min(), settled.max()
        slack = MARGIN * (high - low) + 1e-9
        outside = times[((now < low - slack) | (now > high + slack)) & (times > after_s)]
        if len(outside):
            found[name] = float(outside[0])
    return found


def _shown(recording: Recording, name: str, metric: Metric) -> np.ndarray:
    count = round(recording.duration_s / SCRAPE_S) + 1
    total = np.sum([np.zeros(count), *recording.values[name].values()], axis=0)
    return np.diff(total) / SCRAPE_S if metric.kind == "counter" else total


def take(scene: type[Scene]) -> tuple[Recording, Answer]:
    """Run a scene with and without its fault: what is shown of it, and what was so."""
    taken = Taken(scene())
    return taken.recording, taken.answer(Taken(scene(), fault=False))


def store(scenes: Mapping[str, type[Scene]], names: Iterable[str], answers: Path) -> None:
    """Record some of the scenes anew: recordings into the package's folder, answers into a file of their own.

    Parameters
    ----------
    scenes : mapping of str to class
        All of which the file has the answers.
    names : iterable of str
        Those to be recorded.
    answers : Path
    """
    known = dict(load_answers(answers))
    for name in names:
        recording, answer = take(scenes[name])
        packed = pack(recording.dumps())
        (FOLDER / f"{name}{SUFFIX}").write_bytes(packed)
        known[name] = answer.to_json()
        print(f"{name}: {len(packed):,} bytes")
    answers.write_bytes(pack(json.dumps({name: known[name] for name in scenes if name in known})))
