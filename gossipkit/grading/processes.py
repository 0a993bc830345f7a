"""Imported first by the command, which runs notebooks in processes: says so where there are none, in a browser."""

import sys

if sys.platform == "emscripten":
    raise SystemExit(
        "check and grade run notebooks in processes of their own, and a browser has none: download the notebook, and check it "
        "where the course is installed, as README.md says"
    )
