"""An incident to be solved: what users saw, questions that cost an operator's time, a verdict, and then what it was."""

from bisect import bisect_right
from collections.abc import Callable, Iterable
from html import escape
from typing import Any, ClassVar

import numpy as np

from ...sim.checks import Refused, names, number, one_of
from .judging import POINTS, SCRAPE_S, Answer, Finding, check, score
from .recording import Recording, load, load_answers, recorded
from .replies import Belief, Diagram, Lines, Metrics, Series, Told
from .verdict import COSTS, ECONOMY, Question, Verdict

MOST_LINES, WINDOW_S = 30, 10.0


class Incident:
    """A recorded incident, made by `load`; printed, it shows the page as the operator got it.

    Attributes
    ----------
    name, product : str
    page : str
        Who called, and what users saw.
    paged_s, duration_s : float
        When the page came, and how long the recording is, in seconds from its beginning.
    nodes : dict of str to str
        By node, its role.
    asked : tuple of Question
        What has been asked so far.
    spent : int
        What that has cost.

    Examples
    --------
    >>> incident = Incident.load("read-only")
    >>> incident.product, incident.spent
    ('Consul', 0)
    >>> incident.ask("server-1", at_s=60)
    <server-1 at 60 s: 6 alive; 5 facts>
    >>> incident.spent
    2
    """

    UNSEEN: ClassVar[tuple[str, ...]] = ("night-shift", "checkout", "ghosts", "standstill")
    """Those of the exercise: they can be looked into, and their answers are with the instructor."""

    def __init__(self, recording: Recording):
        self._recording = recording
        self._asked: list[Question] = []
        self._verdict: Verdict | None = None

    @classmethod
    def load(cls, name: str) -> "Incident":
        """An incident of this package, from its recording: nothing is run.

        Raises
        ------
        ValueError
            For a name that no recording has.
        """
        one_of("name", name, recorded())
        return cls(load(name))

    # What costs nothing.

    @property
    def name(self) -> str:
        return self._recording.name

    @property
    def product(self) -> str:
        return self._recording.product

    @property
    def page(self) -> str:
        return self._recording.page

    @property
    def paged_s(self) -> float:
        return self._recording.paged_s

    @property
    def duration_s(self) -> float:
        return self._recording.duration_s

    @property
    def nodes(self) -> dict[str, str]:
        return dict(self._recording.nodes)

    @property
    def metrics(self) -> Metrics:
        """Which metrics there are, with units and nodes; their values are asked for by `series`."""
        rows = []
        for name, each in self._recording.metrics.items():
            known = self._recording.values[name]
            roles = dict.fromkeys(self._recording.nodes[node] for node in known)
            several = [f"{role[:-1]}ies" if role.endswith("y") else f"{role}s" for role in roles]
            rows.append((name, each.unit, ", ".join(several) or "always 0"))
        return Metrics(tuple(rows))

    @property
    def asked(self) -> tuple[Question, ...]:
        return tuple(self._asked)

    @property
    def spent(self) -> int:
        return sum(question.cost for question in self._asked)

    def __repr__(self) -> str:
        return (
            f"<Incident {self.name!r} on {self.product}: {len(self.nodes)} nodes, {self.spent} points spent>"
        )

    def __str__(self) -> str:
        roles: dict[str, list[str]] = {}
        for node, role in self.nodes.items():
            roles.setdefault(role, []).append(node)
        there = "; ".join(f"{role}: {', '.join(found)}" for role, found in roles.items())
        return (
            f"INCIDENT {self.name} ({self.product}), paged at {self.paged_s:g} s of {self.duration_s:g} s\n"
            f"{self.page}\nNodes: {there}"
        )

    def _repr_html_(self) -> str:
        head, *body = str(self).splitlines()
        return f"<p><strong>{escape(head)}</strong></p>" + "".join(f"<p>{escape(line)}</p>" for line in body)

    # Questions.

    def series(self, name: str, node: str | None = None) -> Series:
        """A metric over time, of one node or summed over all; 1 point.

        A counter is shown as its growth a second between two scrapes, a gauge as its value.

        Raises
        ------
        ValueError
            For a metric or a node that there is not.
        """
        one_of("name", name, tuple(self._recording.metrics))
        if node is not None:
            one_of("node", node, tuple(self.nodes))
        self._ask("series", name, node)
        metric, known = self._recording.metrics[name], self._recording.values[name]
        count = round(self.duration_s / SCRAPE_S) + 1
        chosen = known.values() if node is None else [known[node]] if node in known else []
        values = np.sum([np.zeros(count), *chosen], axis=0)
        times = np.arange(count) * SCRAPE_S
        if metric.kind == "counter":
            times, values = times[1:], np.diff(values) / SCRAPE_S
        return Series(name, metric.unit, node, times, values)

    def ask(self, node: str, at_s: float) -> Belief:
        """What a node said at a moment, to the second: its members, and what else it knows; 2 points.

        Raises
        ------
        ValueError
            For a node that there is not, and a moment outside the recording.
        """
        one_of("node", node, tuple(self.nodes))
        number("at_s", at_s, high=self.duration_s)
        self._ask("ask", node, float(at_s))
        states = self._recording.states[node]
        state = states[max(0, bisect_right(states, at_s, key=lambda each: each[0]) - 1)][1]
        if state is None:
            return Belief(node, float(at_s), False, {}, {})
        clock = f"{at_s + state['ahead_s']:.1f} s"
        return Belief(node, float(at_s), True, state["view"], {"its clock": clock} | state["facts"])

    def logs(self, node: str, after: float = 0.0, before: float | None = None) -> Lines:
        """The first 30 lines of a node's log in ``after <= time < before``, in seconds; 2 points.

        Raises
        ------
        ValueError
            For a node that there is not, and a window outside the recording or that ends before it begins.
        """
        one_of("node", node, tuple(self.nodes))
        self._check_window(after, before)
        self._ask("logs", node, float(after), None if before is None else float(before))
        end = self.duration_s + 1.0 if before is None else before
        found = [
            (time, line) for time, name, line in self._recording.lines if name == node and after <= time < end
        ]
        return Lines(node, tuple(found[:MOST_LINES]), max(0, len(found) - MOST_LINES))

    def diagram(self, nodes: Iterable[str], after: float, before: float | None = None) -> Diagram:
        """All messages between some nodes in a window of at most 10 s; 4 points.

        Parameters
        ----------
        nodes : iterable of str
            At least two.
        after, before : float
            In seconds; by default the window is 10 s long.

        Raises
        ------
        ValueError
            For fewer nodes or one that there is not, and for a window that is too long or outside the recording.
        """
        chosen = names("nodes", nodes)
        for node in chosen:
            one_of("a name in nodes", node, tuple(self.nodes))
        if len(chosen) < 2:
            raise ValueError(f"nodes is {chosen!r}: it must name at least two")
        if before is None:
            number("after", after, high=self.duration_s)
            before = min(after + WINDOW_S, self.duration_s)
        self._check_window(after, before)
        if before - after > WINDOW_S:
            raise ValueError(f"before is {before!r}: it must be at most {WINDOW_S:g} s after {after!r}")
        self._ask("diagram", chosen, float(after), float(before))
        return Diagram(chosen, float(after), float(before), tuple(self._messages(chosen, after, before)))

    def _messages(self, chosen: tuple[str, ...], after: float, before: float):
        packets, time_us = self._recording.packets, 0
        known, kinds = packets["names"], packets["kinds"]
        columns = (packets[name] for name in ("sent_us", "took_us", "by", "to", "kind"))
        for step_us, took_us, by, to, kind in zip(*columns, strict=True):
            time_us += step_us
            sent = time_us / 1e6
            if sent >= before:
                return
            if sent >= after and known[by] in chosen and known[to] in chosen:
                arrived = None if took_us < 0 else (time_us + took_us) / 1e6
                yield sent, known[by], known[to], kinds[kind], arrived

    def _check_window(self, after: float, before: float | None) -> None:
        number("after", after, high=self.duration_s)
        if before is not None:
            number("before", before)
            if before <= after:
                raise ValueError(f"before is {before!r}: it must be more than after, {after!r}")

    def _ask(self, name: str, *arguments: Any) -> None:
        """Note a question; the same one again costs nothing, and neither does any after the verdict."""
        question = Question(name, arguments, COSTS[name])
        if self._verdict is None and question not in self._asked:
            self._asked.append(question)

    # The end.

    def verdict(
        self,
        layer: str | None = None,
        node: str | None = None,
        moment_s: float | None = None,
        mechanism: str | None = None,
        first_metric: str | None = None,
    ) -> Verdict:
        """Say what it was, and learn it. After that, questions cost nothing.

        Of the 100 points, 90 are for the finding (`POINTS`, each part by its distance, see `score`). 10 are for economy: the share
        of the 90 that was got, times what the reference path costs over what was spent, which counts at most 1.

        Parameters
        ----------
        layer, node, moment_s, mechanism, first_metric
            As of `Finding`.

        Raises
        ------
        ValueError
            For a layer, node, moment, mechanism or metric that there is not; if the verdict was given before; for an incident
            of the exercise, whose answer is not here.
        """
        finding = Finding(layer, node, moment_s, mechanism, first_metric)
        check(self._recording, finding)
        if self._verdict is not None:
            raise Refused(f"the verdict on {self.name!r} was given: load the incident again")
        if self.name not in load_answers():
            raise ValueError(f"the answer of {self.name!r} is not here: it belongs to an exercise")
        answer = Answer.from_json(load_answers()[self.name])
        self._verdict = judged(self, finding, answer)
        return self._verdict


def judged(incident: Incident, finding: Finding, answer: Answer) -> Verdict:
    """What a finding is worth after the questions that were asked."""
    near = score(incident._recording, finding, answer)
    parts = {part: (near[part] * of, of) for part, of in POINTS.items()}
    path = tuple(Question(name, arguments, COSTS[name]) for name, arguments, _ in answer.path)
    cost = sum(question.cost for question in path)
    thrift = min(1.0, cost / incident.spent) if incident.spent else 1.0
    share = sum(got for got, _ in parts.values()) / sum(POINTS.values())
    parts["economy"] = share * thrift * ECONOMY, ECONOMY
    return Verdict(parts, incident.spent, path, answer)


def walk(incident: Incident, path: Iterable[tuple[str, tuple, str]]) -> list[Told]:
    """Ask the questions of a path, one after the other."""
    asking: dict[str, Callable[..., Told]] = {
        "series": incident.series,
        "ask": incident.ask,
        "logs": incident.logs,
        "diagram": incident.diagram,
    }
    return [asking[name](*arguments) for name, arguments, _ in path]
