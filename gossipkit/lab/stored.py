"""What is stored of a live thing beside its still faces, so that a page without a kernel can show it live.

It lies in the metadata of the output that holds the still faces, under `KEY`: which script shows it, and its state as one
piece of base64 for each view. Nothing of it is shown by a notebook's viewers, and `gossipkit.lab.page` makes html of it.
"""

from __future__ import annotations

import json
import zlib
from base64 import b64encode
from numbers import Integral

KEY = "gossipkit"
"""Under this name in an output's metadata."""
STORES_MORE = "GOSSIPKIT_STORES_MORE"
"""Set in the environment of a kernel whose notebook is stored for readers: panels and stages then store more than they show."""


def metadata(kind: str, *views: tuple[dict, bytes]) -> dict:
    """The metadata of an output that can be shown live.

    Parameters
    ----------
    kind : str
        Which script shows it: a key of `gossipkit.lab.page.SCRIPTS`.
    *views : (dict, bytes)
        For each view its state as JSON, and a buffer that the script gets as ``data``.
    """
    return {KEY: {"kind": kind, "views": [packed(*view) for view in views]}}


def packed(state: dict, data: bytes = b"") -> str:
    """State and buffer as base64 of a zlib stream: four bytes for the JSON's length, the JSON, the buffer.

    The same state gives the same text; it holds no name that changes from run to run.
    """
    text = json.dumps(state, separators=(",", ":"), allow_nan=False, default=_plain).encode()
    return b64encode(zlib.compress(len(text).to_bytes(4, "little") + text + data, 9)).decode()


def _plain(number) -> int | float:
    """A number of numpy as one of JSON."""
    return int(number) if isinstance(number, Integral) else float(number)
