"""One member's probes, answered by hand: which answer counts for which probe, and what it does to the member's health."""

from dataclasses import replace

import pytest

from gossipkit.gossip.swim import (
    Ack,
    Alive,
    Compound,
    IndirectPing,
    Nack,
    Ping,
    StreamAck,
    StreamPing,
    SwimConfig,
    SwimNode,
)
from gossipkit.sim import Constant, Network, World

# nothing but probes and what is gossiped of them
LAN = replace(SwimConfig.lan(), push_pull_interval_s=0, reconnect_interval_s=0)


class Puppet:
    """A member that says only what it is told to say, and remembers what it has heard."""

    def __init__(self):
        self.heard = []

    def start(self, env):
        self.env = env

    def receive(self, env, sender, message):
        self.heard += message.parts if type(message) is Compound else (message,)

    def of(self, kind):
        return [message for message in self.heard if type(message) is kind]


class Table:
    """Member "a", and puppets that it takes for the others."""

    def __init__(self, names="abcdef", config=LAN):
        self.world = World(seed=1, network=Network(latency=Constant(0.001)))
        self.world.add("a", SwimNode(config, members=tuple(names)))
        for name in names[1:]:
            self.world.add(name, Puppet())
        self.node = self.world.processes["a"]
        self.puppets = {name: self.world.processes[name] for name in names[1:]}
        self.world.run(until=0.0)  # they start

    def until_probe(self, number):
        """Let time pass until a probe's ping has arrived; who is probed."""
        while True:
            for name, puppet in self.puppets.items():
                if any(ping.seq_no == number for ping in puppet.of(Ping)):
                    return name
            self.world.run(until=self.world.now + 0.05)

    def say(self, name, message, reliably=False):
        env = self.puppets[name].env
        (env.send_reliably if reliably else env.send)("a", message)
        self.world.run(until=self.world.now + 0.01)

    def wait(self, seconds):
        self.world.run(until=self.world.now + seconds)

    def failed(self):
        """Whom no probe has reached, in this order."""
        return [event.fields["about"] for event in self.world.trace.filter(kind="probe-failed")]

    def by_tcp_alone(self):
        return [event.fields["about"] for event in self.world.trace.filter(kind="tcp-only")]

    def suspects(self):
        return {name for name, state in self.node.states.items() if state == "suspect"}


def second_probe():
    """A table at which a first probe has failed and the second one is under way; the two members that are probed."""
    table = Table()
    first = table.until_probe(1)
    second = table.until_probe(2)
    assert table.failed() == [first]
    assert table.node.health.score == 3  # three helpers, and no nack
    return table, first, second


@pytest.mark.parametrize(("late", "reliably"), [(Ack(1), False), (StreamAck(1), True)])
def test_a_late_answer_to_an_earlier_probe_does_not_count_for_the_current_one(late, reliably):
    table, first, second = second_probe()
    table.say(first, late, reliably)
    table.wait(4)  # the interval is four times as long in this health
    assert table.failed() == [first, second]
    assert table.suspects() >= {first, second}
    assert table.by_tcp_alone() == []


def test_a_late_nack_of_an_earlier_probe_does_not_count_for_the_current_one():
    table, first, second = second_probe()
    table.say(first, Nack(1))
    table.wait(4)
    assert table.failed() == [first, second]
    assert table.node.health.score == 3 + 3


def test_each_nack_of_the_current_probe_spares_a_point_of_health():
    table = Table()
    probed = table.until_probe(1)
    helpers = [name for name in table.puppets if name != probed]
    for helper in helpers[:2]:
        table.say(helper, Nack(1))
    table.wait(1)
    assert table.failed() == [probed]
    assert table.node.health.score == 3 - 2


def test_without_helpers_a_failed_probe_costs_one_point():
    table = Table("ab")
    table.until_probe(1)
    table.wait(1)
    assert table.failed() == ["b"]
    assert table.node.health.score == 1


def test_an_ack_ends_the_probe_and_gives_a_point_back():
    table, first, second = second_probe()
    table.say(second, Ack(2))
    table.wait(0.1)
    assert table.node.health.score == 3 - 1
    assert table.suspects() == {first}


