"""Mutants of the simulated world."""

from tests.mutants.mutant import Mutant, mutants_of

MUTANTS: list[Mutant] = [
    *mutants_of(
        "sim/faults.py",
        "sim/test_replay.py",
        (
            "a set of names in a partition is put into an order",
            "(sorted(group) if isinstance(group, kinds[2:]) else group for group in self.groups)",
            "(group for group in self.groups)",
            "test_a_partition_of_sets_is_written_in_one_order",
        ),
        (
            "a node is on one side of a partition",
            '            if name in seen:\n                raise ValueError(f"{name!r} is named twice',
            '            if False:\n                raise ValueError(f"{name!r} is named twice',
            "sim/test_scenario.py::test_an_error_names_the_step_as_it_was_written",
        ),
        (
            "a link has two ends",
            "    if a == b:\n",
            "    if False:\n",
            "sim/test_faults.py::test_what_makes_no_sense_is_refused_and_changes_nothing",
        ),
    ),
    *mutants_of(
        "sim/kernel.py",
        "sim/test_faults.py",
        (
            "what is due at one instant happens in the order in which it was asked for",
            "heappush(self._heap, (at, self._order, self, method",
            "heappush(self._heap, (at, -self._order, self, method",
            "sim/test_kernel.py::test_what_the_world_is_asked_for_at_one_instant_happens_in_that_order",
        ),
        (
            "a cancelled timer does not go off",
            "            if timer:\n                continue  # cancelled\n",
            "",
            "test_a_crash_before_the_start_prevents_it",
        ),
        (
            "what is due at the end of a run still happens",
            "            if time > until:\n",
            "            if time >= until:\n",
            "test_the_random_stream_goes_on_across_a_restart",
        ),
        (
            "a negative delay is refused",
            "        if not delay >= 0.0:\n",
            "        if False:\n",
            "test_what_makes_no_sense_is_refused_and_changes_nothing",
        ),
        (
            "a world can't be run from inside",
            "        if self._owner is not None:\n            raise RuntimeError",
            "        if False:\n            raise RuntimeError",
            "sim/test_kernel.py::test_time_passes_by_itself_inside_a_handler",
        ),
        (
            "a run ends at the instant of its signal, before all else that is due then",
            "heappush(self._heap, (self.now, -self._order, self, self._stop",
            "heappush(self._heap, (self.now, self._order, self, self._stop",
            "sim/test_signal.py::test_a_run_ends_at_the_instant_of_the_signal_before_the_rest_of_that_instant",
        ),
    ),
    *mutants_of(
        "sim/links.py",
        "sim/test_faults.py",
        (
            "a cut of one direction leaves the other one alone",
            "{(a, b), (b, a)} if both else {(a, b)}",
            "{(a, b), (b, a)}",
            "test_a_cut_stops_one_link_or_its_datagrams_until_it_is_mended_or_all_is_healed",
        ),
        (
            "a cut of datagrams alone leaves connections alone",
            "        if streams:\n            self._cut_streams",
            "        if True:\n            self._cut_streams",
            "test_a_cut_of_datagrams_lets_streams_reach_a_paused_receiver",
        ),
        (
            "a mend takes the cut of datagrams back",
            "        self._cut_datagrams -= {(a, b), (b, a)}\n",
            "",
            "test_cuts_add_up_outlast_a_partition_and_mend_one_by_one",
        ),
        (
            "a mend takes the cut of connections back",
            "        self._cut_streams -= {(a, b), (b, a)}\n",
            "",
            "test_cuts_add_up_outlast_a_partition_and_mend_one_by_one",
        ),
        (
            "healing takes cuts back, too",
            "        self._cut_datagrams.clear()\n        self._cut_streams.clear()\n",
            "",
            "test_cuts_add_up_outlast_a_partition_and_mend_one_by_one",
        ),
        (
            "a connection doesn't pass a partition",
            "return self._sides.get(a, 0) == self._sides.get(b, 0) and (a, b)",
            "return (a, b)",
            "test_what_is_sent_across_a_partition_is_lost_also_when_it_heals_before_the_arrival",
        ),
        (
            "a general loss replaces those towards one node",
            "                node._outgoing.loss, node._outgoing.loss_towards = p, {}\n",
            "                node._outgoing.loss = p\n",
            "test_a_loss_towards_one_node_and_damage_begin_while_the_world_runs_and_end_again",
        ),
        (
            "who is added later sends over links with the same loss",
            "                self.loss, self.loss_towards = p, {}\n",
            "                pass\n",
            "sim/test_network.py::test_who_is_added_after_a_general_loss_was_set_loses_as_much",
        ),
        (
            "a node that is added during a partition is in none of its groups",
            "        if self.apart:\n            self._work_out()\n",
            "",
            "test_a_partition_takes_what_is_under_way_and_a_newcomer_joins_those_in_no_group",
        ),
        (
            "a datagram's copy has a latency of its own",
            "            self._put(target, arrive, (sender, -number, size, message))\n",
            "",
            "sim/test_network.py::test_copies_come_with_a_latency_of_their_own",
        ),
    ),
    *mutants_of(
        "sim/pause.py",
        "sim/test_pauses.py",
        (
            "a shorter pause doesn't end a longer one",
            "max(self.ends_s, until_s), timers_run",
            "until_s, timers_run",
            "test_a_pause_in_a_pause_can_only_prolong_it",
        ),
        (
            "of two pauses the last one says whether timers run",
            "max(self.ends_s, until_s), timers_run",
            "max(self.ends_s, until_s), self.timers_run or timers_run",
            "test_of_two_pauses_the_last_one_says_whether_timers_run",
        ),
        (
            "what a paused process wanted to send is lost with its crash",
            "            lose()\n",
            "            pass\n",
            "test_a_crash_in_a_pause_loses_what_waited_and_what_was_to_leave",
        ),
    ),
    *mutants_of(
        "sim/remembered.py",
        "sim/test_remembered.py",
        (
            "equal arguments of other types are others",
            "tuple(kwargs.items()), kinds",
            "tuple(kwargs.items()), ()",
            "test_arguments_that_are_equal_and_of_other_types_are_others",
        ),
    ),
]
