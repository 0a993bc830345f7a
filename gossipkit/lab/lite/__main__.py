"""The command."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDS = ("jupyterlite_core", "jupyterlite_pyodide_kernel", "hatchling")


def main(argv: list[str] | None = None) -> int:
    """``python -m gossipkit.lab.lite OUT [--pyodide URL]``; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.lab.lite",
        description="Build a JupyterLite of the course in whose top folder this is run. Nothing is fetched.",
    )
    parser.add_argument("out", type=Path, help="a folder that is new, empty, or of an earlier build")
    parser.add_argument(
        "--pyodide",
        metavar="URL",
        help="where browsers get Python: the address of a Pyodide's folder, or such a folder here, which is copied "
        "into OUT (default: jsdelivr.net)",
    )
    arguments = parser.parse_args(argv)
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        parser.error(
            f"{', '.join(missing)} not installed: pip install -c .constraints.txt -e '.[lite]' in the course's top folder"
        )

    from ..built import BuildError
    from .build import build

    try:
        lacking = build(Path.cwd(), arguments.out, arguments.pyodide)
    except (BuildError, OSError) as error:
        parser.error(str(error))
    print(f"built: python -m http.server -d {arguments.out} 8000")
    print("then open http://localhost:8000")
    if lacking:
        print(
            f"This Pyodide lacks {', '.join(lacking)}: lessons can be read, clusters run, charts and stages do not"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
