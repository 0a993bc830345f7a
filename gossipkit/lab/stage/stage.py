"""A running cluster that is watched and broken: the widget, its steps, and what the browser may ask of it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any, ClassVar

import traitlets
from IPython.display import display
from ipywidgets import GridBox, Layout

from ...reading.evidence import Claim, Verdict, judge
from ...sim import Network, Scenario
from ...sim.checks import number, whole
from .. import faces, stored
from ..controls import Control
from ..widget import STATIC, LabWidget, script
from . import ask, claims, still, told
from .cast import LATENCY, LATENCY_NOTE, LONGEST_S, Cast
from .drafts import Draft, Drafts
from .families import cast_of
from .play import Abandoned, Run, Setting, cluster_of, of_family, play, watch
from .requests import Desk

WINDOW_S = 30.0
STRETCH_S = 0.08
# of two stages together: beside each other where both are wide enough to be read
COLUMNS = "repeat(auto-fit, minmax(min(460px, 100%), 1fr))"
BUSY_AFTER_S = 0.3
CLAIM_NOTE = (
    "This is the exercise's own cluster: packets take about 1 ms, and are drawn slower than they are."
)
OWN_NETWORK_NOTE = "Packets take as long as in this environment, and are drawn slower than they are."


class Stage(LabWidget):
    """A system that runs in the browser: nodes, packets, beliefs, and three lanes for gossip, authority and repair.

    Every action of the student becomes a step of a `Scenario`; the run is replayed from its seed, so that all before the
    step stays byte for byte what it was.

    Parameters
    ----------
    system : class or function
        `Consul`, `Cassandra`, `Dynamo`, `RedisCluster`; or a protocol alone: `SwimNode`, `gossipkit.gossip.scuttlebutt.Gossiper`,
        `MembershipHistory`, `gossipkit.gossip.adversary.Liar` for members of which some lie, or
        `gossipkit.gossip.disseminate` for a rumour told in rounds. Left out with ``claim``, which has its own.
    seed : int
        Replays the run.
    network : Network, optional
        By default latencies of 50–150 ms, so that packets can be seen. A network of your own has its own loss, and no
        slider for it.
    scenario : Scenario, optional
        Steps that are there from the beginning.
    example : Scenario, optional
        Steps that a page without a kernel plays (`gossipkit.lab.page`), since nothing can be broken there. They are played
        when the notebook is stored for readers (`gossipkit.lab.refresh`); in a notebook the stage begins without them.
    controls : sequence of Control or str, optional
        The sliders: the names of some of the family's, or controls of your own for parameters of the system. By default
        all of the family's.
    seconds : float
        The length of the window.
    title : str, optional
    claim : Claim, optional
        A claim of `gossipkit.reading`, on its own system: the stage says whether it is seen, there and on the variant, by
        the same judgement as an exercise. There are no controls then.
    variant : bool
        With ``claim``: show the system in which the claim is false.
    **parameters
        Of the system, such as ``agents=17``.

    Attributes
    ----------
    scenario : Scenario
        The steps as they are now: what an exercise takes as evidence.
    values : dict
        Of the controls, by name.
    run : Run
        What is shown.

    Raises
    ------
    ValueError
        For a system without a cast, parameters that it refuses, or a scenario that does not fit it.

    Examples
    --------
    >>> from gossipkit.lab import Stage
    >>> from gossipkit.systems import Consul
    >>> stage = Stage(Consul, agents=6, servers=3, seed=7)
    >>> stage.step(5, "crash", name="agent-6")
    >>> print(stage.scenario.to_json())
    [
      [5.0, "crash", {"name": "agent-6"}]
    ]
    >>> stage.undo()
    >>> len(stage.scenario)
    0
    """

    _esm = script(*(STATIC / "stage" / "files.txt").read_text(encoding="utf-8").split())
    _css = LabWidget._css + "\n" + script("stage.css")

    page_kind: ClassVar[str] = "stage"

    meta = traitlets.Dict().tag(sync=True)
    data = traitlets.Bytes().tag(sync=True)

    def __init__(
        self,
        system: Any = None,
        *,
        seed: int = 1,
        network: Network | None = None,
        scenario: Scenario | None = None,
        example: Scenario | None = None,
        controls: Sequence[Control | str] | None = None,
        seconds: float = WINDOW_S,
        title: str = "",
        claim: Claim | None = None,
        variant: bool = False,
        **parameters,
    ):
        whole("seed", seed, 0)
        number("seconds", seconds, low=1.0, high=LONGEST_S)
        scenario = Scenario() if scenario is None else scenario
        for argument, steps in (("scenario", scenario), ("example", example or Scenario())):
            if not isinstance(steps, Scenario):
                raise ValueError(f"{argument} is {steps!r}: it must be a gossipkit.sim.Scenario")
        self.seed, self.claim, self._title, self._example = seed, claim, title, example
        self._network, self._parameters = network or Network(latency=LATENCY), parameters
        if claim is None:
            self.cast = cast_of(system)
            given = {*parameters, *(("loss",) if network is not None else ())}
            self.controls = _chosen(self.cast, controls, given)
            self._shown, self._beside = None, None
        else:
            if system is not None or parameters or controls or network is not None:
                raise ValueError(
                    "claim brings its own system: leave out system, controls, network and parameters"
                )
            made = (claim.variant, claim.system) if variant else (claim.system, claim.variant)
            self.cast = cast_of(type(cluster_of(claim.system(seed))))
            self.controls = ()
            self._shown, self._beside = (
                Setting(self.cast, seed, _traced(make, seed), claim.seen) for make in made
            )
        self._variant, self._together = variant, ""
        self._desk = Desk(self._work)
        self._follower: Stage | None = None
        super().__init__()
        values = {control.name: control.value for control in self.controls}
        first = Draft(scenario, values, float(seconds))
        self._show(Drafts(first, first), lambda time: True)

    # What is shown, and how it is changed.

    @property
    def scenario(self) -> Scenario:
        """The steps as they are now."""
        return self._drafts.now.scenario

    @property
    def values(self) -> dict[str, Any]:
        """The controls' values, by name."""
        return dict(self._drafts.now.values)

    def step(self, at_s: float, action: str, **arguments) -> None:
        """Add a step; what was before it stays as it was.

        Parameters
        ----------
        at_s : float
            Seconds.
        action : str
            A fault, such as "crash", or what a client of the system does, such as "write".
        **arguments
            As in a `Scenario`.

        Raises
        ------
        ValueError
            If the step makes no sense here. Nothing has changed then.
        """
        self._now({"type": "step", "at_s": at_s, "action": action, "arguments": arguments})

    def set(self, **values) -> None:
        """Move controls.

        Raises
        ------
        ValueError
            For an unknown control or a value that is not one of its positions. Nothing has changed then.
        """
        by_name = {control.name: control for control in self.controls}
        for name in values:
            if name not in by_name:
                raise ValueError(f"there is no control {name!r}: there is {', '.join(by_name) or 'none'}")
        wanted = self.values | values
        positions = [control.index(wanted[control.name]) for control in self.controls]
        self._now({"type": "move", "positions": positions})

    def undo(self) -> None:
        """Take back the last change of steps or controls."""
        self._now({"type": "undo"})

    def redo(self) -> None:
        """Do again what was taken back."""
        self._now({"type": "redo"})

    def reset(self) -> None:
        """Steps and controls as at the beginning; this can be undone."""
        self._now({"type": "reset"})

    def more(self) -> None:
        """A window that is 30 s longer."""
        self._now({"type": "more"})

    def judge(self, at_s: float) -> Verdict:
        """The exercise's own judgement of the steps at a moment, with several seeds.

        Raises
        ------
        ValueError
            Without a claim, or for a moment out of range.
        """
        if self.claim is None:
            raise ValueError("this stage has no claim: make it with Stage(claim=...)")
        return judge(self.claim, self.scenario, at_s)

    def ask(self, node: str, at_s: float) -> list[dict]:
        """What a node knew, had done and had waiting at a time, in sections of lines or of a table."""
        with self._desk.lock:
            return ask.about(
                self._setting(self._drafts.now.values), self._drafts.now.scenario, node, float(at_s)
            )

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until all that the browser has asked is done; whether it came to that in time."""
        return self._desk.wait(timeout_s)

    def still(self) -> tuple[dict, dict]:
        """The faces for a reader without a kernel."""
        return still.faces_of(self.run, self.meta)

    def recorded(self) -> tuple[dict, bytes]:
        """The run as it is now, or of a notebook that is stored for readers the example's, where nothing has been done yet.

        It can be played, and nothing can be done to it.
        """
        meta, data = self.meta, self.data
        if self._example is not None and not self.scenario and os.environ.get(stored.STORES_MORE):
            _, meta, data = self._played(replace(self._drafts.now, scenario=self._example), lambda time: True)
        frozen = {"revision": 1, "can_undo": False, "can_redo": False, "together": "", "actions": []}
        return {"meta": meta | frozen}, data

    def close(self) -> None:
        """Close the live view, and let go of the run."""
        super().close()
        self.run = self._follower = None

    # Inside.

    def _now(self, request: dict) -> None:
        with self._desk.lock:
            self._show(self._drafts.changed(request, self.controls), lambda time: True)
        self._led()

    def _setting(self, values: dict[str, Any]) -> Setting:
        if self._shown is not None:
            return self._shown
        return of_family(self.cast, self.seed, self._network, self._parameters | values)

    def _going_on(self, seconds: float) -> Callable[[float], bool]:
        """Whether a run that the browser has asked for is still wanted; meanwhile it is told how far the run is."""
        told_at = monotonic()

        def wanted(time: float) -> bool:
            nonlocal told_at
            if monotonic() - told_at > BUSY_AFTER_S:
                told_at = monotonic()
                self.send({"type": "busy", "text": f"The kernel computes: {time:.0f} of {seconds:.0f} s."})
            return self._desk.wanted

        return wanted

    def _show(self, drafts: Drafts, wanted: Callable[[float], bool]) -> bool:
        """Run first; only what succeeded is kept and sent, in one message. Whether the columns are what they were."""
        run, meta, data = self._played(drafts.now, wanted)
        unchanged = data == self.data and meta["steps"] == self.meta.get("steps")
        self._drafts, self.run = drafts, run
        with self.hold_sync():
            self.data = data
            self.meta = meta | {
                "revision": self.meta.get("revision", 0) + 1,
                "can_undo": bool(drafts.past),
                "can_redo": bool(drafts.future),
            }
        return unchanged

    def _played(self, draft: Draft, wanted: Callable[[float], bool]) -> tuple[Run, dict, bytes]:
        """A draft's run, and what the browser gets of it."""
        setting = self._setting(draft.values)
        run = play(setting, draft.scenario, draft.seconds, wanted)
        beside = watch(self._beside, draft.scenario, draft.seconds, wanted) if self._beside else []
        meta, data = told.meta(run, draft.scenario, setting.seed)
        return (
            run,
            meta
            | {
                "revision": 1,
                "title": self._title or meta["title"],
                "can_undo": False,
                "can_redo": False,
                "controls": [control.spec() for control in self.controls],
                "positions": [control.index(draft.values[control.name]) for control in self.controls],
                "claim": self._said_of_claim(run, beside),
                "together": self._together,
                "stretch_s": STRETCH_S if self.claim or self.cast.own_network else 0,
                "notes": self._notes(),
                "actions": [one for one in meta["actions"] if self._allowed(one["name"])],
            },
            data,
        )

    def _allowed(self, action: str) -> bool:
        return self.claim is None or action in self.claim.actions

    def _notes(self) -> list[str]:
        if self.claim is not None:
            return [CLAIM_NOTE]
        if self.cast.own_network:
            return [OWN_NETWORK_NOTE, *self.cast.notes]
        latency = [LATENCY_NOTE] if self._network.latency == LATENCY else []
        return [*latency, *self.cast.notes]

    def _said_of_claim(self, run: Run, beside: list[tuple[float, str]]) -> dict | None:
        if self.claim is None:
            return None
        here, there = claims.said(run.missed, run.seconds), claims.said(beside, run.seconds)
        real, false = "the system of the claim", f"a system in which {self.claim.because}"
        if self._variant:
            real, false = false, real
        return here | {"text": self.claim.statement, "label": real, "beside": there | {"label": false}}

    def _asked(self, _widget, request: dict, _buffers) -> None:
        self._desk.put(request)

    def _work(self, requests: list[dict]) -> None:
        """Work on all that was asked meanwhile: questions each, changes together, with one run for all of them."""
        changes = [request for request in requests if request.get("type") != "ask"]
        for request in requests:
            if request.get("type") == "ask":
                self._answer(request, self._tell)
        if not changes:
            return
        drafts, good = self._drafts, []
        for request in changes:
            try:
                drafts = drafts.changed(request, self.controls)
                good.append(request)
            except Exception as error:
                self._done(request, in_words(error), True)
        if not good:
            return
        try:
            unchanged = self._show(drafts, self._going_on(drafts.now.seconds))
        except Abandoned:
            self._desk.put_back(good)
        except Exception as error:
            if len(good) == 1:
                self._done(good[0], in_words(error), True)
            else:  # one of them is to blame: the others are to happen all the same
                for request in good:
                    self._work([request])
        else:
            for request in good:
                self._done(request, "", unchanged)
            self._led()

    def _led(self) -> None:
        """Have the stage beside this one take over steps and window; it works on that in its own time."""
        other = self._follower
        if other is not None and (
            other.scenario != self.scenario or other._drafts.now.seconds != self._drafts.now.seconds
        ):
            other._desk.put({"type": "follow", "draft": self._drafts.now})

    def _tell(self, request: dict) -> dict:
        node, at_s = request["node"], request["at_s"]
        if isinstance(node, int) and 0 <= node < len(self.run.names):
            node = self.run.names[node]
        return {"type": "told", "node": request["node"], "at_s": at_s, "sections": self.ask(node, at_s)}

    def _answer(self, request: dict, do: Callable[[dict], dict]) -> None:
        try:
            self.send({"id": request.get("id"), "error": ""} | do(request))
        except Exception as error:
            self._done(request, in_words(error), True)

    def _done(self, request: dict, error: str, unchanged: bool) -> None:
        if request.get("id") is None:
            return  # nobody in the browser has asked
        self.send(
            {
                "id": request.get("id"),
                "type": "done",
                "revision": self.meta["revision"],
                "error": error,
                "unchanged": unchanged,
            }
        )


