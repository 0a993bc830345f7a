"""Pure functions from results to charts: a package for each system, one for epidemics, and what they share beside them.

=========================  ===========================================================================================
`spread_curves`            the share informed, round by round: median and 10-90 % band of one or several spreads
`epidemic`                 one spread: its curve, and what it sends
`uninformed_share`         the share that does not know, on a logarithmic axis: the tail
`rounds_by_label`          rounds to 50, 99 and 100 % for several spreads side by side
`model_against_measured`   curves of the model and points that somebody measured
`heatmap`                  one number for every pair of two parameters
`curves`                   any labelled rows of numbers over rounds
`over_time`                any labelled lines over seconds, with moments marked
`failure`                  who believes what of a member that crashed
`crash_through_layers`     a crash on its way through membership, catalog and answer
`rotate_keys`              who cannot read whom while gossip keys are rotated
`beside_measured`          the model's numbers and those that somebody measured, row by row
`digests`                  one state on its way through Cassandra's gossip, and who is how far behind
`suspicion`                phi of one node's silence, in three dialects
`converged_yet_different`  wrong beliefs, rows that differ and stale reads of one cluster
`zombies`                  what replicas hold of a deleted row, and when it comes back
`two_joins`                two nodes that join at once, and the rows that are lost by it
`join_ring`                a ring, one key's homes on it, and what moves when a node joins
`explore_quorums`          stale reads, failures and latency of one choice of N, R and W
`history_graph`            versions as a graph, with arrows to those that replace them
`cart_under_partition`     such a graph of a shopping cart, and what is lost or comes back
`catch_up`                 replicas that become equal after an outage
`spread_join`              a join on its way to every node's ring
`one_outage`               one story told to several systems: belief, decision and repair of each
`on_the_wire`              bytes by layer and kind of message, for several systems
`matrix`                   what breaks in each system when one of its mechanisms is switched off
`failure_table`            borrowed settings in environments that they weren't made for, one quantity in each cell
`trial`                    settings of one's own, each number as a share of its limit
`storm`                    what reaches a server behind layers that retry
`one_lie`                  one lie against one defence: whom it makes wrong, and for how long
`outcomes`                 every lie against every defence, one quantity in each cell
`blast_radius`             what one stolen secret opens
`deciders`                 the same lies against a catalog, a lock, quorum reads, votes
`lying_server`             what honest servers have committed beside a lying one
`one_vote`                 one decision among liars, for several sizes side by side
`shut_out`                 how long one stolen laptop is heard, for several ways to shut it out
`deliver`                  how soon messages of an open topic arrive, and who is in its meshes
`eclipse`                  one router among many liars: its mesh, and what still reaches it
`infiltrate`               liars in the views of peer sampling, round by round
`history_bars`             what clients asked and were told, and the call that no order explains
`scenario_steps`           a failing scenario before and after shrinking
`hunts_table`              how long it takes to find planted bugs
`promises_table`           in how many runs clients of several systems saw a promise broken
`assertion`                how often a test of a mean is wrong, by the size of its sample
`incident_series`          metrics that were asked for in an incident
`separating_metrics`       which panels of a dashboard tell the layers of incidents apart
`three_parts`              the course's frame: gossip spreads, authority decides, repair corrects
=========================  ===========================================================================================
"""

from .cassandra import converged_yet_different, digests, suspicion, two_joins, zombies
from .checking import history_bars, hunts_table, promises_table, scenario_steps
from .comparison import (
    beside_measured,
    curves,
    heatmap,
    matrix,
    model_against_measured,
    on_the_wire,
    one_outage,
)
from .consul import crash_through_layers, failure, rotate_keys
from .dynamo import cart_under_partition, catch_up, explore_quorums, history_graph, join_ring, spread_join
from .frame import three_parts
from .gossip import assertion, epidemic, rounds_by_label, spread_curves, uninformed_share
from .incidents import incident_series, separating_metrics
from .liars import one_lie, outcomes
from .overlays import deliver, eclipse, infiltrate
from .overtime import over_time
from .transfer import failure_table, storm, trial
from .trust import blast_radius, deciders, lying_server, one_vote, shut_out

__all__ = [
    "assertion",
    "beside_measured",
    "blast_radius",
    "cart_under_partition",
    "catch_up",
    "converged_yet_different",
    "crash_through_layers",
    "curves",
    "deciders",
    "deliver",
    "digests",
    "eclipse",
    "epidemic",
    "explore_quorums",
    "failure",
    "failure_table",
    "heatmap",
    "history_bars",
    "history_graph",
    "hunts_table",
    "incident_series",
    "infiltrate",
    "join_ring",
    "lying_server",
    "matrix",
    "model_against_measured",
    "on_the_wire",
    "one_lie",
    "one_outage",
    "one_vote",
    "outcomes",
    "over_time",
    "promises_table",
    "rotate_keys",
    "rounds_by_label",
    "scenario_steps",
    "separating_metrics",
    "shut_out",
    "spread_curves",
    "spread_join",
    "storm",
    "suspicion",
    "three_parts",
    "trial",
    "two_joins",
    "uninformed_share",
    "zombies",
]
