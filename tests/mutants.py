"""Mutants: one rule of the engine or the grader is dropped or bent, and the tests that are named must notice.

    python -m tests.mutants [WORD ...] [--sample N] [--seed N]

takes all mutants, or those whose name or file contains one of the words, or a sample of them. Each is put into a copy of
the course in a temporary folder, never into the files at hand, and its tests run there until the first failure. Before that
they all have to pass without any mutant. It says which mutants were killed and which survived, and how long each took; the
exit status is 1 where one has survived.

A test that passes though its rule is gone says nothing about the rule. So whoever writes down a new rule writes a test and
adds the mutant that it kills.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("exercises", "gossipkit", "solutions", "tests")
TOO_LONG_S = 900.0
"""Seconds after which a mutant counts as killed: its tests never end."""


@dataclass(frozen=True)
class Mutant:
    """A rule, and the text whose change drops it.

    Attributes
    ----------
    file : str
        Below the course's folder.
    rule : str
        What holds in the engine as it stands.
    text, replacement : str
        ``text`` stands in the file exactly once.
    tests : tuple of str
        The files of tests that must fail.
    """

    file: str
    rule: str
    text: str
    replacement: str
    tests: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}"


def _of(file: str, tests: str, *rules: tuple[str, str, str]) -> list[Mutant]:
    return [Mutant(file, rule, text, replacement, tuple(tests.split())) for rule, text, replacement in rules]


MUTANTS: list[Mutant] = [
    # sim
    *_of(
        "gossipkit/sim/kernel.py",
        "tests/sim/test_kernel.py tests/sim/test_signal.py tests/sim/test_faults.py tests/sim/test_replay.py",
        (
            "what is due at one instant happens in the order in which it was asked for",
            "heappush(self._heap, (at, self._order, self, method",
            "heappush(self._heap, (at, -self._order, self, method",
        ),
        (
            "a cancelled timer does not go off",
            "            if timer:\n                continue  # cancelled\n",
            "",
        ),
        (
            "what is due at the end of a run still happens",
            "            if time > until:\n",
            "            if time >= until:\n",
        ),
        (
            "a negative delay is refused",
            "        if not delay >= 0.0:\n",
            "        if False:\n",
        ),
        (
            "a world can't be run from inside",
            "        if self._owner is not None:\n            raise RuntimeError",
            "        if False:\n            raise RuntimeError",
        ),
        (
            "a run ends at the instant of its signal, before all else that is due then",
            "heappush(self._heap, (self.now, -self._order, self, self._stop",
            "heappush(self._heap, (self.now, self._order, self, self._stop",
        ),
    ),
    *_of(
        "gossipkit/sim/links.py",
        "tests/sim/test_network.py tests/sim/test_faults.py",
        (
            "a cut of one direction leaves the other one alone",
            "{(a, b), (b, a)} if both else {(a, b)}",
            "{(a, b), (b, a)}",
        ),
        (
            "a cut of datagrams alone leaves connections alone",
            "        if streams:\n            self._cut_streams",
            "        if True:\n            self._cut_streams",
        ),
        (
            "a mend takes the cut of datagrams back",
            "        self._cut_datagrams -= {(a, b), (b, a)}\n",
            "",
        ),
        (
            "a mend takes the cut of connections back",
            "        self._cut_streams -= {(a, b), (b, a)}\n",
            "",
        ),
        (
            "healing takes cuts back, too",
            "        self._cut_datagrams.clear()\n        self._cut_streams.clear()\n",
            "",
        ),
        (
            "a connection doesn't pass a partition",
            "return self._sides.get(a, 0) == self._sides.get(b, 0) and (a, b)",
            "return (a, b)",
        ),
        (
            "a general loss replaces those towards one node",
            "                node._outgoing.loss, node._outgoing.loss_towards = p, {}\n",
            "                node._outgoing.loss = p\n",
        ),
        (
            "who is added later sends over links with the same loss",
            "                self.loss, self.loss_towards = p, {}\n",
            "                pass\n",
        ),
        (
            "a node that is added during a partition is in none of its groups",
            "        if self.apart:\n            self._work_out()\n",
            "",
        ),
        (
            "a datagram's copy has a latency of its own",
            "            self._put(target, arrive, (sender, -number, size, message))\n",
            "",
        ),
    ),
    *_of(
        "gossipkit/sim/pause.py",
        "tests/sim/test_pauses.py",
        (
            "a shorter pause doesn't end a longer one",
            "max(self.ends_s, until_s), timers_run",
            "until_s, timers_run",
        ),
        (
            "of two pauses the last one says whether timers run",
            "max(self.ends_s, until_s), timers_run",
            "max(self.ends_s, until_s), self.timers_run or timers_run",
        ),
        (
            "what a paused process wanted to send is lost with its crash",
            "            lose()\n",
            "            pass\n",
        ),
    ),
    *_of(
        "gossipkit/sim/faults.py",
        "tests/sim/test_faults.py tests/sim/test_scenario.py tests/sim/test_replay.py",
        (
            "a set of names in a partition is put into an order",
            "(sorted(group) if isinstance(group, kinds[2:]) else group for group in self.groups)",
            "(group for group in self.groups)",
        ),
        (
            "a node is on one side of a partition",
            '            if name in seen:\n                raise ValueError(f"{name!r} is named twice',
            '            if False:\n                raise ValueError(f"{name!r} is named twice',
        ),
        (
            "a link has two ends",
            "    if a == b:\n",
            "    if False:\n",
        ),
    ),
    # gossip: SWIM
    *_of(
        "gossipkit/gossip/swim/probe.py",
        "tests/gossip/swim/test_probe.py tests/gossip/swim/test_node.py",
        (
            "a late ack of an earlier probe does not end the current one",
            "        if current is not None and number == current.seq_no:\n",
            "        if current is not None and number not in self._relayed:\n",
        ),
        (
            "a late nack of an earlier probe does not count for the current one",
            "        if current is not None and nack.seq_no == current.seq_no:\n",
            "        if current is not None:\n",
        ),
        (
            "a late TCP ack of an earlier probe does not count for the current one",
            "        if current is not None and ack.seq_no == current.seq_no:\n            current.contacted",
            "        if current is not None:\n            current.contacted",
        ),
        (
            "a ping that is meant for another member is not answered",
            "        if ping.node == self._node.name:\n            self._gossip.send",
            "        if True:\n            self._gossip.send",
        ),
        (
            "a TCP ping that is meant for another member is not answered",
            "        if ping.node == self._node.name:\n            self._env.send_reliably",
            "        if True:\n            self._env.send_reliably",
        ),
        (
            "contact by TCP alone lowers the health score",
            "            return self._done(-1)\n",
            "            return self._done(0)\n",
        ),
        (
            "contact by TCP alone is no reason to accuse",
            "        if current.contacted:\n",
            "        if False:\n",
        ),
        (
            "an ack lowers the health score",
            "            current.timer.cancel()\n            self._done(-1)\n",
            "            current.timer.cancel()\n            self._done(0)\n",
        ),
        (
            "without helpers a failed probe costs one point of health",
            "if current.helpers else 1\n",
            "if current.helpers else 0\n",
        ),
        (
            "a nack spares a point of health",
            "delta = current.helpers - current.nacks if",
            "delta = current.helpers if",
        ),
        (
            "the target is not its own helper",
            "lambda member: member.state is ALIVE and member.name != current.name",
            "lambda member: member.state is ALIVE",
        ),
        (
            "a suspect is not asked for help",
            "lambda member: member.state is ALIVE and member.name != current.name",
            "lambda member: member.name != current.name",
        ),
        (
            "health prolongs the probe's interval",
            "            interval_s = health.scale(interval_s)\n",
            "",
        ),
        (
            "one tick waits while a probe is under way",
            "            self._tick_waits = True\n",
            "            pass\n",
        ),
        (
            "a helper that has passed an ack on sends no nack",
            "            asker, number, timer = self._relayed.pop(number)\n            timer.cancel()\n",
            "            asker, number, timer = self._relayed[number]\n",
        ),
        (
            "a helper passes the ack on under the asker's number",
            "            self._gossip.send(asker, Ack(number))\n",
            "            self._gossip.send(asker, ack)\n",
        ),
        (
            "an accusation is of the incarnation that was probed",
            "self._node.apply(Suspect(current.incarnation, current.name",
            "self._node.apply(Suspect(self._members[current.name].incarnation, current.name",
        ),
        (
            "TCP pings can be switched off",
            "        if not config.disable_tcp_pings:\n",
            "        if True:\n",
        ),
        (
            "the ping of a suspect tells it of the accusation",
            "        if member.state is ALIVE or not config.buddy_system:\n",
            "        if True:\n",
        ),
        (
            "a probe ends with its deadline",
            "wait_s = min(until_s, self._round.deadline_s) - self._env.now",
            "wait_s = until_s - self._env.now",
        ),
        (
            "who stops gives up its probe",
            "            self._round.timer.cancel()\n",
            "            pass\n",
        ),
        (
            "who stops sends no nacks any more",
            "            timer.cancel()\n        if self._round is not None and self._round.timer",
            "            pass\n        if self._round is not None and self._round.timer",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/membership.py",
        "tests/gossip/swim/test_membership.py tests/gossip/swim/test_node.py",
        (
            "a member that has left is replaced at once",
            "        if member.state is LEFT and member is not self.me:\n",
            "        if False:\n",
        ),
        (
            "nobody takes over the name of a member that is leaving itself",
            "        if member.state is LEFT and member is not self.me:\n",
            "        if member.state is LEFT:\n",
        ),
        (
            "a claim from another address is a conflict, whatever its incarnation",
            "member.address != (claim.address or name):\n",
            "False:\n",
        ),
        (
            "what others say of oneself is answered and not believed",
            "        SELF: (IGNORE, COMPARE, REFUTE),\n",
            "        SELF: (IGNORE, COMPARE, ADMIT),\n",
        ),
        (
            "an accusation of oneself is refuted, not believed",
            "        SELF: (IGNORE, REFUTE, REFUTE),\n        GONE: (IGNORE, IGNORE, IGNORE),\n    },\n    Dead: {",
            "        SELF: (IGNORE, ACCUSE, ACCUSE),\n        GONE: (IGNORE, IGNORE, IGNORE),\n    },\n    Dead: {",
        ),
        (
            "a refutation is above the accused incarnation",
            "        if accused >= me.incarnation:\n            me.incarnation = _after(accused)\n",
            "",
        ),
        (
            "an old claim about oneself with one's own metadata is not refuted",
            "            if verdict is COMPARE and claim.metadata == member.metadata:\n                return NOTHING\n",
            "",
        ),
        (
            "who is named dead by itself has left",
            "        left = claim.node == claim.accuser\n",
            "        left = False\n",
        ),
        (
            "a change of state says since when",
            "            member.state, member.since_s = state, now_s\n",
            "            member.state = state\n",
        ),
        (
            "the same state in a new incarnation began when it began",
            "        if member.state is not state:\n            member.state, member.since_s",
            "        if True:\n            member.state, member.since_s",
        ),
        (
            "fewer are needed to confirm where there are few members",
            "        if n - 2 < k:",
            "        if n - 1 < k:",
        ),
        (
            "in a push/pull nobody is buried by hearsay",
            "                yield Suspect(incarnation, name, self.name)\n",
            "                yield Dead(incarnation, name, self.name)\n",
        ),
        (
            "in a push/pull the accuser is oneself",
            "                yield Suspect(incarnation, name, self.name)\n",
            "                yield Suspect(incarnation, name, name)\n",
        ),
        (
            "in a push/pull who has left has left",
            "                yield Dead(incarnation, name, name)\n",
            "                yield Suspect(incarnation, name, self.name)\n",
        ),
        (
            "the dead are forgotten at the wrap",
            "and member.since_s < oldest:\n",
            "and False:\n",
        ),
        (
            "the dead are remembered for as long as they are gossiped to",
            "and member.since_s < oldest:\n",
            "and True:\n",
        ),
        (
            "a member doesn't probe itself",
            "(state is ALIVE or state is SUSPECT) and member is not self.me:\n",
            "(state is ALIVE or state is SUSPECT):\n",
        ),
        (
            "the dead are not probed",
            "if (state is ALIVE or state is SUSPECT) and member is not self.me:\n",
            "if member is not self.me:\n",
        ),
        (
            "suspects are probed on",
            "if (state is ALIVE or state is SUSPECT) and member is not self.me:\n",
            "if state is ALIVE and member is not self.me:\n",
        ),
        (
            "a random choice names nobody twice",
            "member is not self.me and member not in chosen and eligible(member)",
            "member is not self.me and eligible(member)",
        ),
        (
            "after its farewell a member refutes nothing",
            "        self._left = True\n",
            "        pass\n",
        ),
        (
            "new metadata come with a new incarnation",
            "        return Effects(Change.UPDATE, self._refute(0))\n",
            "        return Effects(Change.UPDATE, self._claim_of_life())\n",
        ),
        (
            "newcomers are put at a random place among those to be probed",
            "        order[at], order[-1] = order[-1], order[at]\n",
            "",
        ),
        (
            "members are probed in another order in each round",
            "            order[at], order[last] = order[last], order[at]\n",
            "            pass\n",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/broadcast.py",
        "tests/gossip/swim/test_broadcast.py",
        ("the queue is sorted again after sending", "        waiting.sort()\n", ""),
        (
            "a message replaces the one about the same name",
            "            self.items = [item for item in self.items if item[3] != name]\n",
            "            pass\n",
        ),
        (
            "a message is sent as often as the limit says",
            "            if sent + 1 < self._limit:\n",
            "            if sent < self._limit:\n",
        ),
        (
            "what does not fit is passed over, not stopped at",
            "                waiting.append(item)  # it is passed over, not stopped at: a shorter one may fit\n                continue\n",
            "                waiting.append(item)\n                room_bytes = 0\n                continue\n",
        ),
        (
            "of as many transmissions the longest message goes first",
            "insort(self.items, (0, -message.size_bytes, -self._newest",
            "insort(self.items, (0, message.size_bytes, -self._newest",
        ),
        (
            "of equal ones the newest message goes first",
            "-message.size_bytes, -self._newest, name",
            "-message.size_bytes, self._newest, name",
        ),
        (
            "a message in a packet needs two bytes beside its own",
            "            need = COMPOUND_PART_BYTES - size\n",
            "            need = -size\n",
        ),
        (
            "the limit goes by how many members there are now",
            "        if members != self._members:\n",
            "        if not self._members:\n",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/suspicion.py",
        "tests/gossip/swim/test_units.py",
        (
            "who has accused is no confirmation",
            " or name in self._accusers:\n",
            ":\n",
        ),
        (
            "the first accuser is no confirmation",
            "        self._accusers = {suspector}\n",
            "        self._accusers = set()\n",
        ),
        (
            "k confirmations are counted and no more",
            "        if self.confirmations >= self.k or",
            "        if",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/awareness.py",
        "tests/gossip/swim/test_units.py",
        (
            "health has a worst score",
            "min(self._max, max(0, self.score + delta))",
            "max(0, self.score + delta)",
        ),
        (
            "health has a best score",
            "min(self._max, max(0, self.score + delta))",
            "min(self._max, self.score + delta)",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/serf.py",
        "tests/gossip/swim/test_serf.py",
        (
            "an intent of an older or equal time is nothing",
            "        if intent.ltime <= self._times.get(name, 0):\n",
            "        if intent.ltime < self._times.get(name, 0):\n",
        ),
        (
            "a farewell of oneself who stays is refuted",
            "        if leave and name == self._name and name not in self.leaving:\n",
            "        if False:\n",
        ),
        (
            "the time of an intent is kept also where nothing changes",
            "        self._times[name] = intent.ltime\n        if not leave:\n",
            "        if not leave:\n",
        ),
        (
            "an intent about a stranger counts when that one comes",
            "            if type(early[0]) is LeaveIntent:\n",
            "            if False:\n",
        ),
        (
            "of the intents about a stranger the latest is kept",
            "        if before is not None and before[0].ltime >= intent.ltime:\n            return Heard.IGNORE\n",
            "",
        ),
        (
            "an intent about a stranger is kept for five minutes",
            "not known and early is not None and now_s - early[1] <= RECENT_INTENT_TIMEOUT_S:\n",
            "not known and early is not None:\n",
        ),
        (
            "a farewell makes a failure a leave",
            "            self.left[name] = self.failed.pop(name)\n            return Heard.LEFT\n",
            "            return Heard.PASS_ON\n",
        ),
        (
            "the Lamport clock witnesses an intent's time",
            "        self.clock.witness(intent.ltime)\n",
            "",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/events.py",
        "tests/gossip/swim/test_units.py",
        (
            "an event is delivered once",
            "        if event in seen:\n            return False\n",
            "",
        ),
        (
            "an event from before the buffer is dropped",
            "        if event.ltime < self.clock.time - self._size:\n            return False\n",
            "",
        ),
    ),
    *_of(
        "gossipkit/gossip/swim/node.py",
        "tests/gossip/swim/test_probe.py tests/gossip/swim/test_node.py",
        (
            "a refutation costs a point of health",
            "            self.change_health(1)\n",
            "            pass\n",
        ),
        (
            "metadata have at most 512 bytes",
            "    if size > METADATA_LIMIT_BYTES:\n",
            "    if size > METADATA_LIMIT_BYTES + 1:\n",
        ),
        (
            "claims of life are looked at before all others",
            "        for waiting in (self._claims_alive, self._claims):\n",
            "        for waiting in (self._claims, self._claims_alive):\n",
        ),
        (
            "who has left handles nothing any more",
            "        if not self.stopped:\n            self._handlers",
            "        if True:\n            self._handlers",
        ),
    ),
    # gossip: Scuttlebutt
    *_of(
        "gossipkit/gossip/scuttlebutt/gossiper.py",
        "tests/gossip/scuttlebutt/test_gossiper.py",
        (
            "a node knows its own state best",
            "            if name == me or name in quarantined:\n",
            "            if name in quarantined:\n",
        ),
        (
            "old states of a removed node are ignored",
            "            if name == me or name in quarantined:\n",
            "            if name == me:\n",
        ),
        (
            "an evicted node is quarantined",
            "        del self.endpoints[name]\n        self.quarantined[name] = self._env.now\n",
            "        del self.endpoints[name]\n",
        ),
        (
            "a removed node is quarantined",
            "        self.detector.forget(name)\n        self.quarantined[name] = self._env.now\n",
            "        self.detector.forget(name)\n",
        ),
        (
            "a quarantine ends",
            "            if now - since_s > config.quarantine_delay_s:\n",
            "            if False:\n",
        ),
        (
            "a generation exceeds the last one",
            "max(earlier + 1, int(env.clock()))",
            "max(earlier, int(env.clock()))",
        ),
        (
            "another cluster's SYN is thrown away",
            "        if syn.cluster != self.config.cluster_name:\n",
            "        if False:\n",
        ),
        (
            "news of a node is no proof that it can be reached from here",
            "        self.endpoints[name].alive = False\n        self._echoed.add(name)\n",
            "        self.endpoints[name].alive = True\n        self._echoed.add(name)\n",
        ),
        (
            "an echo's reply that was not asked for changes nothing",
            "        if sender not in self._echoed or sender not in self.endpoints:\n",
            "        if sender not in self.endpoints:\n",
        ),
        (
            "who is about to stop does not answer an echo",
            "        if not self._shutting_down:\n            self._env.send(sender, EchoReply())\n",
            "        if True:\n            self._env.send(sender, EchoReply())\n",
        ),
        (
            "a late SHUTDOWN does not end the next life",
            "        if self.enabled and known is not None and known.state.heartbeat < last:\n",
            "        if self.enabled and known is not None:\n",
        ),
        (
            "who was shut down has the highest version",
            "        last = HeartBeatState(state.heartbeat.generation, HIGHEST_VERSION)\n        self.endpoints",
            "        last = state.heartbeat\n        self.endpoints",
        ),
        (
            "who shows life is not assassinated",
            "        if known is None or known.state.heartbeat != heartbeat:\n",
            "        if known is None:\n",
        ),
        (
            "a second answer to the shadow round is only for looking",
            "        if not self._told:\n            return  # a second",
            "        if False:\n            return  # a second",
        ),
        (
            "an echo that was lost is made good in a later round",
            "rule in (NEWER, NOT_NEWER) and known",
            "rule is NEWER and known",
        ),
        (
            "a silent client without tokens is forgotten",
            "                self._remove(name)\n                self._evict(name)\n",
            "                pass\n",
        ),
        (
            "a departed node's state is told for three days",
            "        self._expires[name] = self._env.now + self.config.very_long_time_s\n",
            "        self._expires[name] = self._env.now\n",
        ),
        (
            "a node that comes back from an outage has its rhythm learnt anew",
            "                    if rule is not NEWER and not known.alive:\n                        self.detector.forget(name)\n",
            "",
        ),
    ),
    *_of(
        "gossipkit/gossip/scuttlebutt/rules.py",
        "tests/gossip/scuttlebutt/test_rules.py",
        (
            "merged heartbeats don't go back",
            "        if state.heartbeat >= local.heartbeat:\n",
            "        if True:\n",
        ),
        (
            "only a newer heartbeat is a sign of life",
            "        heard = state.heartbeat.version > local.max_version\n",
            "        heard = True\n",
        ),
        (
            "of one application state the newest version stays",
            "            if mine is None or mine.version < value.version:\n",
            "            if True:\n",
        ),
        (
            "after a restart all is sent for a request of the earlier generation",
            "local.newer_than(request.max_version if same else 0)",
            "local.newer_than(request.max_version)",
        ),
        (
            "a generation over a year ahead is refused",
            "        return REFUSED\n    if generation",
            "        pass\n    if generation",
        ),
        (
            "the year goes by the clock, not by the known generation",
            "    if generation > now + MAX_GENERATION_DIFFERENCE_S:\n",
            "    if generation > known + MAX_GENERATION_DIFFERENCE_S:\n",
        ),
        (
            "a refused generation still counts as a sign of life",
            "    heard = rule is REFUSED and state.heartbeat.generation > local.heartbeat.generation\n",
            "    heard = False\n",
        ),
        (
            "of a newer generation all is asked for",
            "        return _reply((rule, Digest(name, generation, 0), None))\n",
            "        return _reply((rule, Digest(name, generation, 0 if local is None else local.max_version), None))\n",
        ),
        (
            "last words begin the next generation",
            "HeartBeatState(generation + 1, beat)",
            "HeartBeatState(generation, beat)",
        ),
        (
            "changes are told in the order of their versions",
            "tuple(sorted(state.applications, key=lambda name: state.applications[name].version))",
            "tuple(state.applications)",
        ),
    ),
    *_of(
        "gossipkit/gossip/phi.py",
        "tests/gossip/test_phi.py",
        (
            "a longer interval than the greatest is not recorded",
            '        elif self._since_last(t) <= self._max_interval_s:\n            self._record(t - self._last_s)\n        self._last_s = t\n\n    def phi(self, t: float) -> float:\n        """Suspicion at ``t`` seconds; infinite',
            '        else:\n            self._record(t - self._last_s)\n        self._last_s = t\n\n    def phi(self, t: float) -> float:\n        """Suspicion at ``t`` seconds; infinite',
        ),
        (
            "the oldest interval is forgotten",
            "            self._sum -= self._intervals.popleft()\n",
            "            self._intervals.popleft()\n",
        ),
    ),
    # gossip: Redis Cluster's bus
    *_of(
        "gossipkit/gossip/cluster_bus.py",
        "tests/gossip/test_cluster_bus.py",
        (
            "a replica's doubt is no report",
            "            if from_master:\n",
            "            if True:\n",
        ),
        (
            "only who doubts a node itself takes it for failed",
            "        if peer.belief is not Belief.PFAIL:  # reachable from here, or failed already\n            return\n",
            "",
        ),
        (
            "the own doubt counts if this node is a master",
            "self.reports(peer, now) + self._host.votes >= self._host.quorum",
            "self.reports(peer, now) + 1 >= self._host.quorum",
        ),
        (
            "a report holds for twice the timeout",
            "if said_s < oldest_s]:\n",
            "if False]:\n",
        ),
        (
            "a master takes its report back",
            "                    peer.reports.pop(sender, None)\n",
            "                    pass\n",
        ),
        (
            "a failed master that owns slots is not cleared by its first pong",
            "undone = not owns_slots or now",
            "undone = True or now",
        ),
        (
            "a node of doubt has been silent, not only slow to answer a ping",
            "if waited_s > timeout_s and silent_s > timeout_s and peer",
            "if waited_s > timeout_s and peer",
        ),
        (
            "a pong's time from the future is not believed",
            "peer.pong_received_s < heard_s <= now + FUTURE_S and",
            "peer.pong_received_s < heard_s and",
        ),
        (
            "no pong's time is taken over while a ping waits",
            "            if ok and peer.ping_sent_s is None:\n",
            "            if ok:\n",
        ),
        (
            "a section tells of all that the sender doubts",
            "        if self._doubted:\n            # as many",
            "        if False:\n            # as many",
        ),
        (
            "of five draws the one with the oldest pong is pinged",
            "peer.pong_received_s < oldest.pong_received_s:\n",
            "peer.pong_received_s > oldest.pong_received_s:\n",
        ),
        (
            "a FAIL of others is believed at once",
            "            peer.belief, peer.fail_s = Belief.FAIL, now\n            self._host.believed(peer)\n\n    def _fail_if_needed",
            "            pass\n\n    def _fail_if_needed",
        ),
    ),
    # gossip: adversary
    *_of(
        "gossipkit/gossip/adversary/defences.py",
        "tests/gossip/adversary/test_defences.py tests/gossip/adversary/test_states.py",
        (
            "the cap goes by the known incarnation",
            "            most = known.incarnation + self._jump\n",
            "            most = HIGHEST_INCARNATION + self._jump\n",
        ),
        (
            "the first word about a stranger is capped below the top",
            "            most = HIGHEST_INCARNATION - self._jump\n",
            "            most = HIGHEST_INCARNATION\n",
        ),
        (
            "a generation may be ahead by so much and no more",
            "        if lived_s < -self._ahead_s:\n            return False\n",
            "",
        ),
        (
            "what others say of oneself is heard",
            "kind is JoinIntent or word.node == me:\n",
            "kind is JoinIntent:\n",
        ),
        (
            "a farewell counts only from the one that leaves",
            "        return word if farewell and sender == word.node else None\n",
            "        return word if farewell else None\n",
        ),
    ),
    *_of(
        "gossipkit/gossip/adversary/guard.py",
        "tests/systems/liars/test_outcomes.py tests/gossip/adversary/test_states.py",
        (
            "a SYN of which nothing is left is no shadow round",
            "            return Syn(message.cluster, kept) if kept or not message.digests else None\n",
            "            return Syn(message.cluster, kept)\n",
        ),
        (
            "on the way in defences come in the other order",
            "        for check in reversed(self._checks):\n",
            "        for check in self._checks:\n",
        ),
    ),
    # authority
    *_of(
        "gossipkit/authority/raft.py",
        "tests/authority/test_raft.py",
        (
            "AppendEntries of a stale term are refused",
            "        if request.term < self.current_term:\n            return self._send",
            "        if False:\n            return self._send",
        ),
        (
            "a majority is more than half, of an even number, too",
            "        self._majority = len(self.servers) // 2 + 1\n",
            "        self._majority = (len(self.servers) + 1) // 2\n",
        ),
        (
            "votes of another term don't count",
            "self.role is Role.CANDIDATE and reply.term == self.current_term and reply.vote_granted",
            "self.role is Role.CANDIDATE and reply.vote_granted",
        ),
        (
            "a refused vote does not count",
            "self.role is Role.CANDIDATE and reply.term == self.current_term and reply.vote_granted",
            "self.role is Role.CANDIDATE and reply.term == self.current_term",
        ),
        (
            "reads wait for the leader's own no-op",
            "        index = max(self.commit_index, self._noop_index)\n",
            "        index = self.commit_index\n",
        ),
        (
            "reads wait until what was committed is applied",
            "            if confirmed >= round_ and self.last_applied >= index:\n",
            "            if confirmed >= round_:\n",
        ),
        (
            "reads wait for a majority that answers afterwards",
            "            if confirmed >= round_ and self.last_applied >= index:\n",
            "            if self.last_applied >= index:\n",
        ),
        (
            "an answer to an earlier round confirms no read",
            "self._reads.append((index, self._round + 1, query",
            "self._reads.append((index, self._round, query",
        ),
        (
            "a vote request of an earlier term gets no vote",
            "            and request.term == self.current_term\n            and self.voted_for in",
            "            and self.voted_for in",
        ),
        (
            "one vote a term",
            "            and self.voted_for in (None, sender)\n",
            "",
        ),
        (
            "a later term begins without a vote",
            "            self.current_term, self.voted_for = term, None\n",
            "            self.current_term = term\n",
        ),
        (
            "the later last term wins, then the longer log",
            "(request.last_log_term, request.last_log_index) >= (last_term, last_index)",
            "(request.last_log_index, request.last_log_term) >= (last_index, last_term)",
        ),
        (
            "a leader commits by counting only entries of its own term",
            "        if self.log.term_at(matched) == self.current_term:\n",
            "        if True:\n",
        ),
        (
            "a follower commits no further than the message proves",
            "        self._apply(env, min(request.leader_commit, proven))\n",
            "        self._apply(env, min(request.leader_commit, self.log.last_index))\n",
        ),
        (
            "an old success takes nothing back",
            "            if reply.index > self.match_index[sender]:\n",
            "            if True:\n",
        ),
        (
            "an old refusal takes nothing back",
            "max(self.match_index[sender] + 1, reply.index)",
            "max(1, reply.index)",
        ),
        (
            "an old answer confirms no later round",
            "        self._acked[sender] = max(self._acked[sender], reply.round)\n",
            "        self._acked[sender] = reply.round\n",
        ),
        (
            "an answer of an earlier term counts for nothing",
            "        if self.role is not Role.LEADER or reply.term < self.current_term:\n",
            "        if self.role is not Role.LEADER:\n",
        ),
        (
            "a leader that no majority answers leads no more",
            "        if env.now - heard > self.config.election_timeout_s:\n            return self._follow(env, None)\n",
            "",
        ),
        (
            "a serial number that was applied is not applied again",
            "        if entry.serial > serial:\n",
            "        if True:\n",
        ),
        (
            "a pre-vote of an old term is refused",
            "            and request.term >= self.current_term\n",
            "",
        ),
        (
            "a pre-vote begins no term",
            "        return kind is RequestPreVote or (kind",
            "        return (kind",
        ),
        (
            "a yes to an earlier question elects nobody",
            "        if asking and reply.vote_granted and reply.term == self.current_term + 1:\n",
            "        if asking and reply.vote_granted:\n",
        ),
        (
            "only a vote that is given restarts the election timeout",
            "            self._await_leader(env)\n        self._send(env, sender, RequestVoteReply",
            "        self._await_leader(env)\n        self._send(env, sender, RequestVoteReply",
        ),
        (
            "no vote while another leader is known",
            "            not self._has_other_leader(sender)\n            and request.term == self",
            "            request.term == self",
        ),
        (
            "what waits at a deposed leader is told so",
            "        for _, deposed in writes.values():\n            deposed()\n",
            "",
        ),
        (
            "AppendEntries restart the election timeout",
            "        self._follow(env, sender)\n        self._await_leader(env)\n",
            "        self._follow(env, sender)\n",
        ),
    ),
    *_of(
        "gossipkit/authority/raft_log.py",
        "tests/authority/test_raft.py",
        (
            "an overtaken message cuts nothing",
            "            if not self.agrees(index, entry.term):\n",
            "            if True:\n",
        ),
        (
            "a log agrees only in the entry's term",
            "return index <= self.last_index and self.term_at(index) == term",
            "return index <= self.last_index",
        ),
        (
            "a refusal names the first entry of the conflicting term",
            "            index -= 1\n",
            "            break\n",
        ),
    ),
    *_of(
        "gossipkit/authority/epochs.py",
        "tests/authority/test_epochs.py",
        (
            "a majority of masters is more than half",
            "    return size // 2 + 1\n",
            "    return (size + 1) // 2\n",
        ),
        (
            "one vote an epoch",
            "        if self.last_vote == current:\n            return Verdict.VOTED\n",
            "",
        ),
        (
            "no vote in an old epoch",
            "        if epoch < current:\n            return Verdict.OLD_EPOCH\n",
            "",
        ),
        ("a master gets no vote", "        if is_master:\n            return Verdict.A_MASTER\n", ""),
        (
            "no second vote about a master within twice the timeout",
            "now - voted_s < self._wait_s:\n            return Verdict.VOTED_LATELY\n",
            "False:\n            return Verdict.VOTED_LATELY\n",
        ),
        ("no vote where slots have a newer owner", "        if outdated:\n", "        if False:\n"),
        (
            "of two masters with one epoch the smaller name moves on",
            "return other_epoch == epoch and own < other",
            "return other_epoch == epoch and own > other",
        ),
        (
            "a vote of an earlier epoch doesn't count",
            "self.epoch is not None and epoch >= self.epoch",
            "self.epoch is not None",
        ),
        (
            "an election that lasts too long has expired",
            "            return Step.EXPIRED\n",
            "            pass\n",
        ),
    ),
    *_of(
        "gossipkit/authority/versions.py",
        "tests/authority/test_versions.py",
        (
            "of equal clocks the first is kept",
            "        if not any(other.clock.descends(version.clock) for other in kept):\n",
            "        if not any(other.clock.descends(version.clock) and other.clock != version.clock for other in kept):\n",
        ),
        (
            "a merge has the greater of both counters",
            "max(self[node], other[node]) for node in self._counters",
            "min(self[node], other[node]) or 1 for node in self._counters",
        ),
        ("the oldest entries are cut", "        kept = oldest[-limit:]\n", "        kept = oldest[:limit]\n"),
        (
            "a write replaces exactly the dots that its writer had read",
            "if not _saw(seen, dot)}\n        return DottedSiblings(context",
            "if not _saw(context, dot)}\n        return DottedSiblings(context",
        ),
        (
            "a sibling that the other side has replaced goes",
            "            if dot in other.dots or not _saw(other.context, dot)\n",
            "",
        ),
        (
            "a sibling that was replaced here does not come back",
            "other.dots.items() if not _saw(self.context, dot)}",
            "other.dots.items()}",
        ),
        (
            "siblings stay where the writer has not seen all",
            "values = () if seen.descends(self.context) else self.values",
            "values = ()",
        ),
        (
            "a merged clock has the time of the counter that it took",
            " for clock in (self, other) if clock[node] == counter)",
            " for clock in (self, other) if clock[node])",
        ),
    ),
    *_of(
        "gossipkit/authority/log_rules.py",
        "tests/authority/test_log_rules.py",
        (
            "two operations whose locked ranges overlap are not in progress together",
            "        if overlap(locked, other.locked):\n",
            "        if False:\n",
        ),
        (
            "a write needs as many answers more as there are pending replicas",
            "quorum + len(writes) - len(reads))",
            "quorum)",
        ),
        (
            "from the mid entry on the new replicas are read",
            "reads = new if operation.phase is MIDWAY else old",
            "reads = old",
        ),
        (
            "while prepared nobody writes to the new replicas",
            "writes = old if operation.phase is PREPARED else",
            "writes = old if False else",
        ),
        (
            "the next step must be the next one",
            '        found = f"{operation.kind}, {operation.phase}" if operation else "in no operation"\n        raise Refused',
            '        found = f"{operation.kind}, {operation.phase}" if operation else "in no operation"\n        if operation is None:\n            raise Refused',
        ),
        (
            "an operation on which a later one was planned can't be cancelled",
            "    if operation.after is not metadata.settled:\n",
            "    if False:\n",
        ),
        (
            "who leaves leaves enough replicas behind",
            "    if len(staying) - 1 < needed:\n",
            "    if len(staying) < needed:\n",
        ),
    ),
    *_of(
        "gossipkit/authority/quorum.py",
        "tests/authority/test_quorum.py",
        (
            "R + W > N, not ≥",
            "return write.count + read.count > sum(",
            "return write.count + read.count >= sum(",
        ),
        (
            "a local quorum counts only replies of its own data centre",
            "sum(datacentre in asked.replicas for datacentre in replies)",
            "sum(True for datacentre in replies)",
        ),
        (
            "a stand-in is asked only for a home that is missing",
            "zip(spare, missing, strict=False)",
            "zip(spare, [*missing, *spare], strict=False)",
        ),
    ),
    *_of(
        "gossipkit/authority/byzantine.py",
        "tests/authority/test_byzantine.py",
        (
            "only the leader proposes",
            "sender != self.leader or self.proposed is not None",
            "self.proposed is not None",
        ),
        (
            "the first proposal stands",
            "sender != self.leader or self.proposed is not None",
            "sender != self.leader",
        ),
        (
            "one vote a replica, and the first",
            "        votes.setdefault(sender, step.value)\n",
            "        votes[sender] = step.value\n",
        ),
        (
            "nobody decides before it is prepared",
            "        if self.prepared and self._enough(self._commits",
            "        if self._enough(self._commits",
        ),
        (
            "votes for another value don't count",
            "list(votes.values()).count(value) >= self.quorum",
            "len(votes) >= self.quorum",
        ),
    ),
    *_of(
        "gossipkit/authority/admission.py",
        "tests/authority/test_admission.py",
        (
            "deny beats write beats read",
            'precedence = ("read", "write", "deny")',
            'precedence = ("deny", "read", "write")',
        ),
        (
            "the longest prefix decides",
            "        for length in range(len(name), -1, -1):\n",
            "        for length in range(len(name) + 1):\n",
        ),
        (
            "a token that nobody has is refused whatever the default",
            "token is not None and token not in self._rules:\n            return False",
            'token is not None and token not in self._rules:\n            return self.default == "allow"',
        ),
        ("the primary can't be removed", "        if key == self.primary:\n", "        if False:\n"),
        (
            "any installed key opens",
            "        for key in self.keys:\n            if hmac",
            "        for key in self.keys[:1]:\n            if hmac",
        ),
        (
            "a message for one pool does not open in another",
            'f"{label}\\0{content!r}".encode()',
            'f"{content!r}".encode()',
        ),
    ),
    # repair
    *_of(
        "gossipkit/repair/merkle.py",
        "tests/repair/test_merkle.py",
        (
            "a hash says where one part ends and the next begins",
            '        digest.update(len(part).to_bytes(8, "big"))\n',
            "",
        ),
        (
            "ranges are open on the left",
            "return self.after < token <= self.up_to",
            "return self.after <= token <= self.up_to",
        ),
        ("a row's key counts", "_hash((key.encode(), str(row.token)", '_hash((b"", str(row.token)'),
        ("a row's token counts", "str(row.token).encode(), row.content", "row.content"),
        (
            "neighbouring leaves make one range",
            "            if runs and runs[-1][1] == leaf:\n",
            "            if False:\n",
        ),
    ),
    *_of(
        "gossipkit/repair/hints.py",
        "tests/repair/test_hints.py",
        (
            "replay goes on behind a hint that was acknowledged after all",
            "            if hint is not None:\n                if self.gc",
            "            if hint is None:\n                break\n            if True:\n                if self.gc",
        ),
        (
            "no hint beyond the window",
            "        if self.window_s is not None and down_s > self.window_s:\n",
            "        if False:\n",
        ),
        (
            "a hint that is too old is not delivered",
            "if self.gc_grace_s is None or now < hint.created_s + self.gc_grace_s:",
            "if True:",
        ),
        ("the throttle is shared by all but the target", "* max(1, nodes - 1) / self", "/ self"),
        (
            "nothing is sent while the throttle is closed",
            "        if now < self.ready_s(target) - EARLY_S:\n            return None\n",
            "",
        ),
        (
            "a second acknowledgement changes nothing",
            "        if hint is None:\n            return False\n",
            "        if hint is None:\n            return True\n",
        ),
        (
            "what was not acknowledged waits again",
            "        self._waiting[target] = deque(self._held.get(target, ()))\n",
            "        pass\n",
        ),
        (
            "a crash loses what came since the last flush",
            "if hint.created_s > flushed_s\n",
            "if hint.created_s > now\n",
        ),
        ("bytes held go down with a hint", "        self._bytes[hint.target] -= hint.size_bytes\n", ""),
    ),
    *_of(
        "gossipkit/repair/tombstones.py",
        "tests/repair/test_tombstones.py",
        (
            "a tie goes to the tombstone",
            "return cell.timestamp, not cell.live, 0.0",
            "return cell.timestamp, cell.live, 0.0",
        ),
        (
            "of two tombstones the later deletion wins",
            "0.0 if cell.live else cell.deleted_s, cell.value",
            "0.0, cell.value",
        ),
        (
            "a tombstone stays for the whole grace",
            "cell.deleted_s >= now - gc_grace_s}",
            "cell.deleted_s > now - gc_grace_s}",
        ),
        (
            "compaction leaves live cells alone",
            "if cell.live or cell.deleted_s",
            "if not cell.live and cell.deleted_s",
        ),
        ("a compaction at the time of a repair comes first", '(at, 2, "repair")', '(at, 0, "repair")'),
    ),
    *_of(
        "gossipkit/repair/read_repair.py",
        "tests/repair/test_read_repair.py",
        (
            "who was up to date counts for a blocking read",
            "return max(0, block_for - len(self.up_to_date))",
            "return min(block_for, len(self.writes))",
        ),
        ("of equal versions one stays", "        if version not in kept and not any", "        if not any"),
        (
            "a replica is written only what it lacks",
            "for version in versions if version not in held)",
            "for version in versions)",
        ),
    ),
    *_of(
        "gossipkit/repair/anti_entropy.py",
        "tests/repair/test_anti_entropy.py",
        (
            "what the leader manages is not deregistered",
            "if name not in local and name not in managed)",
            "if name not in local)",
        ),
        (
            "tags in the catalog win where the service says so",
            "        if remote is not None and service.enable_tag_override:\n",
            "        if False:\n",
        ),
        (
            "the factor grows at 129 nodes",
            "return ((nodes - 1) // SCALE_THRESHOLD)",
            "return (nodes // SCALE_THRESHOLD)",
        ),
        (
            "a failed full comparison is repeated",
            "        if self.state is SyncState.FULL and not ok:\n",
            "        if False:\n",
        ),
        (
            "what is asked for while it talks waits",
            "        self._changes_wanted = True\n        if self.state is SyncState.IDLE:\n",
            "        if self.state is SyncState.IDLE:\n            self._changes_wanted = True\n",
        ),
        (
            "a server that has come is told everything soon",
            "        self._full_wanted = True\n        # in",
            "        # in",
        ),
    ),
    # systems
    *_of(
        "gossipkit/systems/checking/linearizability.py",
        "tests/systems/checking/test_histories.py",
        (
            "a read sees what is there",
            "(call.kind is Kind.READ and call.value == value)",
            "(call.kind is Kind.READ)",
        ),
        (
            "a call must take effect before it ends",
            "            if not done & bit:\n                break\n",
            "",
        ),
        (
            "a refused cas saw another value",
            "call.kind is Kind.CAS and not call.done and call.expected != value",
            "call.kind is Kind.CAS and not call.done",
        ),
        (
            "a cas takes effect on what it expects",
            "                and calls[number].expected == state.value\n            )\n        ]",
            "            )\n        ]",
        ),
        (
            "a write of unknown outcome takes effect after it began",
            "                and number <= latest\n",
            "",
        ),
        (
            "each key has a register of its own",
            "for calls in by_key(in_order(history)).values():",
            "for calls in [in_order(history)]:",
        ),
    ),
    # grading
    *_of(
        "gossipkit/grading/checker.py",
        "tests/grading/test_checker.py",
        (
            "each test has a fresh namespace",
            '        self.namespace = {"__name__": "__main__"}\n',
            '        self.namespace["__name__"] = "__main__"\n',
        ),
        (
            "a student's process that is gone is no failed answer",
            '                answer["gone"] = str(error)\n',
            '                answer["failed"] = str(error)\n',
        ),
        (
            "a setup cell that fails is the course's fault",
            '                return answer | {"broken": {"cell": name} | raised(error)}\n',
            '                return answer | {"raised": raised(error)}\n',
        ),
        (
            "what a student's function changes in a list is changed here",
            "        value[:] = now\n",
            "        pass\n",
        ),
        (
            "what a student's function changes in a dict or set is changed here",
            "        value.update(now)\n",
            "        pass\n",
        ),
        (
            "what a student's function changes in an array is changed here",
            "        value[...] = now\n",
            "        pass\n",
        ),
        (
            "a student's own exception is a RuntimeError that names it",
            'return RuntimeError(f"{name}: {text}")',
            "return RuntimeError(text)",
        ),
        (
            "a student's function can't end the checker",
            "and issubclass(kind, Exception)\n",
            "and issubclass(kind, BaseException)\n",
        ),
        (
            "what a test needs and the sandbox lacks is not judged",
            '            if answer["raised"]["lacks"]:\n',
            "            if False:\n",
        ),
        (
            "what a test prints reaches nobody",
            "with contextlib.redirect_stdout(kept), contextlib.redirect_stderr(kept):",
            "with contextlib.nullcontext():",
        ),
    ),
    *_of(
        "gossipkit/grading/intake.py",
        "tests/grading/test_intake.py",
        (
            "of several submissions the newest counts",
            "newest = max(several, key=lambda one: one.handed_in)",
            "newest = min(several, key=lambda one: one.handed_in)",
        ),
        (
            "two of one time are a question for the instructor",
            "if len(times) == len(several) and times[-1] > times[-2]:",
            "if len(times) == len(several):",
        ),
        (
            "several without their times are a question for the instructor",
            "if len(times) == len(several) and times[-1] > times[-2]:",
            "if len(times) > 1 and times[-1] > times[-2]:",
        ),
        (
            "a locked cell that was edited is restored",
            "        cell.source = original.source\n    elif",
            "        pass\n    elif",
        ),
        (
            "points that were edited are restored",
            "    cell.metadata = deepcopy(original.metadata)\n",
            "    pass\n",
        ),
        (
            "a cell that is missing is put back",
            "            notebook.cells.insert(at, back)\n",
            "            pass\n",
        ),
        (
            "the answer cell that was put back is empty",
            '                back.source = ""\n',
            "                pass\n",
        ),
        (
            "of a cell that is there twice the answered one is read",
            "                if _untouched(seen[name], source[name]) and not _untouched(cell, source[name]):\n",
            "                if False:\n",
        ),
        (
            "outputs are not read",
            "            cell.outputs, cell.execution_count = [], None\n        if isinstance",
            "            pass\n        if isinstance",
        ),
        (
            "a notebook has so many cells at most",
            "    if len(notebook.cells) > MOST_CELLS:\n",
            "    if False:\n",
        ),
    ),
    *_of(
        "gossipkit/grading/sandbox.py",
        "tests/grading/test_sandbox.py",
        (
            "a process has so much processor time",
            "        if cpu_s > self.limits.cpu_s:\n",
            "        if False:\n",
        ),
        (
            "a process has so much time on the clock",
            "        if wall_s > self.within:\n",
            "        if False:\n",
        ),
        (
            "a process has so much memory",
            "        if taken.memory_bytes > self.limits.memory_bytes:\n",
            "        if False:\n",
        ),
        (
            "the first verdict stands",
            "            self.verdict = self.verdict or verdict\n            self._end()\n",
            "            self.verdict = verdict\n            self._end()\n",
        ),
    ),
]


