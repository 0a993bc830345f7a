"""What corrects: comparisons that find what one side lacks, and schedules that run them.

=================  ==================================================================================================
``anti_entropy``   an agent's services and checks against the catalog, after Consul
=================  ==================================================================================================
"""

from .anti_entropy import Changes, Check, Registrations, Service, StateSyncer, difference, scale_factor

__all__ = [
    "Changes",
    "Check",
    "Registrations",
    "Service",
    "StateSyncer",
    "difference",
    "scale_factor",
]
