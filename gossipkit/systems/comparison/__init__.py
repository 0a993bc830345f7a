"""Experiments across systems: the same story, the same questions and the same broken part for each of them.

=============  ======================================================================================================
``families``   the systems as one table: who is who, how each is asked; one entry a system
``outage``     one story on every system: belief, decision, repair, and what is on the wire
``matrix``     one mechanism off at a time, and what becomes of eight outcomes
``registers``  one key that clients read and write in bad weather: the history that a checker looks at
=============  ======================================================================================================
"""

from .families import AUTHORITY, DATA, FAMILIES, GOSSIP, LAYERS, REPAIR
from .matrix import MECHANISMS, NOTHING, Outcome, matrix, scenario, switched_off, switches
from .outage import FAULTS, Story, one_outage, table
from .registers import STORES, register

__all__ = [
    "AUTHORITY",
    "DATA",
    "FAMILIES",
    "FAULTS",
    "GOSSIP",
    "LAYERS",
    "MECHANISMS",
    "NOTHING",
    "REPAIR",
    "STORES",
    "Outcome",
    "Story",
    "matrix",
    "one_outage",
    "register",
    "scenario",
    "switched_off",
    "switches",
    "table",
]
