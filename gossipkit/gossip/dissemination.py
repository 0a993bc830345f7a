"""The same epidemic message by message: every node a process in a simulated world, every copy a datagram.

How it works. Rounds begin at the whole seconds 1, 2, 3, ... A node that knows tells, a node that doesn't asks, exactly as
in `spread`; a datagram takes a quarter of a second, so that a request and its reply lie within one round. What a node
does in a round depends on what it knew when the round began, which is why it remembers the round in which it learnt.

Beside the rumour a node may exchange all that it holds with a random other, now and then, as memberlist does (its state.go,
pushPull): the repair that reaches those whom the rumour has missed.

`spread` is the fast way to the same distribution; this is the way in which everything can be looked at.
"""

from __future__ import annotations

from ..sim import Constant, Env, Network, World, message
from ..sim.arrays import np
from .epidemic import Spread
from .neighbours import Overlay
from .parameters import Parameters

ROUND_S, LATENCY_S = 1.0, 0.25


@message
class Tell:
    """The rumour."""


@message
class Ask:
    """Who knows the rumour answers with it."""


@message
class State:
    """All that its sender holds, which here is whether it knows."""

    knows: bool
    answer: bool
    """Whether it is the second half of an exchange."""


class Gossiper:
    """One node of the epidemic, as a `gossipkit.sim.Process`.

    Parameters
    ----------
    parameters : Parameters
        Mode, fanout and budget of copies.
    contacts : list of str
        Whom it may call.
    learned : int or None
        The round in which it learnt the rumour, 0 for the originator; None as long as it doesn't know.
    exchange_s : float or None
        Every so many seconds it exchanges all that it holds with one of its contacts, reliably; None for never.
    """

    def __init__(
        self,
        parameters: Parameters,
        contacts: list[str],
        learned: int | None = None,
        exchange_s: float | None = None,
    ):
        self._mode, self._fanout, self._copies = parameters.mode, parameters.fanout, parameters.copies
        self._contacts, self._exchange_s = contacts, exchange_s
        self.learned = learned
        self.round = 0

    def start(self, env: Env) -> None:
        self._env = env
        env.after(ROUND_S, self._begin_round)
        if self._exchange_s is not None:
            # state.go, triggerFunc: a random stagger, so that members don't exchange in step
            env.after(env.random.random() * self._exchange_s, self._exchange)

    def receive(self, env: Env, sender: str, received: Tell | Ask | State) -> None:
        if type(received) is Ask:
            if self._copies_in(self.round):
                env.send(sender, Tell())
        elif type(received) is State:
            if not received.answer:
                env.send_reliably(sender, State(self.learned is not None, answer=True))
            if received.knows and self.learned is None:
                self.learned = self.round
                env.record("caught-up", about=sender)
        elif self.learned is None:
            self.learned = self.round
            env.record("learned", round=self.round)

    def tells_next(self) -> bool:
        """Whether it will tell, or answer, in the round that comes."""
        return self._copies_in(self.round + 1) > 0

    def _copies_in(self, round_: int) -> int:
        """How many copies it may push in a round: none if it didn't know when that began, or its budget is spent."""
        if self.learned is None or self.learned >= round_:
            return 0
        if self._copies is None:
            return self._fanout
        return max(0, min(self._fanout, self._copies - self._fanout * (round_ - self.learned - 1)))

    def _begin_round(self) -> None:
        self.round += 1
        if self.learned is None:
            if self._mode != "push":
                self._call(self._fanout, Ask())
        elif self._mode != "pull":
            self._call(self._copies_in(self.round), Tell())
        self._env.after(ROUND_S, self._begin_round)

    def _exchange(self) -> None:
        contact = self._env.random.choice(self._contacts)
        self._env.send_reliably(contact, State(self.learned is not None, answer=False))
        self._env.after(self._exchange_s, self._exchange)

    def _call(self, number: int, sent: Tell | Ask) -> None:
        for contact in self._env.random.sample(self._contacts, min(number, len(self._contacts))):
            self._env.send(contact, sent)


def disseminate(
    nodes: int,
    *,
    mode: str = "push",
    fanout: int = 1,
    loss: float = 0.0,
    overlay: Overlay | None = None,
    max_rounds: int = 100,
    retransmit: float | None = None,
    trials: int = 1,
    seed: int = 0,
) -> Spread:
    """What `spread` computes, with every message sent; for a few hundred nodes.

    Parameters
    ----------
    nodes, mode, fanout, loss, overlay, max_rounds, retransmit, trials, seed
        As of `spread`. Trial ``i`` is a world of its own with the seed ``seed + i``. There is no churn: a newcomer is a
        node with another name, which `World.churn` makes.

    Returns
    -------
    Spread
        With ``learned_at``.

    Raises
    ------
    ValueError
        As `spread`.

    Examples
    --------
    >>> run = disseminate(50, fanout=3, trials=20, seed=1)
    >>> run.informed.shape[0], run.coverage.min().item()
    (20, 1.0)
    """
    parameters = Parameters(
        nodes=nodes,
        mode=mode,
        fanout=fanout,
        loss=loss,
        overlay=overlay,
        max_rounds=max_rounds,
        retransmit=retransmit,
        trials=trials,
        seed=seed,
        track=True,
    )
    runs = [_one_world(parameters, parameters.seed + trial) for trial in range(parameters.trials)]
    rounds = max(len(messages) for _, messages, _ in runs)
    return Spread(
        parameters,
        np.array([informed + informed[-1:] * (rounds + 1 - len(informed)) for informed, _, _ in runs]),
        np.array([messages + [0] * (rounds - len(messages)) for _, messages, _ in runs]),
        np.array([learned for _, _, learned in runs]),
    )


def _one_world(parameters: Parameters, seed: int) -> tuple[list[int], list[int], list[int]]:
    """One trial: how many are informed after each round, messages in each round, and when each node learnt."""
    network = Network(latency=Constant(LATENCY_S), loss=parameters.loss)
    world = World(seed=seed, network=network, trace=False)
    names = [f"node-{i}" for i in range(parameters.nodes)]
    gossipers = []
    for i, name in enumerate(names):
        near = parameters.overlay
        contacts = (
            names[:i] + names[i + 1 :]
            if near is None
            else [names[j] for j in near.targets[near.starts[i] : near.starts[i + 1]]]
        )
        gossipers.append(Gossiper(parameters, contacts, learned=0 if i == 0 else None))
        world.add(name, gossipers[-1])
    informed, messages = [1], []
    for round_ in range(1, parameters.max_rounds + 1):
        world.run(until=(round_ + 0.75) * ROUND_S)  # calls, requests and replies of this round have arrived
        messages.append(int(world.metrics.value("datagram.sent.messages")) - sum(messages))
        informed.append(sum(gossiper.learned is not None for gossiper in gossipers))
        everyone = parameters.copies is None and informed[-1] == parameters.nodes
        if everyone or not any(gossiper.tells_next() for gossiper in gossipers):
            break
    return informed, messages, [-1 if g.learned is None else g.learned for g in gossipers]
