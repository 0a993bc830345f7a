"""Brahms: a view that a flood cannot fill, and samples that no flood can bias.

How it works. Once a round a peer pushes its own name to α·l1 peers of its view, and pulls the views of β·l1. Then it makes a new view
from three parts: α of it from names that were pushed to it, β from names that it has pulled, γ from its history, which is what its
`Samplers` keep of all that they have heard. Four rules stand against liars:

* pushes are limited: to send one costs something (a puzzle, a stake), so that liars send no larger share of all than they can pay for;
* a round in which more than α·l1 pushes came is an attack: the view stays as it was;
* pushes and pulls have a share each, so that neither alone takes the view;
* the history's share comes from samplers, to which a name said often is one name: liars that fill all else don't fill that.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...sim import checks
from .messages import Probe, PullReply, PullRequest, Push
from .sampler import Samplers

if TYPE_CHECKING:
    from ...sim import Env, Message


@dataclass(frozen=True, kw_only=True)
class BrahmsConfig:
    """The settings of one peer, under the paper's symbols.

    Raises
    ------
    ValueError
        For a number out of range, shares that do not add up to 1, and a view too small for them.
    """

    view_size: int = 12
    """l1, names in the view. The paper asks for some multiple of the cube root of the number of peers."""
    samplers: int = 12
    """l2. Too few: the history's share is drawn from hardly anybody."""
    alpha: float = 0.45
    """The share of pushed names. Too high: who pushes more than others has the view."""
    beta: float = 0.45
    """The share of pulled names. Too high: who is asked and lies has it."""
    gamma: float = 0.1
    """The share of the history. 0: a view full of liars stays so. Too high: newcomers are hardly known."""
    round_s: float = 1.0

    def __post_init__(self):
        checks.whole("view_size", self.view_size, 2)
        checks.whole("samplers", self.samplers, 1)
        for name in ("alpha", "beta", "gamma"):
            checks.probability(name, getattr(self, name))
        checks.number("round_s", self.round_s, low=0.01)
        if abs(self.alpha + self.beta + self.gamma - 1) > 1e-9:
            raise ValueError(
                f"alpha, beta and gamma are {self.alpha:g}, {self.beta:g} and {self.gamma:g}: they must add up to 1"
            )
        if not self.pushes or not self.pulls:
            raise ValueError(
                f"view_size is {self.view_size}: it must leave a place each for alpha, {self.alpha:g}, and beta, {self.beta:g}"
            )

    @property
    def pushes(self) -> int:
        """α·l1, rounded."""
        return round(self.alpha * self.view_size)

    @property
    def pulls(self) -> int:
        """β·l1, rounded."""
        return round(self.beta * self.view_size)

    @property
    def history(self) -> int:
        """What is left of l1, but none where γ is 0."""
        return max(0, self.view_size - self.pushes - self.pulls) if self.gamma else 0

    @property
    def shares(self) -> tuple[float, float, float]:
        """α, β and γ as they come out in whole names."""
        size = self.pushes + self.pulls + self.history
        return self.pushes / size, self.pulls / size, self.history / size


class Brahms:
    """A peer that keeps a view and samples, as `gossipkit.sim.Process`.

    Parameters
    ----------
    known : collection of str
        Whom it knows at the start.
    config : BrahmsConfig, optional

    Attributes
    ----------
    view : list of str
        A name can be in it more than once.
    samplers : Samplers
        There once the peer has started.
    blocked : int
        Rounds in which it was pushed to too often, so that the view stayed.

    Raises
    ------
    ValueError
        For names that are none, and what is no configuration.

    References
    ----------
    E. Bortnikov, M. Gurevich, I. Keidar, G. Kliot, A. Shraer, "Brahms: Byzantine resilient random membership sampling", PODC 2008 and
    Computer Networks 53 (2009).
    """

    def __init__(self, known: Collection[str], config: BrahmsConfig | None = None):
        checks.instance("config", config, BrahmsConfig | None, "a BrahmsConfig, or None")
        self.config = config or BrahmsConfig()
        self.view: list[str] = list(checks.names("known", known)[: self.config.view_size])
        self._pushed: list[str] = []
        self._pulled: list[str] = []
        self._asked: list[str] = []
        self.blocked = 0

    def start(self, env: "Env") -> None:
        self._env = env
        self.samplers = Samplers(self.config.samplers, env.random)
        self.samplers.offer(self.view)
        env.after(env.random.random() * self.config.round_s, self._round)

    def receive(self, env: "Env", sender: str, message: "Message") -> None:
        if type(message) is Push:
            self._pushed.append(sender)
        elif type(message) is PullRequest:
            env.send(sender, PullReply(tuple(self.view)))
        elif type(message) is PullReply and sender in self._asked:
            self._asked.remove(sender)
            # a reply counts for one view, however long it is
            self._pulled += [name for name in message.names[: self.config.view_size] if name != env.name]

    def _round(self) -> None:
        env, config = self._env, self.config
        self._renew()
        env.after(config.round_s, self._round)
        if not self.view:
            return
        for peer in env.random.choices(self.view, k=config.pushes):
            env.send(peer, Push())
        self._asked = env.random.choices(self.view, k=config.pulls)
        for peer in self._asked:
            env.send(peer, PullRequest())
        if samples := self.samplers.samples:
            # a history that keeps who is gone is none: one sample a round is looked after
            gone = lambda name, _: self.samplers.invalidate(name)  # noqa: E731 - both callbacks
            env.send_reliably(env.random.choice(samples), Probe(), refused=gone, failed=gone)

    def _renew(self) -> None:
        """Make the new view of what has come since the last round."""
        config, random = self.config, self._env.random
        pushed, pulled = self._pushed, self._pulled
        self._pushed, self._pulled = [], []
        if len(pushed) > config.pushes:
            self.blocked += 1
        elif pushed and pulled:
            self.view = [
                *random.choices(pushed, k=config.pushes),
                *random.choices(pulled, k=config.pulls),
                *random.choices(self.samplers.samples, k=config.history),
            ]
        # samplers listen in every round: a flood is no news to them
        self.samplers.offer(pushed)
        self.samplers.offer(pulled)
