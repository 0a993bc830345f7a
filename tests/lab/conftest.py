"""A browser as the kernel sees it, and the stored html as a reader without a kernel sees it."""

import json
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

from gossipkit.lab import style, widget

VOID = {"img", "br", "input"}


class Page(HTMLParser):
    """The tags, pictures, table cells and text of a piece of html; it fails on tags that don't match up."""

    def __init__(self, source):
        super().__init__()
        self.images, self.tables, self.words, self._open = [], [], [], []
        self.tags = set()
        self.feed(source)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        if tag == "img":
            self.images.append(dict(attributes))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.words.append(data)
        if self._open and self._open[-1] in ("td", "th"):
            self.tables[-1][-1][-1] += data


@pytest.fixture
def page():
    """Parses html."""
    return Page


@pytest.fixture
def browser_sends():
    """Sends a request to a widget, in the envelope in which the kernel hands it over, and gives the answer."""

    def send(widget, content):
        answers = []
        widget.send = answers.append
        envelope = {"method": "custom", "content": content | {"id": "request-1"}}
        widget._handle_msg({"content": {"data": envelope}, "buffers": []})
        del widget.send
        (answer,) = answers
        assert (answer["id"], answer["type"]) == ("request-1", "done")
        return answer

    return send


@pytest.fixture
def messages_of():
    """Records what a widget sends to the browser from now on."""

    def record(widget):
        sent = []
        widget.comm.send = lambda data=None, metadata=None, buffers=None: sent.append(data)
        return sent

    return record


NO_NODE = "the charts' JavaScript under Node (it is checked in a browser, too): install node"


def chart_code() -> str:
    """What a panel's script holds of charts."""
    return style.javascript() + widget.script("dom.js", "layout.js", "chart.js")


@pytest.fixture(scope="session", params=["node", "browser"])
def javascript(request):
    """Runs the body of a JavaScript function of `given`, beside the lab's code for charts, and gives what it returns."""
    if request.param == "node":
        if not shutil.which("node"):
            pytest.skip(NO_NODE)

        def run(body, given=None):
            code = f"{chart_code()}\nconst given = {json.dumps(given)};\n"
            code += f"console.log(JSON.stringify((() => {{ {body} }})() ?? null));"
            done = subprocess.run(["node", "-"], input=code, capture_output=True, encoding="utf-8")
            assert done.returncode == 0, done.stderr[-3000:]
            return json.loads(done.stdout)

        yield run
        return
    page = request.getfixturevalue("browser").new_page()

    def run(body, given=None):
        # a function of its own, so that names of one call don't meet those of the next; Playwright takes much longer over JSON
        # than over a text
        code = f"{chart_code()}\n return JSON.stringify((() => {{ {body} }})() ?? null);"
        return json.loads(
            page.evaluate(f"(text) => {{ const given = JSON.parse(text); {code} }}", json.dumps(given))
        )

    yield run
    page.close()
