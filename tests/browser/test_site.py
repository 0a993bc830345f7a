"""The whole course as static pages: built once by the README's command, and read in a browser that reaches no other host."""

import contextlib
import functools
import http.server
import json
import re
import subprocess
import sys
import threading
from html.parser import HTMLParser
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import expect

LESSON, EXERCISE = "notebooks/00_start_here", "exercises/consul/consul"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(root, tmp_path_factory):
    """The folder of the pages."""
    out = tmp_path_factory.mktemp("pages") / "site"
    done = subprocess.run(
        [sys.executable, "-m", "gossipkit.lab.site", out], cwd=root, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert f"open {out / 'index.html'}" in done.stdout
    return out


@pytest.fixture(scope="module")
def address(site):
    """Where a web server has them."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


class Parsed(HTMLParser):
    """What a page links to, what it loads, its anchors and its pictures' words."""

    def __init__(self, path):
        super().__init__()
        self.links, self.loads, self.anchors, self.alts = [], [], {""}, []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        self.anchors.add(given.get("id"))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "link" and given.get("rel") != "canonical":
            self.loads.append(given["href"])
        if "src" in given:
            self.loads.append(given["src"])
        if tag == "img":
            self.alts.append(given.get("alt"))


@pytest.fixture(scope="module")
def pages(site):
    return {path: Parsed(path) for path in site.rglob("*.html")}


def test_every_link_and_anchor_within_the_site_leads_somewhere(site, pages):
    lost = []
    for path, page in pages.items():
        for link in page.links + page.loads:
            to = urlsplit(link)
            if to.scheme:
                continue
            found = (path.parent / unquote(to.path)).resolve() if to.path else path
            anchors = pages[found].anchors if found in pages else {""}
            if not found.is_file() or unquote(to.fragment) not in anchors:
                lost.append((path.relative_to(site).as_posix(), link))
    assert lost == []


def test_nothing_is_loaded_from_another_host(site, pages):
    for page in pages.values():
        assert [load for load in page.loads if urlsplit(load).scheme not in ("", "data")] == []
    for path in site.rglob("*.css"):
        assert re.findall(r"(?:url\(['\"]?|@import ['\"])https?:", path.read_text(encoding="utf-8")) == []


def test_every_notebook_has_a_page_with_all_its_figures_and_their_words(root, site, pages):
    for path in (*root.glob("notebooks/*.ipynb"), *root.glob("exercises/*/*.ipynb")):
        here = site / path.relative_to(root)
        assert here.read_bytes() == path.read_bytes()
        stored = json.loads(path.read_text(encoding="utf-8"))
        outputs = [output for cell in stored["cells"] for output in cell.get("outputs", [])]
        html = "".join("".join(output.get("data", {}).get("text/html", "")) for output in outputs)
        alts = re.findall(r'<img [^>]*alt="([^"]*)"', html)
        shown = pages[here.with_suffix(".html")].alts
        assert len(alts) == len(shown) and all(shown), path


def test_an_exercise_is_as_it_was_released(root, site):
    for path in root.glob("exercises/*/*.ipynb"):
        page = (site / path.relative_to(root)).with_suffix(".html").read_text(encoding="utf-8")
        assert "YOUR CODE HERE" in page
        assert "BEGIN SOLUTION" not in page and "HIDDEN TESTS" not in page


@pytest.mark.parametrize("path", ["index", LESSON, "notebooks/glossary", EXERCISE, "start", "search"])
def test_axe_finds_nothing_and_nothing_is_wider_than_the_page(address, page, axe, path):
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{address}/{path}.html{'?q=suspicion' if path == 'search' else ''}")
    if path == "search":
        expect(page.locator("#search-results li p").first).to_contain_text("suspicion")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        # a theme fades in, and what is drawn takes its colours then
        page.wait_for_function("() => document.getAnimations().length === 0")
        expect(page.locator(f"[data-jp-theme-light={str(scheme == 'dark').lower()}]")).to_have_count(0)
        assert axe(page, ".page") == []
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth") == 360
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(address).netloc}


def test_a_reader_goes_on_to_the_next_lesson_and_back(address, page):
    page.goto(f"{address}/index.html")
    page.get_by_role("link", name="Begin with lesson 00").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Start here")
    page.locator("a.next-page").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Epidemic spread")
    page.locator("a.prev-page").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Start here")
    page.locator("article").get_by_role("link", name="gossip", exact=True).first.click()
    expect(page).to_have_url(re.compile(r"notebooks/glossary\.html#gossip$"))


