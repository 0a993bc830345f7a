"""The model against attacks on real serf: what forged packets did to six agents that share a key, and what they do here.

The agents were serf 0.9.4 (memberlist 0.2.2) with LAN settings on one machine; the attacker was no member, but knew the key.
Of each attack a few runs were made, so a range is all that is known; nothing here was fitted to it. Three things were not
written down, and are chosen here: who was told of the growing incarnations (all five peers, ten times a second), in which
incarnation the hijacked name came back (one above), and the moment within the agents' gossip intervals (any).
"""

from statistics import median

from gossipkit.gossip.adversary import Forge, Liar, hijack
from gossipkit.gossip.swim import HIGHEST_INCARNATION, SwimNode
from gossipkit.sim import World

NAMES = tuple(f"n{number}" for number in range(1, 7))
VICTIM = "n4"
PEERS = tuple(name for name in NAMES if name != VICTIM)


def attacked(seed, *lies):
    """Six members, and a thief who holds the key."""
    world = World(seed=seed, trace="events")
    for name in NAMES:
        world.add(name, SwimNode(members=NAMES))
    world.add("thief", Liar(None, lies))
    return world


def begin_s(seed):
    """Some moment within the members' intervals."""
    return 5 + 0.037 * seed


def gone(world):
    """Who does not take the victim for alive."""
    return [name for name in PEERS if world.process(name).state_of(VICTIM) != "alive"]


def after(world, kind, begin, about=VICTIM):
    return [
        event.time - begin
        for event in world.trace.filter(kind=kind, after=begin)
        if event.fields["about"] == about
    ]


def test_a_forged_death_is_believed_at_once_and_refuted_within_half_a_second():
    """Measured: failed at 5 of 5 peers within 0.05 s, refuted and back in 0.15 to 0.55 s."""
    back = []
    for seed in range(30):
        begin = begin_s(seed)
        world = attacked(seed, Forge(about=VICTIM, incarnation=1, to=PEERS, at_s=begin))
        world.run(until=begin + 0.05)
        failed = after(world, "member-failed", begin)
        assert len(failed) == 5
        world.run(until=begin + 5)
        joined = after(world, "member-join", begin)
        back += [max(joined)] if len(joined) >= 5 else []
    # each member sends four copies: in 4 % of the runs none of a refutation reaches some peer, which waits for a push/pull then,
    # and in 0.5 % none of the forged word reaches the victim
    assert len(back) >= 25
    assert sum(0.15 <= each <= 0.55 for each in back) >= 0.8 * len(back)
    assert 0.15 <= median(back) <= 0.55
    assert max(back) < 0.7


def test_a_storm_of_forged_deaths():
    """Measured in five runs: 9 to 170 failed events at the six agents, 2 to 52 refutations, the victim usually alive
    afterwards, and once still failed."""
    failed, refuted, still = [], [], 0
    for seed in range(10):
        lie = Forge(about=VICTIM, incarnation=1, growth=1, to=PEERS, every_s=0.1, for_s=10.0, at_s=5.0)
        world = attacked(seed, lie)
        world.run(until=17)
        failed.append(len(after(world, "member-failed", 5)))
        refuted.append(len(after(world, "refute", 5)))
        still += bool(gone(world))
    # each of a hundred packets can be believed once by each peer, and refuted once
    assert max(failed) <= 500 and max(refuted) <= 100
    # the spread: some runs end soon, as a dead victim is told no more than its peers have copies for
    assert min(failed) < 170 and max(failed) > 100
    assert min(refuted) < 52 and max(refuted) > 20
    assert still <= 4


def test_the_highest_incarnation_told_to_one_agent_is_never_refuted():
    """Measured: failed at all peers in 0.2 s, and for all of the 35 s watched; the victim itself says that it lives."""
    last = []
    for seed in range(10):
        begin = begin_s(seed)
        world = attacked(seed, Forge(about=VICTIM, incarnation=HIGHEST_INCARNATION, to=("n1",), at_s=begin))
        while world.now < begin + 35:
            world.run(until=world.now + 0.5)
            if world.now > begin + 1:
                assert len(gone(world)) == 5
        failed = after(world, "member-failed", begin)
        last.append(max(failed))
        assert len(failed) == 5
        assert world.process(VICTIM).state_of(VICTIM) == "alive"
    # ten runs have the median between their first and last, but for 2 in 1024, and the measured one has a single digit
    assert min(last) - 0.05 <= 0.2 <= max(last) + 0.05
    assert max(last) < 0.45  # a peer's copies leave in two rounds of 0.2 s


def test_a_hijacked_name_is_at_the_attackers_address_and_then_fails():
    """Measured: within 0.03 s all five peers hold it at the attacker's address; nobody answers there: failed by 8 s, and for
    the 20 s watched."""
    for seed in range(10):
        begin = begin_s(seed)
        world = attacked(seed, *hijack(VICTIM, "evil", at_s=begin, to=PEERS))
        world.run(until=begin + 0.03)
        assert {world.process(name).members[VICTIM].address for name in PEERS} == {"evil"}
        assert not gone(world)
        world.run(until=begin + 8)
        assert len(gone(world)) == 5
        world.run(until=begin + 20)
        assert len(gone(world)) == 5
