"""A lying server by itself: in all but its lie it keeps to the rules."""

import pytest

from gossipkit.authority import RaftClient, RaftConfig, RaftNode
from gossipkit.authority.lying import LyingServer, ServerLie
from gossipkit.authority.raft_messages import (
    AppendEntries,
    AppendEntriesReply,
    Entry,
    RequestPreVote,
    RequestPreVoteReply,
    RequestVote,
    RequestVoteReply,
)
from gossipkit.sim import World

SERVERS = ["a", "b", "c"]


class Tally:
    def __init__(self):
        self.applied = []

    def apply(self, command):
        self.applied.append(command)

    def read(self, query):
        return tuple(self.applied)


class Writer:
    """Writes one command after a second."""

    def start(self, env):
        self.client = RaftClient(["b", "c"])
        self.client.start(env)
        env.after(1.0, self.client.write, env, "x", print)

    def receive(self, env, sender, message):
        self.client.receive(env, sender, message)


def logs(lie, early, cut_off=()):
    """The commands in the log of each of three servers, of which a lies and ``early`` leads, and how far each is committed."""
    world = World(seed=1)
    for name in SERVERS:
        config = RaftConfig(0.06, 0.03) if name == early else RaftConfig()
        if name == "a":
            world.add(name, LyingServer(SERVERS, Tally(), config, lie=lie, forge=lambda said: f"not {said}"))
        else:
            world.add(name, RaftNode(SERVERS, Tally(), config))
    world.add("writer", Writer())
    for name in cut_off:
        world.cut(early, name)
    world.run(until=2.0)
    nodes = {name: world.process(name) for name in SERVERS}
    assert nodes[early].role == "leader"
    return {
        name: ([entry.command for entry in node.log.entries], node.commit_index)
        for name, node in nodes.items()
    }


def test_two_logs_differ_in_commands_alone():
    assert logs(ServerLie.TWO_LOGS, "a") == {
        "a": ([None, "x"], 2),
        "b": ([None, "x"], 2),
        "c": ([None, "not x"], 2),
    }


def test_what_was_acknowledged_counts_and_is_not_kept():
    assert logs(ServerLie.FORGETS, "b", cut_off="c") == {"a": ([], 0), "b": ([None, "x"], 2), "c": ([], 0)}


@pytest.mark.parametrize(
    ("lie", "early"), [(ServerLie.TWO_LOGS, "b"), (ServerLie.VOTES_TWICE, "b"), (ServerLie.FORGETS, "a")]
)
def test_where_there_is_nothing_to_lie_about_it_is_as_the_others(lie, early):
    assert logs(lie, early) == dict.fromkeys(SERVERS, ([None, "x"], 2))


class Asker:
    """Asks the lying server, and keeps its answers."""

    def __init__(self):
        self.heard = []

    def start(self, env):
        self.ask = lambda message: env.send_reliably("a", message)

    def receive(self, env, sender, message):
        if isinstance(message, AppendEntriesReply | RequestVoteReply | RequestPreVoteReply):
            self.heard.append(message)


def answers(lie, *asked):
    """What a lying server answers b and c, who ask in turn, before anybody stands for election."""
    world, askers = World(seed=1), {name: Asker() for name in "bc"}
    world.add("a", LyingServer(SERVERS, Tally(), lie=lie, forge=str))
    for name, asker in askers.items():
        world.add(name, asker)
    for number, (name, message) in enumerate(asked):
        world.run(until=0.02 * number)
        askers[name].ask(message)
    world.run(until=0.02 * len(asked))
    return {name: asker.heard for name, asker in askers.items()}


def test_who_votes_twice_gives_everybody_every_vote():
    asked = [(name, RequestVote(7, 0, 0)) for name in "bc"] + [
        (name, RequestPreVote(3, 0, 0)) for name in "bc"
    ]
    given = [RequestVoteReply(7, True), RequestPreVoteReply(3, True)]
    assert answers(ServerLie.VOTES_TWICE, *asked) == {"b": given, "c": given}


def test_who_forgets_acknowledges_entries_and_refuses_those_of_a_stale_term():
    told = answers(
        ServerLie.FORGETS,
        ("b", AppendEntries(5, 0, 0, (Entry(5, "x"), Entry(5, "y")), 0, 1)),
        ("c", AppendEntries(4, 0, 0, (Entry(4, "z"),), 0, 1)),
    )
    assert told["b"] == [AppendEntriesReply(5, True, 2, 1)]
    assert [(reply.term, reply.success) for reply in told["c"]] == [(5, False)]


def test_a_lie_is_named():
    with pytest.raises(ValueError, match="lie is 'forgets': it must be one of tells half"):
        LyingServer(SERVERS, Tally(), lie="forgets", forge=str)
