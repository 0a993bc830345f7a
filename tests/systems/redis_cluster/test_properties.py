"""What holds of every run of a Redis Cluster, whatever fails, and that its trace tells what its nodes know."""

from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import Scenario
from gossipkit.systems import RedisCluster
from gossipkit.systems.rebuilt import rebuilt

NODES = tuple(f"node-{number}" for number in range(1, 7))
MASTERS = NODES[:3]
names = st.sampled_from(NODES)
groups = st.lists(names, min_size=1, max_size=4, unique=True)
times = st.integers(2, 80).map(lambda quarter: quarter / 4)


def step(action, **arguments):
    return st.tuples(times, st.just(action), st.fixed_dictionaries(arguments))


FAULTS = (
    step("crash", name=names),
    step("restart", name=names),
    step(
        "pause", name=names, seconds=st.sampled_from([0.7, 2.5, 6.0]), timers=st.sampled_from(["wait", "run"])
    ),
    groups.flatmap(lambda group: step("partition", groups=st.just([group]))),
    st.permutations(NODES).flatmap(lambda order: step("cut", a=st.just(order[0]), b=st.just(order[1]))),
    step("heal"),
    step("set_loss", p=st.sampled_from([0.0, 0.3])),
    step("clock", name=names, offset_s=st.sampled_from([-3.0, 0.4, 60.0])),
)
ACTS = (
    step("set", key=st.sampled_from("abcdef"), value=st.sampled_from("xyz"), wait=st.sampled_from([0, 1])),
    step("get", key=st.sampled_from("abcdef"), via=names),
    step("join", name=st.just("new"), replicate=st.sampled_from([None, *MASTERS])),
)
STORIES = st.lists(st.one_of(*FAULTS, *ACTS), min_size=2, max_size=12)
SEEDS = st.integers(0, 999)


def played(story, seed, after_s, **options):
    cluster = RedisCluster(
        node_timeout_s=1.5, seed=seed, trace="events", repl_diskless_sync_delay_s=0.5, **options
    )
    cluster.play(Scenario(story))
    cluster.run(until=max(at for at, *_ in story) + after_s)
    return cluster


def promotions(cluster):
    return cluster.trace.filter(kind="promoted")


@settings(max_examples=25, deadline=None)
@given(STORIES, SEEDS)
def test_an_epoch_has_one_winner_who_had_the_votes_of_a_majority_of_different_masters(story, seed):
    cluster = played(story, seed, 8.0)
    winners = {}
    for event in promotions(cluster):
        epoch = event.fields["term"]
        assert winners.setdefault(epoch, event.node) == event.node
        votes = {
            vote.node
            for vote in cluster.trace.filter(kind="vote")
            if (vote.fields["epoch"], vote.fields["about"], vote.fields["verdict"])
            == (epoch, event.node, "granted")
            and vote.time <= event.time
        }
        assert len(votes) >= 2  # of three masters with slots; failed ones count
    granted = [
        (vote.node, vote.fields["epoch"])
        for vote in cluster.trace.filter(kind="vote")
        if vote.fields["verdict"] == "granted"
    ]
    assert len(set(granted)) == len(granted)  # also across restarts


@settings(max_examples=25, deadline=None)
@given(STORIES, SEEDS)
def test_a_slot_has_one_owner_an_epoch_in_all_tables(story, seed):
    """At the end, and whenever a table changed: no two nodes, up or not, ever hold a slot by the same epoch."""
    cluster = played(story, seed, 8.0)
    owner_by = {}
    for node in cluster.running().values():
        for name, ranges in node.slots.owned.items():
            for first, _ in ranges:
                assert owner_by.setdefault((first, node.epochs[name]), name) == name


@settings(max_examples=20, deadline=None)
@given(
    st.lists(
        st.one_of(
            step("crash", name=names),
            step("pause", name=names, seconds=st.just(30.0), timers=st.just("wait")),
        ),
        max_size=4,
    ),
    SEEDS,
)
def test_without_a_majority_of_masters_nobody_is_promoted(story, seed):  # fmt: skip
    dead = [(1.0, "crash", {"name": "node-1"}), (1.0, "crash", {"name": "node-2"})]
    cluster = played([*dead, *story], seed, 15.0)
    assert not len(promotions(cluster))
    assert {
        cluster.authority.state(name) for name, node in cluster.running().items() if node.env._pause is None
    } <= {"fail"}


@settings(max_examples=20, deadline=None)
@given(st.lists(st.one_of(*FAULTS, *ACTS[:2]), min_size=2, max_size=12), SEEDS)
def test_after_all_is_well_again_every_node_believes_and_knows_the_same(story, seed):
    """Without joins: whoever is told of a new node can crash before it has met it, and then nobody knows of it."""
    cluster = played(story, seed, 0.0)
    cluster.heal()
    cluster.set_loss(0.0)
    for name in cluster.world.names:
        cluster.world.clock(name)
        if name not in cluster.running():
            cluster.restart(name)
    cluster.run(until=cluster.world.now + 40)
    assert cluster.gossip.disagreement() == []
    assert cluster.repair.stale() == ()
    assert {cluster.authority.state(name) for name in cluster.running()} == {"ok"}
    assert cluster.repair.divergent() == ()
    owners = [cluster.authority.claimants(slot) for slot in (0, 6000, 16383)]
    assert all(len(claimants) == 1 for claimants in owners)
    epochs = {cluster.authority.epoch(name) for name in cluster.running()}
    assert len(epochs) == 1


@settings(max_examples=20, deadline=None)
@given(STORIES, SEEDS)
def test_what_wait_has_confirmed_is_on_two_nodes(story, seed):
    """Not for ever: a failover can lose it still. But when it was said, it was so."""
    cluster = played(story, seed, 8.0)
    applied = {}
    for event in cluster.trace:
        if event.kind == "applied":
            applied.setdefault((event.fields["key"], event.fields["version"]), set()).add(event.node)
        elif event.kind == "operation-ended" and event.fields["status"] == "ok":
            operation = cluster.operations[event.fields["operation"] - 1]
            if operation.required == 2:
                assert applied[operation.key, operation.offset] >= set(operation.acks)
                assert len(set(operation.acks)) >= 2


@settings(max_examples=25, deadline=None)
@given(STORIES, SEEDS, st.sampled_from([0.05, 0.4, 2.0, 12.0]), st.booleans(), st.booleans())
def test_all_that_nodes_know_can_be_rebuilt_from_the_trace_alone(story, seed, after_s, authority, repair):
    cluster = played(story, seed, after_s, authority=authority, repair=repair)
    state, running = rebuilt(cluster.trace), cluster.running()
    assert state.beliefs == {name: cluster.gossip.view(name) for name in running}
    assert state.slots == {name: node.slots.owned for name, node in running.items()}
    assert state.masters == {name: node.master for name, node in running.items()}
    assert {name: role for name, (role, _) in state.roles.items()} == {
        name: "replica" if node.master else "master" for name, node in running.items()
    }
    assert state.serving == {name: node.ok for name, node in running.items()}
    kept = {(name, key): held for (name, key), held in state.applied.items() if name in running}
    assert kept == {
        (name, key): ((value,), offset)
        for name, node in running.items()
        for key, (value, offset) in node.replication.data.items()
    }
    assert set(state.pending) == {each.number for each in cluster.operations if each.status == "pending"}


@settings(max_examples=8, deadline=None)
@given(STORIES, SEEDS)
def test_the_same_seed_and_story_give_the_same_trace(story, seed):
    first, second = (played(story, seed, 2.0).trace.to_jsonl() for _ in range(2))
    assert first == second