def test_what_is_stored_plays_and_answers_and_the_rest_says_what_it_needs(address, page):
    page.goto(f"{address}/{LESSON}.html")
    stage = page.locator(".gk-place[data-kind=stage]").first
    expect(stage.locator(".gk-still")).to_be_hidden()
    stage.get_by_role("button", name="Next decision").click()
    expect(stage.get_by_text("0.00 s of 30 s")).to_have_count(0)
    panel = page.locator(".gk-place[data-kind=panel]").first
    expect(panel).to_contain_text("Run the notebook to set the rest")
    panel.get_by_role("slider").first.press("End")
    expect(panel).to_contain_text("6 members told per round")
    check = page.locator(".gk-place[data-kind=check]").first
    check.get_by_role("radio").first.check()
    check.get_by_role("button", name="Check").click()
    expect(check.locator(".gk-verdict")).not_to_be_empty()


def test_without_a_script_the_still_figures_stand(address, browser):
    with contextlib.closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{address}/{LESSON}.html")
        expect(page.locator(".gk-place .gk-still figure img").first).to_be_visible()
        expect(page.locator(".gk-place .gk-still").first).to_contain_text("Run the notebook")


def test_the_theme_follows_the_system_until_it_is_switched(address, page):
    def ground():
        return page.evaluate("() => getComputedStyle(document.body).backgroundColor")

    page.emulate_media(color_scheme="dark")
    page.goto(f"{address}/{LESSON}.html")
    dark = ground()
    page.emulate_media(color_scheme="light")
    light = ground()
    assert dark != light
    switch = page.get_by_role("button", name="color theme").locator("visible=true")
    for _ in range(3):
        switch.press("Enter")
        if ground() == dark:
            break
    assert ground() == dark
    page.reload()
    assert ground() == dark


def test_on_a_narrow_page_the_keyboard_opens_the_list_of_pages(address, page):
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto(f"{address}/{LESSON}.html")
    drawer = page.locator(".sidebar-drawer")
    expect(drawer).to_be_hidden()
    page.keyboard.press("Tab")
    expect(page.get_by_role("checkbox", name="navigation")).to_be_focused()
    page.keyboard.press("Space")
    expect(drawer).to_be_visible()
    link = drawer.get_by_role("link", name="03 Cassandra")
    for _ in range(20):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Cassandra")


def test_a_page_can_be_opened_from_a_disk(site, browser):
    context = browser.new_context()
    elsewhere, wrong = [], []
    with contextlib.closing(context):
        page = context.new_page()
        page.on("request", lambda request: elsewhere.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.goto((site / f"{LESSON}.html").as_uri())
        expect(page.locator(".gk-place .gk").first).to_be_visible()
        page.goto((site / "search.html").as_uri() + "?q=tombstone")
        expect(page.locator("#search-results li a").first).to_be_visible()
    assert wrong == []
    assert [url for url in elsewhere if not url.startswith(("file:", "data:", "blob:"))] == []


def test_the_first_lesson_s_steps_can_be_followed_without_a_kernel(address, page):
    page.goto(f"{address}/{LESSON}.html")
    stage = page.locator(".gk-place[data-kind=stage]").first
    expect(stage).to_contain_text("A stored run (at 5 s agent-2 crashes): play it")
    stage.get_by_role("button", name="Next suspicion").click()
    expect(stage.locator(".gk-live")).to_contain_text("is the first that suspects agent-2")
    # on a usual screen two stages stand beside each other, and a jump in one takes the other along
    one, other = page.locator(".gk-pair .gk-live").all()
    one.get_by_role("button", name="Next suspicion").click()
    at_s = "root => root.inspect().at_s"
    assert one.evaluate(at_s) == other.evaluate(at_s) > 5
    assert one.bounding_box()["y"] == other.bounding_box()["y"]
    panel = page.locator(".gk-place[data-kind=panel]").first
    expect(panel).to_contain_text("This page holds both ends of each slider, one control at a time.")
    bet = page.locator(".gk-place[data-kind=prediction]").first
    bet.get_by_role("spinbutton").fill("9")
    page.keyboard.press("Enter")
    expect(bet).to_contain_text("Your bet: 9 rounds")
    expect(bet.get_by_role("button")).to_be_focused()
    # on a phone the card of a node that is tapped stands right under the picture
    page.set_viewport_size({"width": 360, "height": 740})
    stage.locator(".gk-node[data-name='agent-2']").click()
    card, field, time = (
        stage.locator(part).first.bounding_box() for part in (".gk-node-card", ".gk-front", ".gk-time")
    )
    assert field["y"] + field["height"] < card["y"] < time["y"]
    assert card["y"] - field["y"] - field["height"] < 40


def test_a_search_for_a_term_leads_to_its_place_in_the_glossary(address, page):
    page.goto(f"{address}/search.html?q=zombie")
    expect(page.locator("#search-results li a").first).to_have_attribute(
        "href", re.compile(r"glossary\.html#zombie$")
    )
