"""Outputs of stored notebooks on a page without a kernel: live where their data is stored, still elsewhere.

A stored output holds still faces, and in its metadata what its live view needs (`gossipkit.lab.stored`). Of that `place`
makes html; a page that has such places takes the two files of `files` once. Without a script the still face stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from .check import KnowledgeCheck
from .labquestion import FRAME
from .live import LiveChart
from .panel import Panel
from .prediction import Prediction, Verdict
from .stage import Stage
from .stored import KEY
from .widget import LabWidget, script

SCRIPTS: Mapping[str, str] = MappingProxyType(
    {made.page_kind: made._esm for made in (LiveChart, Panel, Stage, KnowledgeCheck, Prediction, Verdict)}
)
"""The browser's module of each kind of live thing."""
STYLE_FILE, SCRIPT_FILE = "gossipkit-live.css", "gossipkit-live.js"
EMPTY = {"text/plain": ""}
"""What is stored of a live view: nothing that could be shown."""


def place(output: Mapping) -> str | None:
    """The html that stands in the place of an output.

    Parameters
    ----------
    output : mapping
        An output of a code cell, as nbformat 4 or its JSON has it.

    Returns
    -------
    str or None
        None: nothing of it is stored to be shown live, its own faces are to be shown. An empty text: nothing is to be
        shown. Else the still html and the data, in one element; of a lab question its html, which needs no script.
    """
    data = {
        kind: "".join(face) for kind, face in output.get("data", {}).items() if isinstance(face, str | list)
    }
    if data == EMPTY:
        return ""
    html = data.get("text/html", "")
    if html.startswith(FRAME):
        return f'<div class="gk-place">{html}</div>'
    kept = output.get("metadata", {}).get(KEY)
    if kept is None or kept["kind"] not in SCRIPTS:
        return None
    views = "".join(f'<script type="application/gossipkit">{view}</script>' for view in kept["views"])
    return f'<div class="gk-place" data-kind="{kept["kind"]}">{html}{views}</div>'


def files() -> dict[str, str]:
    """The files that a page with such places needs, by name: a style sheet and a classic script.

    The script works on a page that is opened from a disk, too, where modules don't.
    """
    css = "\n".join((LabWidget._css, script("stage.css"), script("page.css")))
    kinds = ",\n".join(f"{kind}: () => {{\n{_body(module)}}}" for kind, module in SCRIPTS.items())
    code = f'(() => {{\n"use strict";\nconst KINDS = {{\n{kinds} }};\n{script("dom.js", "answers.js", "page.js")}}})();\n'
    return {STYLE_FILE: css, SCRIPT_FILE: code}


def _body(module: str) -> str:
    """A module as the body of a function that returns what the module exports."""
    before, after = module.split("export default ")
    return f"{before}return {after}"