def _pass(folder: Path, tests: tuple[str, ...]) -> bool:
    """Whether the tests pass; those of properties come last, because they take longest."""
    # no new bytecode: two mutants of one second and one length would share it
    env = os.environ | {"PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    for chosen in ("not hypothesis", "hypothesis"):
        command = [sys.executable, "-m", "pytest", "-x", "-q", "-n0", "-p", "no:cacheprovider", "-m", chosen]
        command += ["-o", "addopts=--import-mode=importlib", *tests]
        try:
            status = subprocess.run(
                command, cwd=folder, env=env, capture_output=True, timeout=TOO_LONG_S
            ).returncode
        except subprocess.TimeoutExpired:
            return False
        if status not in (0, pytest.ExitCode.NO_TESTS_COLLECTED):
            return False
    return True


def _killed(folder: Path, mutant: Mutant) -> bool:
    path = folder / mutant.file
    whole = path.read_bytes()
    for stale in (path.parent / "__pycache__").glob(f"{path.stem}.*.pyc"):
        stale.unlink()
    try:
        path.write_text(whole.decode().replace(mutant.text, mutant.replacement), encoding="utf-8")
        return not _pass(folder, mutant.tests)
    finally:
        path.write_bytes(whole)


def main() -> int:
    """Run what the command line asks for; 1 if a mutant has survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__.partition("\n")[0])
    parser.add_argument("words", nargs="*", metavar="WORD", help="in a mutant's name or file")
    parser.add_argument("--sample", type=int, help="so many of them, drawn at random")
    parser.add_argument("--seed", type=int, default=1, help="of the sample")
    asked = parser.parse_args()
    chosen = [one for one in MUTANTS if not asked.words or any(word in str(one) for word in asked.words)]
    if asked.sample is not None:
        chosen = random.Random(asked.seed).sample(chosen, min(asked.sample, len(chosen)))
    if not chosen:
        parser.error(f"no mutant has one of {asked.words!r} in its name or file")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for each in COPIED:
            shutil.copytree(ROOT / each, folder / each)
        shutil.copy2(ROOT / "pyproject.toml", folder)
        if not _pass(folder, tuple(dict.fromkeys(test for one in chosen for test in one.tests))):
            print("the tests fail without any mutant: mend that first")
            return 1
        survived = []
        for mutant in chosen:
            began = time.perf_counter()
            killed = _killed(folder, mutant)
            if not killed:
                survived.append(mutant)
            print(
                f"{'killed  ' if killed else 'SURVIVED'} {time.perf_counter() - began:5.1f} s  {mutant}",
                flush=True,
            )
    print(f"{len(chosen) - len(survived)} of {len(chosen)} killed")
    return 1 if survived else 0


if __name__ == "__main__":
    sys.exit(main())
