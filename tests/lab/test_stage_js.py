"""The stage's logic under Node's own runner; the browser's tests run the same cases."""

import shutil
import subprocess

import pytest


def test_the_stages_logic_holds_in_node(root):
    node = shutil.which("node")
    if node is None:
        pytest.skip("the stage's logic in Node (the browser's tests run the same cases): install Node 20")
    run = subprocess.run(
        [node, "--test", root / "tests/lab/stage_js/run.test.mjs"],
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert "# fail 0" in run.stdout and "# pass 0" not in run.stdout
