"""One lying server among Raft's: with which lie, and with how little help, two values are committed at one index.

The log keeps a lock: the first command that is applied names its holder. Two clients, Ann and Bob, ask for it.

==========  ==========================================================================================================
weather     what else goes wrong
==========  ==========================================================================================================
calm        nothing
cut         the honest servers are two halves that don't reach each other; the liar reaches both
change      the liar and the first half have no connection to the second, until Ann's command is committed; then the first
            half is cut off, and the liar and the second go on
==========  ==========================================================================================================

In the control the same server crashes in place of lying, at the moment at which its lie would matter, and is back from its
disk soon after; it keeps to the rules.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ...authority import RaftClient, RaftConfig, RaftNode
from ...authority.lying import LyingServer, ServerLie
from ...sim import Env, Message, Word, World
from ...sim.checks import instance, whole

ANN, BOB = "ann", "bob"
HONEST = "crashes, and is back"
"""What the control's server does, in words."""
EARLY = RaftConfig(election_timeout_s=0.06, heartbeat_s=0.03)
"""Of the server that is to lead first: it stands before the others' election timeouts are over."""
ASK_S, CHANGE_S, LATER_S, END_S = 0.5, 1.0, 2.0, 3.0
"""When Ann asks, and with her Bob; when the leader is cut off; when Bob asks in that case; when one looks."""
DOWN_S = 0.3
"""For so long the control's server is down."""


class Weather(Word):
    """What else goes wrong beside the lie."""

    CALM = "nothing else is wrong"
    CUT = "two halves reach only the liar"
    CHANGE = "the leader is cut off after a commit"


class Lock:
    """A state machine: the first command that is applied names the holder."""

    def __init__(self):
        self.holder: str | None = None

    def apply(self, command: str) -> str:
        """Take the lock, if it is free; who holds it."""
        self.holder = self.holder or command
        return self.holder

    def read(self, query: Any) -> str | None:
        """Who holds it."""
        return self.holder


class Asker:
    """A client that asks once for the lock, of some servers."""

    def __init__(self, servers: Iterable[str], name: str, at_s: float):
        self._client, self._name, self._at_s = RaftClient(servers), name, at_s
        self.told: str | None = None

    def start(self, env: Env) -> None:
        self._client.start(env)
        env.after(self._at_s, self._client.write, env, self._name, self._answered)

    def _answered(self, holder: str) -> None:
        self.told = holder

    def receive(self, env: Env, sender: str, message: Message) -> None:
        self._client.receive(env, sender, message)


@dataclass(frozen=True)
class TwoLogs:
    """What one run has committed.

    Attributes
    ----------
    lie : ServerLie or None
        None: the control, in which the server crashes, and is back.
    weather : Weather
    liar : str
    committed : mapping of str to (mapping of int to str)
        By honest server and by index, what it has committed and applied; an empty text is the no-op of a new leader.
    holders : mapping of str to (str or None)
        By honest server, who has the lock there.
    told : mapping of str to (str or None)
        By client, whom it was told to be the holder; None: it had no answer.
    terms : tuple of (float, str, int)
        When somebody began to lead, in seconds, who, and in which term.
    seed : int
    """

    lie: ServerLie | None
    weather: Weather
    liar: str
    committed: Mapping[str, Mapping[int, str]]
    holders: Mapping[str, str | None]
    told: Mapping[str, str | None]
    terms: tuple[tuple[float, str, int], ...]
    seed: int

    @property
    def split(self) -> int | None:
        """The first index at which two honest servers have committed different values; None if there is none."""
        values: dict[int, str] = {}
        for log in self.committed.values():
            for index, value in log.items():
                values.setdefault(index, value)
        apart = [
            index for log in self.committed.values() for index, value in log.items() if values[index] != value
        ]
        return min(apart, default=None)

    @property
    def safe(self) -> bool:
        """Whether the honest servers agree on all that they have committed."""
        return self.split is None

    def __repr__(self) -> str:
        what = f"{self.liar} {self.lie or HONEST}, {self.weather}"
        if self.split is None:
            return f"<TwoLogs, {what}: one value at each index>"
        values = ", ".join(f"{name} {log.get(self.split, '–')}" for name, log in self.committed.items())
        return f"<TwoLogs, {what}: at index {self.split} {values}>"


