"""A step that is added leaves all before it as it was, byte for byte."""

import numpy as np
import pytest

FAULTS = {
    "crash": {"name": 0},
    "restart": {"name": 0},
    "pause": {"name": 0, "seconds": 3.0},
    "pause with timers": {"name": 0, "seconds": 3.0, "timers": "run"},
    "partition": {"groups": [[0, 1]]},
    "heal": {},
    "cut": {"a": 0, "b": 1},
    "cut of datagrams one way": {"a": 0, "b": 1, "both": False, "streams": False},
    "mend": {"a": 0, "b": 1},
    "set_loss": {"p": 0.3},
    "clock": {"name": 0, "offset_s": 100.0},
    "churn": {"leaves_per_s": 0.5, "seconds": 4.0},
}
AT_S = 6.0


@pytest.mark.parametrize("fault", FAULTS)
def test_the_past_stays(family, stage_of, read, named, fault):
    stage = stage_of(family)
    names = [node["name"] for node in stage.meta["nodes"]]
    before = read(stage)
    stage.step(AT_S, fault.split()[0], **named(FAULTS[fault], names[1:]))
    after = read(stage)
    end = AT_S * 1e6
    for group in ("s", "b", "c0", "c1", "c2"):
        columns = [name for name in before if name.split("_")[0] == group]
        for name in columns:
            past = [found[name][found[f"{group}_time"] < end] for found in (before, after)]
            assert past[0].tobytes() == past[1].tobytes(), name
    for name in ("p_sent", "p_from", "p_to", "p_kind", "p_flight", "p_fate"):
        past = []
        for found in (before, after):
            here = found["p_sent"] < end
            if name in ("p_flight", "p_fate"):  # what was under way then has another end
                here &= found["p_sent"].astype(np.int64) + found["p_flight"] < end
                # what was lost as it was sent is over at once
            past.append(found[name][here])
        assert past[0].tobytes() == past[1].tobytes(), name
