"""The html that is left when no kernel runs: a stored notebook, a printed page, a repository's preview."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape

# where the live view stood, a reopened notebook says that its model is not found: an output without any element in it
_NO_VIEW = ".jp-OutputArea-child:has(.gk-still) + .jp-OutputArea-child .jupyter-widgets:not(:has(*))"
_PICTURE = "max-width:100%;height:auto;background:#fff;border-radius:4px"


def still(content: str) -> str:
    """The html that a live view beside it hides, and that hides what is left of a view that is gone."""
    return f'<div class="gk-still">{content}</div><style>{_NO_VIEW} {{ display: none }}</style>'


def figure(png: bytes, alt: str, width_px: int) -> str:
    """A picture that brings its own pixels and its own description."""
    source = f"data:image/png;base64,{b64encode(png).decode()}"
    return (
        f'<figure style="margin:0"><img src="{source}" alt="{escape(alt)}" width="{width_px}" style="{_PICTURE}">'
        "</figure>"
    )


def data_table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence], summary: str = "Data table"
) -> str:
    """The numbers behind a picture, one click away."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(text(first))}</th>{"".join(f"<td>{escape(text(cell))}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return folded(
        summary,
        f"<table><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>",
    )


def folded(summary: str, content: str) -> str:
    """Html behind a line that opens it."""
    return f"<details><summary>{escape(summary)}</summary>{content}</details>"


def paragraph(content: str, *, strong: bool = False) -> str:
    """One paragraph of plain text."""
    content = escape(content)
    return f"<p><strong>{content}</strong></p>" if strong else f"<p>{content}</p>"


def prose(content: str) -> str:
    """Paragraphs of text with `code`, *emphasis* and **strong emphasis**.

    >>> prose("Put *Loss* at `0.5`.")
    '<p>Put <em>Loss</em> at <code>0.5</code>.</p>'
    """
    return "".join(f"<p>{_marked(each)}</p>" for each in re.split(r"\n\s*\n", content.strip()))


def _marked(paragraph: str) -> str:
    # what stands between two marks of code is taken as it is: every second piece
    pieces = escape(paragraph).split("`")
    for at, piece in enumerate(pieces):
        if at % 2:
            pieces[at] = f"<code>{piece}</code>"
        else:
            strong = re.sub(r"\*\*(?=\S)(.+?)(?<=\S)\*\*", r"<strong>\1</strong>", piece)
            pieces[at] = re.sub(r"\*(?=\S)(.+?)(?<=\S)\*", r"<em>\1</em>", strong)
    return "".join(pieces)


def listing(items: Iterable[str], *, ordered: bool = False) -> str:
    """A list of plain texts."""
    tag = "ol" if ordered else "ul"
    return f"<{tag}>{''.join(f'<li>{escape(item)}</li>' for item in items)}</{tag}>"


def text(cell) -> str:
    """A table cell: whole numbers with their thousands apart, others to four digits, nothing for what never happened.

    >>> text(12000.0), text(0.123456), text(float("nan")), text("push")
    ('12,000', '0.1235', 'never', 'push')
    """
    if isinstance(cell, str):
        return cell
    if cell != cell:
        return "never"
    return f"{int(cell):,}" if float(cell).is_integer() and abs(cell) < 1e15 else f"{cell:,.4g}"
