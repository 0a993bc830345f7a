"""The command."""

from __future__ import annotations

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

NEEDS = ("sphinx", "myst_parser", "furo")


def main(argv: list[str] | None = None) -> int:
    """``python -m gossipkit.lab.site OUT``; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m gossipkit.lab.site",
        description="Build the course as static pages, from the stored notebooks of the folder in which this is run.",
    )
    parser.add_argument("out", type=Path, help="a folder that is new, empty, or of an earlier build")
    out = parser.parse_args(argv).out
    if missing := [name for name in NEEDS if find_spec(name) is None]:
        parser.error(
            f"{', '.join(missing)} not installed: pip install -c .constraints.txt -e '.[site]' in the course's top folder"
        )

    from .build import SiteError, build

    try:
        pages = build(Path.cwd(), out)
    except (SiteError, OSError) as error:
        parser.error(str(error))
    print(f"{pages} pages: open {out / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
