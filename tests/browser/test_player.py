"""The player by itself, without a kernel: how quickly it goes on, and where the focus stays."""

import pytest

from gossipkit.gossip import overlays, spread
from gossipkit.lab import rumor_scene
from gossipkit.lab.widget import script


@pytest.fixture
def player(browser):
    """Opens a player whose clock stands still until it is moved."""
    made = []

    def opened(**wishes):
        context = browser.new_context(**wishes)
        made.append(context)
        page = context.new_page()
        page.clock.install(time=0)
        page.clock.pause_at(1000)  # installed alone, it goes on by itself
        ring = overlays.ring(12)
        scene = rumor_scene(ring, spread(12, overlay=ring, fanout=1, seed=1, track=True)).data
        page.evaluate(
            f"(scene) => {{ {script('dom.js', 'player.js')}\n document.body.append(makePlayer(scene, 'a ring').element); }}",
            scene,
        )
        page.get_by_label("Speed").select_option("fast")
        return page

    yield opened
    for context in made:
        context.close()


def shown(page):
    return int(page.get_by_label("Round", exact=True).input_value())


def test_it_plays_as_fast_as_it_is_told(player):
    page = player()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1600)
    assert shown(page) == 5


def test_with_less_motion_each_round_stays_for_a_while(player):
    page = player(reduced_motion="reduce")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(1600)
    assert shown(page) == 1
    page.clock.run_for(1600)
    assert shown(page) == 2


def test_at_either_end_the_focus_stays_on_the_button(player):
    page = player()
    back = page.get_by_role("button", name="One round back")
    page.get_by_role("button", name="One round on").click()
    back.focus()
    for _ in range(2):
        page.keyboard.press("Enter")
        assert back.evaluate("button => document.activeElement === button")
    assert shown(page) == 0 and back.get_attribute("aria-disabled") == "true"