class Beside:
    """Two stages with the same steps and one playhead, side by side where there is room for both; made by `beside`."""

    def __init__(self, one: Stage, other: Stage):
        self.stages = one, other

    def wait(self, timeout_s: float | None = None) -> bool:
        """Wait until both have done all that was asked; whether it came to that in time."""
        return all(stage.wait(timeout_s) for stage in self.stages * 2)

    def _ipython_display_(self) -> None:
        stills = [stage.still()[0] for stage in self.stages]
        plain = "\n\n".join(still["text/plain"] for still in stills)
        html = faces.still("".join(still["text/html"] for still in stills))
        pair = stored.metadata(Stage.page_kind, *(stage.recorded() for stage in self.stages))
        display({"text/html": html, "text/plain": plain}, metadata=pair, raw=True)
        live = GridBox(self.stages, layout=Layout(grid_template_columns=COLUMNS, grid_gap="16px"))
        display(live._repr_mimebundle_() | {"text/plain": ""}, raw=True)


def beside(one: Stage, other: Stage) -> Beside:
    """Show two stages together: the same steps happen on both, and time passes on both at once.

    The most telling comparison is that of a system with a variant that lacks one mechanism.

    Parameters
    ----------
    one, other : Stage
        With the same nodes. The second takes over the steps of the first.

    Raises
    ------
    ValueError
        For one stage twice, or if their nodes have other names.

    Examples
    --------
    >>> from gossipkit.lab import Stage, beside
    >>> from gossipkit.systems import Consul
    >>> pair = beside(Stage(Consul, agents=4, seed=1), Stage(Consul, agents=4, seed=1, repair=None))
    >>> pair.stages[0].step(5, "crash", name="agent-1")
    >>> pair.wait(), len(pair.stages[1].scenario)
    (True, 1)
    """
    if one is other:
        raise ValueError("other is the same stage as one: make two")
    if one.run.first != other.run.first:
        raise ValueError("one and other have nodes of other names: make them with the same parameters")
    together = f"{one.model_id}"
    for stage, follower in ((one, other), (other, one)):
        stage._follower, stage._together = follower, together
        stage.meta = stage.meta | {"together": together, "revision": stage.meta["revision"] + 1}
    one._led()
    return Beside(one, other)


def in_words(error: Exception) -> str:
    """An error as it is told to a student."""
    if isinstance(error, ValueError):
        return str(error)
    if isinstance(error, KeyError):
        return f"the request lacks {error}"
    return f"the run failed, which is a mistake of the course: {error!r}"


def _traced(make: Callable, seed: int) -> Callable[[], Any]:
    return lambda: make(seed, trace=True)


def _chosen(cast: Cast, controls: Sequence[Control | str] | None, given: set[str]) -> tuple[Control, ...]:
    """The controls of a stage; a parameter that is given in the call needs none, unless it is named."""
    own = {control.name: control for control in cast.controls}
    if controls is None:
        return tuple(control for name, control in own.items() if name not in given)
    chosen = []
    for control in controls:
        if isinstance(control, str):
            if control not in own:
                raise ValueError(f"controls names {control!r}: {cast.title} has {', '.join(own)}")
            control = own[control]
        chosen.append(control)
    names = [control.name for control in chosen]
    if len(set(names)) < len(names):
        raise ValueError(f"controls are named {', '.join(names)}: each name must be there once")
    return tuple(chosen)