def test_contact_by_tcp_alone_accuses_nobody_and_gives_a_point_back():
    table, first, second = second_probe()
    table.wait(0.6)  # the timeout is over, and TCP is tried
    table.say(second, StreamAck(2), reliably=True)
    table.wait(3.5)
    assert table.failed() == [first]
    assert table.by_tcp_alone() == [second]
    assert second not in table.suspects()
    assert table.node.health.score == 3 - 1


def test_an_interval_is_as_many_times_longer_as_the_health_score_says():
    table, first, second = second_probe()
    table.wait(3.5)
    assert table.failed() == [first]
    table.wait(0.6)
    assert table.failed() == [first, second]


def test_a_tick_that_came_during_a_long_probe_begins_the_next_one_at_once():
    table, _, second = second_probe()
    table.wait(1.2)  # a tick has come
    table.say(second, Ack(2))
    assert any(ping.seq_no == 3 for puppet in table.puppets.values() for ping in puppet.of(Ping))


def test_neither_the_target_nor_a_suspect_is_asked_for_help():
    table = Table("abcd")
    first, second = table.until_probe(1), table.until_probe(2)
    table.wait(0.6)
    asked = {
        number: {
            name
            for name, puppet in table.puppets.items()
            if any(request.seq_no == number for request in puppet.of(IndirectPing))
        }
        for number in (1, 2)
    }
    assert asked == {1: {*"bcd"} - {first}, 2: {*"bcd"} - {first, second}}


def test_an_accusation_is_of_the_incarnation_that_was_probed():
    table = Table()
    probed = table.until_probe(1)
    table.say(probed, Alive(2, probed, ""))  # what a probe of incarnation 1 finds says nothing against it
    table.wait(1)
    assert table.failed() == [probed]
    assert table.suspects() == set()


@pytest.mark.parametrize(("ping", "answer", "reliably"), [(Ping, Ack, False), (StreamPing, StreamAck, True)])
def test_only_a_ping_that_is_meant_for_this_member_is_answered(ping, answer, reliably):
    table = Table()
    table.say("b", ping(70, "c"), reliably)
    table.say("b", ping(71, "a"), reliably)
    table.wait(0.1)
    assert table.puppets["b"].of(answer) == [answer(71)]


def test_a_helper_passes_the_ack_on_under_the_askers_number_and_sends_no_nack_then():
    table = Table()
    table.say("b", IndirectPing(70, "c", ""))
    number = table.puppets["c"].of(Ping)[-1].seq_no
    assert number != 70
    table.say("c", Ack(number))
    table.wait(0.1)
    assert table.puppets["b"].of(Ack) == [Ack(70)]
    table.say("c", Ack(number))  # a second one is nobody's
    table.wait(1)
    assert table.puppets["b"].of(Ack) == [Ack(70)]
    assert table.puppets["b"].of(Nack) == []


def test_a_helper_that_reaches_nobody_sends_one_nack_and_passes_no_late_ack_on():
    table = Table()
    table.say("b", IndirectPing(70, "c", ""))
    number = table.puppets["c"].of(Ping)[-1].seq_no
    table.wait(0.6)
    assert table.puppets["b"].of(Nack) == [Nack(70)]
    table.say("c", Ack(number))
    table.wait(0.1)
    assert table.puppets["b"].of(Ack) == []


def test_who_has_left_accuses_nobody_and_sends_no_nack():
    table = Table(config=replace(LAN, leave_propagate_delay_s=0.0, broadcast_timeout_s=0.0))
    table.until_probe(1)
    table.say("b", IndirectPing(70, "c", ""))
    table.node.leave()
    table.wait(0.2)
    assert table.node.stopped
    table.wait(2)
    assert table.failed() == []
    assert [
        name for name, puppet in table.puppets.items() if puppet.of(IndirectPing) or puppet.of(Nack)
    ] == []


def test_who_has_left_answers_nobody():
    table = Table(config=replace(LAN, leave_propagate_delay_s=0.0, broadcast_timeout_s=0.0))
    table.node.leave()
    table.wait(0.5)
    table.say("b", Ping(70, "a"))
    table.wait(0.1)
    assert table.puppets["b"].of(Ack) == []


def test_a_timeout_beyond_the_interval_ends_with_the_interval():
    table = Table("ab", replace(LAN, probe_timeout_s=2.0))
    table.until_probe(1)
    table.wait(1.1)
    assert table.failed() == ["b"]
