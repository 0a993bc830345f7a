"""Mutants of repair."""

from tests.mutants.mutant import Mutant, mutants_of

MUTANTS: list[Mutant] = [
    *mutants_of(
        "repair/anti_entropy.py",
        "repair/test_anti_entropy.py",
        (
            "what the leader manages is not deregistered",
            "if name not in local and name not in managed)",
            "if name not in local)",
            "test_what_the_leader_manages_stays_on_agents_and_on_servers",
        ),
        (
            "tags in the catalog win where the service says so",
            "        if remote is not None and service.enable_tag_override:\n",
            "        if False:\n",
            "test_tags_that_may_be_overridden_are_the_catalog_s_and_nothing_else_is",
        ),
        (
            "the factor grows at 129 nodes",
            "return ((nodes - 1) // SCALE_THRESHOLD)",
            "return (nodes // SCALE_THRESHOLD)",
            "test_the_factor_of_the_interval",
        ),
        (
            "a failed full comparison is repeated",
            "        if self.state is SyncState.FULL and not ok:\n",
            "        if False:\n",
            "test_a_failed_comparison_is_repeated_after_fifteen_to_thirty_seconds",
        ),
        (
            "what is asked for while it talks waits",
            "        self._changes_wanted = True\n        if self.state is SyncState.IDLE:\n",
            "        if self.state is SyncState.IDLE:\n            self._changes_wanted = True\n",
            "test_a_change_is_told_at_once_and_several_while_talking_are_told_once",
        ),
        (
            "a server that has come is told everything soon",
            "        self._full_wanted = True\n        # in",
            "        # in",
            "test_a_server_that_comes_during_a_comparison_gets_another_even_if_that_fails",
        ),
    ),
    *mutants_of(
        "repair/hints.py",
        "repair/test_hints.py",
        (
            "replay goes on behind a hint that was acknowledged after all",
            "            if hint is not None:\n                if self.gc",
            "            if hint is None:\n                break\n            if True:\n                if self.gc",
            "test_an_acknowledgement_that_comes_after_the_retry_still_counts",
        ),
        (
            "no hint beyond the window",
            "        if self.window_s is not None and down_s > self.window_s:\n",
            "        if False:\n",
            "test_the_window_is_of_downtime_and_its_end_is_inside",
        ),
        (
            "a hint that is too old is not delivered",
            "if self.gc_grace_s is None or now < hint.created_s + self.gc_grace_s:",
            "if True:",
            "test_a_hint_older_than_the_grace_is_not_delivered",
        ),
        (
            "the throttle is shared by all but the target",
            "* max(1, nodes - 1) / self",
            "/ self",
            "test_the_throttle_is_shared_by_the_other_nodes",
        ),
        (
            "nothing is sent while the throttle is closed",
            "        if now < self.ready_s(target) - EARLY_S:\n            return None\n",
            "",
            "test_the_throttle_is_shared_by_the_other_nodes",
        ),
        (
            "a second acknowledgement changes nothing",
            "        if hint is None:\n            return False\n",
            "        if hint is None:\n            return True\n",
            "test_hints_go_oldest_first_and_stay_until_they_are_acknowledged",
        ),
        (
            "what was not acknowledged waits again",
            "        self._waiting[target] = deque(self._held.get(target, ()))\n",
            "        pass\n",
            "test_hints_go_oldest_first_and_stay_until_they_are_acknowledged",
        ),
        (
            "a crash loses what came since the last flush",
            "if hint.created_s > flushed_s\n",
            "if hint.created_s > now\n",
            "test_a_crash_loses_what_came_since_the_last_flush",
        ),
        (
            "bytes held go down with a hint",
            "        self._bytes[hint.target] -= hint.size_bytes\n",
            "",
            "test_hints_for_a_node_that_has_left_are_dropped",
        ),
    ),
    *mutants_of(
        "repair/merkle.py",
        "repair/test_merkle.py",
        (
            "a hash says where one part ends and the next begins",
            '        digest.update(len(part).to_bytes(8, "big"))\n',
            "",
            "test_a_hash_says_where_a_key_ends_and_its_token_begins",
        ),
        (
            "ranges are open on the left",
            "return self.after < token <= self.up_to",
            "return self.after <= token <= self.up_to",
            "test_every_differing_row_is_in_a_differing_range",
        ),
        (
            "a row's key counts",
            "_hash((key.encode(), str(row.token)",
            '_hash((b"", str(row.token)',
            "test_every_differing_row_is_in_a_differing_range",
        ),
        (
            "a row's token counts",
            "str(row.token).encode(), row.content",
            "row.content",
            "test_every_differing_row_is_in_a_differing_range",
        ),
        (
            "neighbouring leaves make one range",
            "            if runs and runs[-1][1] == leaf:\n",
            "            if False:\n",
            "test_ranges_are_in_order_and_as_long_as_possible",
        ),
    ),
    *mutants_of(
        "repair/read_repair.py",
        "repair/test_read_repair.py",
        (
            "who was up to date counts for a blocking read",
            "return max(0, block_for - len(self.up_to_date))",
            "return min(block_for, len(self.writes))",
            "test_a_blocking_read_waits_until_its_level_holds_the_version",
        ),
        (
            "of equal versions one stays",
            "        if version not in kept and not any",
            "        if not any",
            "test_under_vector_clocks_all_answering_replicas_agree_on_the_siblings",
        ),
        (
            "a replica is written only what it lacks",
            "for version in versions if version not in held)",
            "for version in versions)",
            "test_a_second_read_of_repaired_replicas_repairs_nothing",
        ),
    ),
    *mutants_of(
        "repair/tombstones.py",
        "repair/test_tombstones.py",
        (
            "a tie goes to the tombstone",
            "return cell.timestamp, not cell.live, 0.0",
            "return cell.timestamp, cell.live, 0.0",
            "test_the_winner_of_two_cells",
        ),
        (
            "of two tombstones the later deletion wins",
            "0.0 if cell.live else cell.deleted_s, cell.value",
            "0.0, cell.value",
            "test_the_winner_of_two_cells",
        ),
        (
            "a tombstone stays for the whole grace",
            "cell.deleted_s >= now - gc_grace_s}",
            "cell.deleted_s > now - gc_grace_s}",
            "test_a_tombstone_is_purged_after_the_grace_and_not_at_its_end",
        ),
        (
            "compaction leaves live cells alone",
            "if cell.live or cell.deleted_s",
            "if not cell.live and cell.deleted_s",
            "test_a_tombstone_is_purged_after_the_grace_and_not_at_its_end",
        ),
        (
            "a compaction at the time of a repair comes first",
            '(at, 2, "repair")',
            '(at, 0, "repair")',
            "test_a_row_comes_back_exactly_if_it_is_forgotten_before_it_is_repaired",
        ),
    ),
]
