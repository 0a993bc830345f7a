"""An agent against its catalog: what is told, and when."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.repair import Check, Registrations, Service, StateSyncer, difference, scale_factor
from gossipkit.sim import World

# The documentation's rows at both ends, and those of Consul's own ae_test.go.


@pytest.mark.parametrize(
    ("nodes", "factor"),
    [
        (1, 1),
        (128, 1),
        (129, 2),
        (256, 2),
        (257, 3),
        (512, 3),
        (513, 4),
        (1024, 4),
        (1025, 5),
        (100, 1),
        (200, 2),
        (1000, 4),
        (10000, 8),
    ],
)
def test_the_factor_of_the_interval(nodes, factor):
    assert scale_factor(nodes) == factor


# What is told.

AGENT = Registrations(
    services={"web-1": Service("web", 80, ("v2",)), "db-1": Service("db", 5432)},
    checks={"web-up": Check("passing", "web-1"), "disk": Check("warning")},
    meta={"address": "10.0.0.1"},
)


def apply(changes, catalog):
    services = {k: v for k, v in catalog.services.items() if k not in changes.deregister_services}
    checks = {k: v for k, v in catalog.checks.items() if k not in changes.deregister_checks}
    return Registrations(
        services | changes.register_services,
        checks | changes.register_checks,
        catalog.meta if changes.meta is None else changes.meta,
    )


def test_where_they_agree_there_is_nothing_to_tell():
    assert not difference(AGENT, AGENT)


def test_a_lost_catalog_is_filled_again():
    changes = difference(AGENT, Registrations())
    assert changes
    assert apply(changes, Registrations()) == AGENT


def test_what_the_agent_says_of_its_own_wins():
    catalog = replace(
        AGENT,
        services=AGENT.services | {"web-1": Service("web", 8080)},
        checks=AGENT.checks | {"disk": Check("passing")},
        meta={"address": "10.9.9.9"},
    )
    changes = difference(AGENT, catalog)
    assert changes.register_services == {"web-1": Service("web", 80, ("v2",))}
    assert changes.register_checks == {"disk": Check("warning")}
    assert changes.meta == {"address": "10.0.0.1"}
    assert changes.deregister_services == changes.deregister_checks == ()


def test_what_only_the_catalog_has_is_taken_out():
    catalog = replace(
        AGENT,
        services=AGENT.services | {"old-1": Service("old")},
        checks=AGENT.checks | {"old-up": Check("critical", "old-1")},
    )
    changes = difference(AGENT, catalog)
    assert changes.deregister_services == ("old-1",)
    assert changes.deregister_checks == ("old-up",)
    assert not changes.register_services


def test_what_the_leader_manages_stays_on_agents_and_on_servers():
    catalog = replace(
        AGENT,
        services=AGENT.services | {"consul": Service("consul", 8300)},
        checks=AGENT.checks | {"serfHealth": Check("critical")},
    )
    assert not difference(AGENT, catalog)


def test_tags_that_may_be_overridden_are_the_catalog_s_and_nothing_else_is():
    agent = Registrations(services={"web-1": Service("web", 80, ("v1",), enable_tag_override=True)})
    catalog = Registrations(services={"web-1": Service("web", 80, ("drained",), enable_tag_override=True)})
    assert not difference(agent, catalog)
    moved = Registrations(services={"web-1": Service("web", 81, ("drained",), enable_tag_override=True)})
    assert difference(agent, moved).register_services == {
        "web-1": Service("web", 80, ("drained",), enable_tag_override=True)
    }
    assert difference(agent, Registrations()).register_services == agent.services


NAMES = st.sampled_from(["web-1", "web-2", "db-1", "consul", "serfHealth"])
REGISTRATIONS = st.builds(
    Registrations,
    st.dictionaries(
        NAMES,
        st.builds(
            Service,
            st.sampled_from(["web", "db"]),
            st.integers(1, 2),
            st.sampled_from([(), ("a",)]),
            st.booleans(),
        ),
    ),
    st.dictionaries(NAMES, st.builds(Check, st.sampled_from(["passing", "critical"]))),
    st.sampled_from([None, {"address": "10.0.0.1"}]),
)


@settings(max_examples=300, deadline=None)
@given(REGISTRATIONS, REGISTRATIONS)
def test_telling_the_difference_leaves_none(agent, catalog):
    agent = replace(agent, meta={"address": "10.0.0.2"})
    after = apply(difference(agent, catalog), catalog)
    assert not difference(agent, after)
    assert after.checks.keys() - {"serfHealth"} == agent.checks.keys() - {"serfHealth"}
    assert after.services.keys() - {"consul"} == agent.services.keys() - {"consul"}


# When.


class Agent:
    """Talks for ``takes_s`` each time and writes down when it began; ``fails`` of the first full talks fail."""

    def __init__(self, nodes=1, takes_s=0.0, fails=0):
        self.syncer = StateSyncer(self.full, self.changes, lambda: nodes)
        self.takes_s, self.fails, self.begun = takes_s, fails, []

    def start(self, env):
        self.env = env
        self.syncer.start(env)

    def receive(self, env, sender, message):
        raise AssertionError("nobody writes to it")

    def full(self, env):
        self.begun.append((env.now, "full"))
        self.fails -= 1
        env.after(self.takes_s, self.syncer.finished, env, self.fails < 0)

    def changes(self, env):
        self.begun.append((env.now, "changes"))
        env.after(self.takes_s, self.syncer.finished, env, True)

    @property
    def full_times(self):
        return [time for time, what in self.begun if what == "full"]

    @property
    def kinds(self):
        return [what for _, what in self.begun]


def begin(until, seed=1, **agent):
    world = World(seed)
    process = Agent(**agent)
    world.add("agent-1", process)
    world.run(until=until)
    return world, process


@pytest.mark.parametrize(("nodes", "factor"), [(10, 1), (200, 2), (1000, 4)])
def test_full_comparisons_come_after_an_interval_and_a_random_part_of_it_times_the_factor(nodes, factor):
    _, agent = begin(40_000, nodes=nodes)
    times = agent.full_times
    assert times[0] == 0.0
    waits = [later - earlier for earlier, later in pairwise(times)]
    assert min(waits) >= 60.0 and max(waits) < 60.0 * (1 + factor)
    # uniform: four standard errors around the middle
    spread = 60.0 * factor
    assert sum(waits) / len(waits) == pytest.approx(
        60 + spread / 2, abs=4 * spread / (12 * len(waits)) ** 0.5
    )
    assert max(waits) > 60 + 0.9 * spread


def test_agents_that_start_together_do_not_stay_together():
    starts = [begin(130, seed=seed)[1].full_times[1] for seed in range(100)]
    assert len(set(starts)) == 100
    assert min(starts) < 66 and max(starts) > 114


def test_a_change_is_told_at_once_and_several_while_talking_are_told_once():
    world, agent = begin(1.0, takes_s=0.5)
    agent.syncer.changed(agent.env)
    assert agent.begun[-1] == (1.0, "changes")
    agent.syncer.changed(agent.env)
    agent.syncer.changed(agent.env)
    world.run(until=5.0)
    assert agent.begun[1:] == [(1.0, "changes"), (1.5, "changes")]


def test_the_full_comparison_comes_before_changes_that_were_there_first():
    world, agent = begin(0.1, takes_s=0.5)
    agent.syncer.changed(agent.env)
    world.run(until=1.0)
    assert agent.kinds == ["full", "changes"]


def test_telling_changes_does_not_put_off_the_full_comparison():
    world, agent = begin(0.0)
    _, undisturbed = begin(130.0)
    for second in range(1, 130):
        world.run(until=float(second))
        agent.syncer.changed(agent.env)
    world.run(until=130.0)
    assert agent.full_times == undisturbed.full_times
    assert agent.kinds.count("changes") == 129


def test_a_failed_comparison_is_repeated_after_fifteen_to_thirty_seconds():
    waits = [begin(31.0, seed=seed, fails=1)[1].full_times[1] for seed in range(100)]
    assert 15.0 <= min(waits) < 16.5 and 28.5 < max(waits) < 30.0
    _, agent = begin(31.0, fails=1)
    assert agent.syncer.last_full_s == agent.full_times[1]


def test_changes_wait_while_the_catalog_cannot_be_reached():
    world, agent = begin(1.0, fails=1)
    agent.syncer.changed(agent.env)
    world.run(until=14.0)
    assert agent.kinds == ["full"]
    world.run(until=31.0)
    assert agent.kinds == ["full", "full", "changes"]


@pytest.mark.parametrize("fails", [0, 1])
def test_a_new_server_is_told_within_three_seconds_times_the_factor_also_after_a_failure(fails):
    waits = []
    for seed in range(60):
        world, agent = begin(1.0, seed=seed, nodes=200, fails=fails)
        agent.syncer.server_up(agent.env)
        agent.syncer.server_up(agent.env)
        world.run(until=8.0)
        waits.append(agent.full_times[1] - 1.0)
    assert min(waits) < 0.6 and 5.4 < max(waits) < 6.0


@pytest.mark.parametrize("fails", [0, 1])
def test_a_server_that_comes_during_a_comparison_gets_another_even_if_that_fails(fails):
    world, agent = begin(0.1, takes_s=1.0, fails=fails)
    agent.syncer.server_up(agent.env)
    world.run(until=5.0)
    assert agent.kinds == ["full", "full"]
    assert 1.0 <= agent.full_times[1] < 4.0


def test_an_end_that_comes_late_changes_nothing():
    world, agent = begin(1.0, fails=1)
    agent.syncer.finished(agent.env, True)
    world.run(until=14.0)
    assert agent.kinds == ["full"]
    assert agent.syncer.last_full_s is None


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: scale_factor(0), "nodes is 0: it must be a whole number, at least 1"),
        (lambda: StateSyncer(print, print, int, interval_s=0), "interval_s is 0"),
    ],
)
def test_nonsense_is_refused_with_its_value(make, words):
    with pytest.raises(ValueError, match=words):
        make()
