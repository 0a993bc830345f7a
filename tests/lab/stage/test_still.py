"""A stage without a kernel: a picture with alt text, words that a re-run is compared by, and tables."""

from gossipkit.lab.stage.still import at_moment, picture
from gossipkit.sim import Scenario

STEPS = Scenario([(3, "crash", {"name": "m-3"}), (5, "pause", {"name": "m-5", "seconds": 3.0})])


def test_three_faces_that_say_the_same_each_time(stage_of, page):
    one, other = (stage_of("swim", scenario=STEPS).still() for _ in range(2))
    assert one == other
    data, metadata = one
    assert data["image/png"][:8] == b"\x89PNG\r\n\x1a\n"
    assert metadata["image/png"]["alt"].startswith("Picture of 12 nodes at 12 s.")
    lines = data["text/plain"].splitlines()
    assert lines[:3] == ["SWIM", "3 s: m-3 crashes", "5 s: m-5 stands still for 3 s"]
    html = page(data["text/html"])
    assert html.images[0]["alt"] == metadata["image/png"]["alt"] and len(html.tables) == 2


def test_every_family_has_a_still_face(family, stage_of, page):
    stage = stage_of(family)
    data, _ = stage.still()
    assert stage.meta["title"] in data["text/plain"] and page(data["text/html"]).images
    assert "None" not in data["text/plain"] and "{" not in data["text/plain"]


def test_the_picture_is_of_its_moment(stage_of):
    run = stage_of("swim", scenario=STEPS).run
    states, _ = at_moment(run, 2.9)
    assert set(states) == {0}
    chart = picture(run, "SWIM", 6.0)
    assert chart.lines[0] == "Not up: m-3 crashed, m-5 paused."
    assert picture(run, "SWIM", 9.0).lines[0] == "Not up: m-3 crashed."