def lying_server(
    lie: ServerLie | None, weather: Weather = Weather.CALM, *, servers: int = 3, seed: int = 1
) -> TwoLogs:
    """Let one server lie, or crash, and see what the others commit.

    Parameters
    ----------
    lie : ServerLie or None
        None is the control: it crashes, and is back.
    weather : Weather
    servers : int
        With the liar; an odd number, at least 3.
    seed : int

    Raises
    ------
    ValueError
        For another lie or weather, or another number of servers.
    """
    instance(
        "lie", lie, ServerLie | None, f"one of {', '.join(map(str, ServerLie))}, as a ServerLie, or None"
    )
    instance("weather", weather, Weather, f"one of {', '.join(map(str, Weather))}, as a Weather")
    whole("servers", servers, 3)
    if servers % 2 == 0:
        raise ValueError(f"servers is {servers}: it must be odd, so that the honest ones are two halves")
    names = [f"server-{number}" for number in range(1, servers + 1)]
    liar, honest = names[0], names[1:]
    here, there = honest[: len(honest) // 2], honest[len(honest) // 2 :]
    # a lie of a leader needs the liar to lead; the others need an honest one
    early = liar if lie is ServerLie.TWO_LOGS else here[0]
    world = World(seed)
    for name in names:
        config = EARLY if name == early else RaftConfig()
        if name == liar and lie is not None:
            node = LyingServer(names, Lock(), config, lie=lie, forge={ANN: BOB, BOB: ANN}.get)
        else:
            node = RaftNode(names, Lock(), config)
        world.add(name, node, lambda saved: RaftNode(names, Lock(), saved=saved))
    # in calm weather all servers can be asked; else each client has one half near it
    calm = weather is Weather.CALM
    askers = {
        ANN: Asker(honest if calm else here, ANN, ASK_S),
        BOB: Asker(honest if calm else there, BOB, LATER_S if weather is Weather.CHANGE else ASK_S),
    }
    for name, asker in askers.items():
        world.add(name, asker)
    if weather is Weather.CUT:
        for a in here:
            for b in there:
                world.cut(a, b)
    elif weather is Weather.CHANGE:
        world.partition([*here, liar, ANN], [*there, BOB])
        world.at(CHANGE_S, world.partition, [*here, ANN], [*there, liar, BOB])
    if lie is None:
        crash_s = CHANGE_S if weather is Weather.CHANGE else ASK_S
        world.at(crash_s, world.crash, liar)
        world.at(crash_s + DOWN_S, world.restart, liar)
    world.run(until=END_S)
    nodes = {name: world.process(name) for name in honest}
    return TwoLogs(
        lie,
        weather,
        liar,
        {
            name: {
                index: entry.command or ""
                for index, entry in enumerate(node.log.entries[: node.commit_index], 1)
            }
            for name, node in nodes.items()
        },
        {name: node.machine.holder for name, node in nodes.items()},
        {name: asker.told for name, asker in askers.items()},
        tuple(
            (event.time, event.node, event.fields["term"])
            for event in world.trace.filter(kind="raft-elected")
        ),
        seed,
    )


def lying_servers(
    seeds: Iterable[int] = range(1, 6), servers: int = 3
) -> dict[tuple[ServerLie | None, Weather], list[TwoLogs]]:
    """`lying_server` for each lie, and the control, in each weather, once for each seed."""
    seeds = tuple(seeds)
    return {
        (lie, weather): [lying_server(lie, weather, servers=servers, seed=seed) for seed in seeds]
        for lie in (None, *ServerLie)
        for weather in Weather
    }


def lies_table(runs: Mapping[tuple[ServerLie | None, Weather], list[TwoLogs]]) -> str:
    """In how many of the runs two values were committed at one index, as a Markdown table.

    Raises
    ------
    ValueError
        If there is no run.
    """
    if not runs:
        raise ValueError("runs is empty: give at least one")
    lies, weathers = (dict.fromkeys(key[place] for key in runs) for place in (0, 1))

    def cell(runs: list[TwoLogs]) -> str:
        broken = sum(not run.safe for run in runs)
        return f"two values in {broken} of {len(runs)}" if broken else f"safe in {len(runs)} of {len(runs)}"

    rows = [
        f"| {lie or HONEST} | {' | '.join(cell(runs[lie, weather]) for weather in weathers)} |"
        for lie in lies
    ]
    return "\n".join([f"| one server | {' | '.join(weathers)} |", "|---" * (len(weathers) + 1) + "|", *rows])
