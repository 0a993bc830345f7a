"""The simulated world: processes without I/O, a network with faults, and everything that happened.

A protocol is an object with ``start(env)`` and ``receive(env, sender, message)`` (`Process`); its messages are classes
decorated with `message`. A `World` runs many of them under a clock of its own:

* `Network` with `Constant`, `Uniform` or `LogNormal` latency, loss, duplication, corruption;
* `World.run` lets time pass until a time, or until a `Signal`, such as a client's operation;
* `Env`, what a process is handed: ``now, clock, name, random, send, send_reliably, after, record, count, gauge``;
  `Timer`;
* faults, as methods of `World` or as data in a `Scenario`;
* `Trace`, every event, and `Metrics`, counters and gauges over time;
* `Word`, for a protocol's states and verdicts;
* `sweep`, the same run over a grid of parameters and seeds, on one core or many machines.
"""

from .env import Env, Process
from .kernel import Timer
from .message import Message, message
from .metrics import Metrics
from .network import Constant, LogNormal, Network, Uniform
from .scenario import Scenario
from .signal import Signal
from .sweep import Sweep, sweep
from .trace import Event, Trace
from .words import Word
from .world import World

__all__ = [
    "Constant",
    "Env",
    "Event",
    "LogNormal",
    "Message",
    "Metrics",
    "Network",
    "Process",
    "Scenario",
    "Signal",
    "Sweep",
    "Timer",
    "Trace",
    "Uniform",
    "Word",
    "World",
    "message",
    "sweep",
]
