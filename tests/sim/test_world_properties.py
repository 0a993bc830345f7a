"""Whatever happens to a world, in whatever order: time, causes, the dead, partitions and sums stay in order."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.sim import LogNormal, Network, Scenario, Uniform, World, message

NAMES = ("a", "b", "c", "d")
END_S = 18.0  # every fault is over by 16

name = st.sampled_from(NAMES)
share = st.sampled_from([0.0, 0.2, 1.0])
# multiples of 0.125 add up exactly, so faults meet timers and each other at the same instant
seconds = st.integers(0, 8 * 8).map(lambda eighths: eighths / 8)
sides = st.lists(st.sampled_from([0, 1, 2]), min_size=4, max_size=4).filter(lambda chosen: any(chosen))


def as_groups(chosen):
    groups = [[node for node, side in zip(NAMES, chosen, strict=True) if side == wanted] for wanted in (1, 2)]
    return [group for group in groups if group]


links = st.lists(name, min_size=2, max_size=2, unique=True)
truth = st.booleans()
FAULTS = st.one_of(
    st.tuples(seconds, st.just("crash"), st.builds(dict, name=name)),
    st.tuples(seconds, st.just("restart"), st.builds(dict, name=name)),
    st.tuples(
        seconds,
        st.just("pause"),
        st.builds(dict, name=name, seconds=seconds, timers=st.sampled_from(["wait", "run"])),
    ),
    st.tuples(
        seconds,
        st.just("partition"),
        sides.map(as_groups).filter(lambda g: len(g[0]) < 4).map(lambda g: {"groups": g}),
    ),
    st.tuples(
        seconds,
        st.just("cut"),
        st.builds(
            lambda ends, **how: dict(zip("ab", ends, strict=True)) | how, links, both=truth, streams=truth
        ),
    ),
    st.tuples(seconds, st.just("mend"), links.map(lambda ends: dict(zip("ab", ends, strict=True)))),
    st.tuples(seconds, st.just("heal"), st.just({})),
    st.tuples(seconds, st.just("clock"), st.builds(dict, name=name, offset_s=seconds, drift_ppm=seconds)),
    st.tuples(
        seconds, st.just("set_loss"), st.builds(dict, p=share, src=name | st.none(), dst=name | st.none())
    ),
    st.tuples(seconds, st.just("corrupt"), st.builds(dict, p=share)),
    st.tuples(
        seconds, st.just("churn"), st.builds(dict, leaves_per_s=share, joins_per_s=share, seconds=seconds)
    ),
)
NETWORKS = st.builds(
    Network,
    latency=st.sampled_from([Uniform(0.0, 0.5), Uniform(0.125, 0.125), LogNormal(0.1, 1.0)]),
    loss=share,
    duplicate=share,
    corrupt=share,
)
RUNS = st.tuples(st.integers(0, 2**32), NETWORKS, st.lists(FAULTS, max_size=12))


@message
class Word:
    number: int
    text: str


class Chatter:
    """Says something every quarter of a second, in one way and the other, and answers every third word."""

    def start(self, env):
        self.env, self.said = env, 0
        env.record("up")
        env.after(0.25, self.say)

    def say(self):
        env, self.said = self.env, self.said + 1
        env.record("alive")
        to = env.random.choice((*NAMES, "nobody"))
        if self.said % 3:
            env.send(to, Word(self.said, "word"))
        else:
            env.send_reliably(to, Word(self.said, "letter"), failed=self.failed, timeout_s=0.5)
        env.after(0.25, self.say)

    def failed(self, to, word):
        self.env.record("alive")

    def receive(self, env, sender, received):
        env.record("alive")
        if received.number % 3 == 0:
            env.send(sender, Word(1, "answer"))


def chat(run):
    seed, network, faults = run
    world = World(seed=seed, network=network, newcomer=lambda name: Chatter())
    for node in NAMES:
        world.add(node, Chatter(), rebuild=lambda saved: Chatter())
    world.play(Scenario(faults))
    world.run(until=END_S)
    return world


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_time_never_goes_back_and_ends_when_it_was_told_to(run):
    world = chat(run)
    times = [event.time for event in world.trace]
    assert times == sorted(times)
    assert times[0] >= 0.0 and times[-1] <= world.now == END_S


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_everything_received_was_sent_before_as_it_was_sent_or_as_the_trace_says_it_was_damaged(run):
    sent, words, letters = {}, {}, Counter()
    for event in chat(run).trace:
        fields = event.fields
        if event.kind == "send":
            sent[event.node, fields["number"]] = (fields["to"], event.time)
            words[event.node, fields["number"]] = fields["message"]
        elif event.kind == "corrupt":
            words[event.node, fields["number"]] = fields["message"]
        elif event.kind == "receive":
            to, at = sent[fields["sender"], fields["number"]]
            assert to == event.node and at <= event.time
            assert fields["message"] == words[fields["sender"], fields["number"]]
        elif event.kind == "stream-send":
            letters[event.node, fields["to"], fields["message"]] += 1
        elif event.kind == "stream-receive":
            letters[fields["sender"], event.node, fields["message"]] -= 1
        elif event.kind == "stream-failed":
            letters[event.node, fields["to"], fields["message"]] -= 1
    assert min(letters.values(), default=0) >= 0, "a reliable message arrived twice, or without being sent"


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_who_is_down_does_nothing_and_who_is_paused_handles_nothing(run):
    world = chat(run)
    down, paused = set(), {}
    for event in world.trace:
        if event.kind in ("crash", "leave"):
            down.add(event.node)
            paused.pop(event.node, None)
        elif event.kind == "restart":
            down.discard(event.node)
        elif event.kind == "pause":
            paused[event.node] = event.fields["timers"]
        elif event.kind == "wake":
            del paused[event.node]
        elif event.kind in ("receive", "stream-receive"):
            assert event.node not in down and event.node not in paused
        elif event.kind in ("alive", "up", "send", "stream-send"):
            assert event.node not in down
            assert paused.get(event.node) != "wait"
    assert set(world.names) - down == set(world.up)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_nothing_crosses_a_partition(run):
    """Of datagrams and letters: on arrival, which for a receiver that is paused is before it handles them."""
    side, paused = {}, set()
    for event in chat(run).trace:
        if event.kind == "partition":
            side = {node: i for i, group in enumerate(event.fields["groups"], 1) for node in group}
        elif event.kind == "heal":
            side = {}
        elif event.kind == "wake":
            paused.add((event.time, event.node))  # what it handles now arrived earlier
        elif event.kind in ("receive", "stream-receive") and (event.time, event.node) not in paused:
            assert side.get(event.fields["sender"], 0) == side.get(event.node, 0)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_nothing_crosses_a_cut(run):
    """Of datagrams and letters: on arrival, which for a receiver that is paused is before it handles them."""
    datagrams, letters, paused = set(), set(), set()
    for event in chat(run).trace:
        fields = event.fields
        if event.kind == "cut":
            there, back = (fields["a"], fields["b"]), (fields["b"], fields["a"])
            datagrams |= {there, back} if fields["both"] else {there}
            letters |= {there, back} if fields["streams"] else set()
        elif event.kind == "mend":
            gone = {(fields["a"], fields["b"]), (fields["b"], fields["a"])}
            datagrams, letters = datagrams - gone, letters - gone
        elif event.kind == "heal":
            datagrams, letters = set(), set()
        elif event.kind == "wake":
            paused.add((event.time, event.node))  # what it handles now arrived earlier
        elif event.kind in ("receive", "stream-receive") and (event.time, event.node) not in paused:
            assert (fields["sender"], event.node) not in (datagrams if event.kind == "receive" else letters)


@settings(max_examples=60, deadline=None)
@given(RUNS)
def test_every_datagram_is_received_or_lost_or_still_under_way(run):
    world = chat(run)
    open_copies = Counter()
    for event in world.trace:
        fields = event.fields
        if event.kind in ("send", "duplicate"):
            open_copies[event.node, fields["number"]] += 1
        elif event.kind == "lost":
            open_copies[event.node, fields["number"]] -= 1
        elif event.kind == "receive":
            open_copies[fields["sender"], fields["number"]] -= 1
        assert not open_copies or min(open_copies.values()) >= 0
    for kind, metric in (("send", "datagram.sent.messages"), ("receive", "datagram.received.messages")):
        assert world.metrics.value(metric) == len(world.trace.filter(kind=kind))
    # with every fault over, and nobody sending, what is under way lands
    for node in world.up:
        world.crash(node)
    world.run(until=END_S + 60.0)
    total = Counter(event.kind for event in world.trace)
    assert total["send"] + total["duplicate"] == total["receive"] + total["lost"]
    assert total["stream-send"] == total["stream-receive"] + total["stream-failed"]


@settings(max_examples=30, deadline=None)
@given(RUNS)
def test_a_replay_is_identical(run):
    assert chat(run).trace.to_jsonl() == chat(run).trace.to_jsonl()
