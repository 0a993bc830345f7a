"""What is kept of a run: what an operator could have seen, and nothing that says what was done to it.

A recording is JSON, compressed. It has what users reported, metrics as a monitoring system scrapes them, what each node says
when it is asked, its log, and who sent what to whom. Faults are not in it.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "recordings"
SUFFIX = ".json.z"


@dataclass(frozen=True)
class Metric:
    """A metric as an operator has it.

    Attributes
    ----------
    unit : str
        Of the values that are shown: of a counter, what it counts a second.
    kind : {"counter", "gauge"}
    panel : str
        On which panel of a dashboard it belongs, one of `gossipkit.reading.incidents.panels.PANELS`.
    """

    unit: str
    kind: str
    panel: str


@dataclass(frozen=True, eq=False)
class Recording:
    """A run as an operator could have seen it.

    Attributes
    ----------
    name, product, page : str
    paged_s, duration_s : float
        When the page came, and how long the recording is, in seconds from its beginning.
    nodes : dict of str to str
        By node, its role.
    metrics : dict of str to Metric
    values : dict of str to dict
        By metric and node its values, each `judging.SCRAPE_S` seconds from 0 on; nodes where it is always 0 are left out.
    states : dict of str to list
        By node, ``[since_s, state]`` in order: what it says when it is asked, a dict, or None where it does not answer.
    lines : list of [time_s, node, text]
        The logs of all nodes.
    packets : dict
        ``names`` and ``kinds``, and as columns ``sent_us`` (differences), ``took_us`` (-1: never arrived), ``by``, ``to`` and
        ``kind``, the last three as places in these.
    """

    name: str
    product: str
    page: str
    paged_s: float
    duration_s: float
    nodes: dict[str, str]
    metrics: dict[str, Metric]
    values: dict[str, dict[str, list[float]]]
    states: dict[str, list[list]]
    lines: list[list]
    packets: dict[str, list]

    def dumps(self) -> str:
        """As JSON, the same text for the same run on every machine."""
        said = vars(self) | {"metrics": {name: vars(each) for name, each in self.metrics.items()}}
        return json.dumps(said, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def loads(cls, text: str) -> "Recording":
        """From what `dumps` gave."""
        said = json.loads(text)
        return cls(**said | {"metrics": {name: Metric(**each) for name, each in said["metrics"].items()}})


def pack(text: str) -> bytes:
    """Text, compressed."""
    return zlib.compress(text.encode(), 9)


def unpack(file: Path) -> str:
    """The text in a file that `pack` made."""
    return zlib.decompress(file.read_bytes()).decode()


def recorded() -> tuple[str, ...]:
    """The names of the recordings that there are."""
    return tuple(sorted(path.name.removesuffix(SUFFIX) for path in FOLDER.glob(f"*{SUFFIX}")))


@cache
def load(name: str) -> Recording:
    """A recording of this package; it is read once."""
    return Recording.loads(unpack(FOLDER / f"{name}{SUFFIX}"))


ANSWERS = FOLDER.parent / f"answers{SUFFIX}"


@cache
def load_answers(file: Path = ANSWERS) -> Mapping[str, Any]:
    """The answers, by incident, as JSON. They stand apart from the recordings."""
    return json.loads(unpack(file)) if file.exists() else {}
