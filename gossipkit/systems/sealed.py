"""A pool of members who share one key, and who lie when a scenario says so: what a key alone does not hold off."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import ClassVar

from ..gossip.adversary import Defence, Forge, Guarded, Liar, liar, member
from ..gossip.swim import SwimConfig, SwimNode
from ..sim import Network
from ..sim.checks import number, one_of, whole
from .simulated import Action, Simulated

CLAIMS = ("dead", "suspect", "alive")


class SealedPool(Simulated):
    """Members ``m-1``, ``m-2`` and so on: memberlist's LAN settings, behind defences.

    Whatever is said here was sealed with the pool's key, so that no packet is refused for its seal: all who lie are members.
    Accusations in the highest incarnation are ignored, see ``refuse_unrefutable`` of `SwimConfig`.

    Parameters
    ----------
    members : int
        At least 3.
    defences : callable
        From the members' names to the defences that each has.
    seed : int
    network : Network, optional
    trace : bool or "events"
        Whether to keep a trace, see `gossipkit.sim.World`; `dead_share` reads it.

    Raises
    ------
    ValueError
        For fewer members.

    Examples
    --------
    >>> from gossipkit.sim import Scenario
    >>> pool = SealedPool(members=8, seed=1)
    >>> pool.play(Scenario([(10, "forge", {"name": "m-8", "about": "m-1", "claim": "dead"})]))
    >>> pool.run(until=10.1)
    >>> pool.view("m-2")["m-1"]
    'dead'
    >>> pool.run(until=12)
    >>> pool.view("m-2")["m-1"]
    'alive'
    """

    ACTIONS: ClassVar = {"forge": Action(nodes=("name", "about"))}

    def __init__(
        self,
        members: int = 8,
        *,
        defences: Callable[[tuple[str, ...]], Iterable[Defence]] = lambda names: (),
        seed: int = 0,
        network: Network | None = None,
        trace: bool | str = "events",
    ):
        whole("members", members, 3)
        super().__init__(seed, network, trace)
        config = replace(SwimConfig.lan(), refuse_unrefutable=True)
        names = tuple(f"m-{place}" for place in range(1, members + 1))
        each_has = tuple(defences(names))
        for name in names:
            # a liar's own words go through its defences, and are signed as its member's are
            self.world.add(name, Guarded(Liar(SwimNode(config, members=names)), each_has))

    def forge(
        self,
        name: str,
        about: str,
        claim: str,
        by: str | None = None,
        incarnation: int | None = None,
        growth: int = 0,
        every_s: float = 0.0,
        for_s: float | None = None,
    ) -> None:
        """Have a member tell all others something about somebody else, once or again and again.

        Parameters
        ----------
        name : str
            The liar.
        about : str
            The victim.
        claim : {"dead", "suspect", "alive"}
        by : str, optional
            Who seems to accuse; by default the liar.
        incarnation, growth : int, optional
            As of `Forge`.
        every_s, for_s : float, optional
            Seconds between two repetitions, 0 for none, and until the last one.

        Raises
        ------
        ValueError
            For another claim, a number out of range, a liar that is its own victim, or one that is down.
        """
        told = self._check_forge(name, about, claim, by, incarnation, growth, every_s, for_s)
        liar(self.started(name)).lie(told)

    def _check_forge(
        self,
        name: str,
        about: str,
        claim: str,
        by: str | None = None,
        incarnation: int | None = None,
        growth: int = 0,
        every_s: float = 0.0,
        for_s: float | None = None,
    ) -> Forge:
        one_of("claim", claim, CLAIMS)
        if name == about:
            raise ValueError(f"about is {about!r}, who lies: a lie is about somebody else")
        return Forge(
            about=about,
            claim=claim,
            by=by,
            incarnation=incarnation,
            growth=growth,
            every_s=every_s,
            for_s=for_s,
        )

    def view(self, name: str) -> dict[str, str]:
        """Whom a member takes for what.

        Raises
        ------
        ValueError
            If there is no such member, or it is down.
        """
        return dict(member(self.started(name)).states)

    @property
    def liars(self) -> tuple[str, ...]:
        """Who has lied so far, by the trace."""
        return tuple(sorted({event.node for event in self.trace.filter(kind="lie")}))

    def dead_share(self, about: str, last_s: float) -> float:
        """For which share of the last seconds a member was taken for dead, on average over the others who run and don't lie.

        Parameters
        ----------
        about : str
        last_s : float
            Seconds; more than 0.

        Returns
        -------
        float
            Between 0 and 1; 0 where nobody is left who could be asked.

        Raises
        ------
        ValueError
            If there is no such member, or for a time of 0 or less.
        """
        self._known(about, "about")
        number("last_s", last_s, low=1e-3)
        now = self.world.now
        begins, liars = now - last_s, self.liars
        asked = [name for name in self.running() if name != about and name not in liars]
        believed, since = dict.fromkeys(asked, "alive"), dict.fromkeys(asked, begins)
        dead_s = 0.0
        for time, name, _, told in self.trace:
            if name in believed and told.get("about") == about and "belief" in told:
                if believed[name] == "dead":
                    dead_s += max(0.0, time - since[name])
                believed[name], since[name] = told["belief"], max(time, begins)
        dead_s += sum(now - since[name] for name in asked if believed[name] == "dead")
        return min(1.0, dead_s / (last_s * len(asked))) if asked else 0.0

    def __repr__(self) -> str:
        up = len(self.world.up)
        return f"<SealedPool at {self.world.now:.3f} s: {up} of {len(self.world.names)} members up, {len(self.liars)} have lied>"
