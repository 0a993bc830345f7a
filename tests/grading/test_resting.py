"""The collector works again in every process that grades."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("module", ["student", "checker", "__main__"])
def test_garbage_is_collected_once_all_is_imported(module):
    code = f"import gc, gossipkit.grading.{module}; print(gc.isenabled(), gc.get_freeze_count() > 1000)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == "True True\n"
