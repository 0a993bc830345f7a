"""What draws the results of `gossipkit.systems.checking`."""

from .histories import history_bars
from .hunts import hunts_table
from .promises import promises_table
from .scenarios import scenario_steps

__all__ = ["history_bars", "hunts_table", "promises_table", "scenario_steps"]
