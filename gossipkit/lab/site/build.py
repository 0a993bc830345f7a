"""Sphinx's settings, and what is written into OUT."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import struct
from base64 import b64decode
from pathlib import Path
from tempfile import TemporaryDirectory

from sphinx.application import Sphinx
from sphinx.util.console import strip_escape_sequences
from sphinx.util.docutils import docutils_namespace, patch_docutils

from .. import built
from .. import page as live
from ..built import BuildError
from . import text
from .course import Course

STATIC = Path(__file__).parent / "static"
WRITTEN = ".gossipkit-site"
"""The list of all files of a build, in OUT."""
_PICTURE = re.compile(r'src="data:image/png;base64,([^"]+)" (alt="[^"]*") width="(\d+)"')

# What axe-core finds in Furo's pages: headings without a level, two landmarks of one name, a page without a heading, and the empty
# corners of tables, which are no headings
_MENDED = {
    '<p class="caption" role="heading">': '<p class="caption" role="heading" aria-level="2">',
    '<aside class="sidebar-drawer">': '<aside class="sidebar-drawer" aria-label="All pages">',
    '<aside class="toc-drawer': '<aside aria-label="On this page" class="toc-drawer',
    '<div id="search-results">': '<h1>Search</h1>\n<div id="search-results">',
    '<th class="head"><p></p></th>': '<td class="head"></td>',
}

SETTINGS = {
    "project": "Gossip in Production",
    "html_title": "Gossip in Production",
    "copyright": "The Gossip in Production authors: text and figures CC BY 4.0, code BSD 3-Clause.",
    "language": "en",
    "extensions": ["myst_parser"],
    "source_suffix": {".md": "markdown"},
    "myst_heading_anchors": 6,
    "myst_heading_slug_func": "gossipkit.lab.site.links.slug",
    # what MyST has beyond the Markdown of notebooks
    "myst_disable_syntax": ["myst_role", "myst_line_comment", "myst_block_break", "myst_target"],
    "smartquotes": False,
    "html_theme": "furo",
    "pygments_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
    "html_theme_options": {
        "top_of_page_buttons": [],
        "light_css_variables": {"color-code-background": "#f3f5f7"},
    },
    "html_css_files": [live.STYLE_FILE, "course.css"],
    "html_js_files": [(name, {"defer": "defer"}) for name in (live.SCRIPT_FILE, "course.js")],
    "html_use_index": False,
    "html_domain_indices": False,
    "html_copy_source": False,
    "html_show_sourcelink": False,
}


def build(root: Path, out: Path) -> int:
    """Write the course's pages into a folder.

    Parameters
    ----------
    root : pathlib.Path
        The course's top folder.
    out : pathlib.Path
        A folder that is new or empty, or that holds an earlier build and nothing else, which is replaced. The same course gives
        the same bytes.

    Returns
    -------
    int
        How many pages there are.

    Raises
    ------
    BuildError
        When `out` is a file, lies in the course or holds other files, or when a link of the course leads nowhere. Nothing has
        changed then.
    """
    root, out = root.resolve(), out.resolve()
    course = Course(root)
    before = built.earlier(out, root, WRITTEN)
    with TemporaryDirectory(prefix="gossipkit-site-") as scratch:
        files = built.replace(out, _made(course, Path(scratch)), before, WRITTEN)
    return sum(name.endswith(".html") for name in files)


def _made(course: Course, scratch: Path) -> Path:
    """The finished pages, in a folder of `scratch`."""
    source, extra, static, made = (scratch / name for name in ("source", "extra", "static", "made"))
    shutil.copytree(STATIC, static)
    for name, content in live.files().items():
        (static / name).write_text(content, encoding="utf-8")
    for page in course.pages.values():
        markdown = _with_files(text.notebook(page, course), extra, "../" * page.path.count("/"))
        _write(source / f"{page.document}.md", markdown)
        (extra / page.path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(course.root / page.path, extra / page.path)
    for name in ("front", "start", "instructors"):
        _write(source / f"{'index' if name == 'front' else name}.md", getattr(text, name)(course))
    _write(extra / ".nojekyll", "")  # without it GitHub Pages leaves out what begins with an underscore
    said = io.StringIO()
    settings = SETTINGS | {"html_static_path": [str(static)], "html_extra_path": [str(extra)]}
    settings |= {"html_search_scorer": str(static / "scorer.js")}
    _write(source / "conf.py", "".join(f"{name} = {value!r}\n" for name, value in settings.items()))
    with patch_docutils(), docutils_namespace():
        sphinx = Sphinx(source, source, made, scratch / "doctrees", "html", status=None, warning=said)
        sphinx.build()
    if warnings := strip_escape_sequences(said.getvalue()).replace(f"{source}/", "").strip():
        raise BuildError(f"Sphinx says: {warnings}")
    for page in made.rglob("*.html"):
        html = page.read_text(encoding="utf-8")
        for found, put in _MENDED.items():
            html = html.replace(found, put)
        page.write_text(html, encoding="utf-8")
    for needless in (".buildinfo", "objects.inv"):
        (made / needless).unlink(missing_ok=True)
    return made


def _write(path: Path, content: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, encoding="utf-8")


def _with_files(markdown: str, extra: Path, up: str) -> str:
    """Pictures that a page carries within itself as files beside it, which a browser loads when it comes to them."""

    def moved(found: re.Match) -> str:
        png = b64decode(found[1])
        name = f"pictures/{hashlib.sha256(png).hexdigest()[:16]}.png"
        (extra / "pictures").mkdir(parents=True, exist_ok=True)
        (extra / name).write_bytes(png)
        # so that nothing moves when the picture comes; a PNG begins with its signature and its size (RFC 2083, 3.2, 4.1.1)
        width, height = struct.unpack(">II", png[16:24])
        shown = int(found[3])
        return f'src="{up}{name}" {found[2]} width="{shown}" height="{round(shown * height / width)}" loading="lazy"'

    return _PICTURE.sub(moved, markdown)
