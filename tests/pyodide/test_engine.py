"""The engine in Pyodide under Node, where there is no numpy: it imports, its examples hold, and runs are the same bytes."""

import json
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INSIDE = runpy.run_path(str(HERE / "inside.py"))


@pytest.fixture(scope="module")
def found(pyodide, root):
    command = [shutil.which("node"), str(HERE / "inside.mjs"), str(pyodide), str(root)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def test_there_is_no_numpy_and_nobody_asked_for_it(found):
    assert not {"numpy", "networkx", "matplotlib"} & set(found["loaded"])


def test_examples_hold_but_those_that_compute_with_numpy(found):
    assert found["doctests"]["failed"] == []
    assert found["doctests"]["ran"] >= 200
    # what is random in a cluster comes from Python's own generators: none of the protocols is among them
    assert found["doctests"]["need_numpy"] == [
        "gossipkit.authority.pbs.Staleness.between",
        "gossipkit.authority.pbs.staleness",
        "gossipkit.gossip.assertions",
        "gossipkit.gossip.dissemination.disseminate",
        "gossipkit.gossip.epidemic.spread",
        "gossipkit.gossip.exchanges.exchanges",
        "gossipkit.gossip.gossipsub.delivery.deliver",
        "gossipkit.gossip.gossipsub.siege.eclipse",
        "gossipkit.gossip.overlays",
        "gossipkit.gossip.peer_sampling.infiltration.infiltrate",
        "gossipkit.gossip.rumor.rumor",
        "gossipkit.gossip.theory.serf_convergence",
        "gossipkit.gossip.version_matrix",
    ]


def test_every_system_runs_to_the_same_bytes(found):
    here = INSIDE["runs"]()
    assert {system: len(trace.splitlines()) > 100 for system, trace in here.items()} == dict.fromkeys(
        here, True
    )
    assert {system: found["runs"][system] == trace for system, trace in here.items()} == dict.fromkeys(
        here, True
    )
