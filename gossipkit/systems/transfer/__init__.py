"""Parameters in places for which they weren't made.

==================  =================================================================================================
``environments``    seven environments: a network with its usual faults, as data
``borrowed``        the settings of products, as they are, halved and doubled
``fullmesh``        heartbeats to everybody, and pings with a vote, as on Redis Cluster's bus
``cells``           one of these in one of those: false positives, detection, load, what is missing
``large``           the same for a thousand members, computed where messages would be too many
``table``           all cells, computed by one command, stored, and read from the store
``derive``          what is measured in a place, and the formulas from that to settings
``trial``           settings of one's own, held against limits
``constraints``     what was measured and asked in a place, and whether SWIM settings meet it: what an exercise grades by
``traps``           settings that are right by themselves and wrong beside another one
``storm``           two layers that both retry
==================  =================================================================================================
"""

from .borrowed import BORROWED, TIMES, Family, Settings, borrowed
from .cells import Cell, cluster, measure
from .derive import (
    FIRST_SUSPICION,
    Observed,
    copies_for,
    detection_s,
    never_told,
    observe,
    probe_fails,
    rest_bytes_per_s,
    retransmit_mult_for,
    stall_log,
    untold_per_day,
)
from .environments import ENVIRONMENTS, METRO, Environment, environment
from .storm import Storm, storm
from .table import QUANTITIES, FailureTable, cells, failure_table, fewer_than, mean, metro_cells, row, spread
from .traps import after_change, full_state, hints_and_grace, stall_and_crash
from .trial import DERIVED, METRO_LIMITS, Limits, Trial, trial, udp_only

__all__ = [
    "BORROWED",
    "DERIVED",
    "ENVIRONMENTS",
    "FIRST_SUSPICION",
    "METRO",
    "METRO_LIMITS",
    "QUANTITIES",
    "TIMES",
    "Cell",
    "Environment",
    "FailureTable",
    "Family",
    "Limits",
    "Observed",
    "Settings",
    "Storm",
    "Trial",
    "after_change",
    "borrowed",
    "cells",
    "cluster",
    "copies_for",
    "detection_s",
    "environment",
    "failure_table",
    "fewer_than",
    "full_state",
    "hints_and_grace",
    "mean",
    "measure",
    "metro_cells",
    "never_told",
    "observe",
    "probe_fails",
    "rest_bytes_per_s",
    "retransmit_mult_for",
    "row",
    "spread",
    "stall_and_crash",
    "stall_log",
    "storm",
    "trial",
    "udp_only",
    "untold_per_day",
]
