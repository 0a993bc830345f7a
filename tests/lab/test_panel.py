"""A panel driven as the browser drives it: by the messages that its script sends."""

import gc
import json

import ipywidgets
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from gossipkit.gossip import overlays, spread
from gossipkit.lab import Choice, Panel, Slider, SpreadPlayer, Toggle, figures, rumor_scene

ENDS = (0, -1)


def powers(base, power, shift, kind):
    if base == 5 and power == 3:
        raise ValueError("5 cubed is <too> much")
    if base == 5 and power == 2:
        raise RuntimeError("a mistake in the lesson")
    values = [base**at + (10 if shift else 0) for at in range(power + 1)]
    return {kind: values}


def make(**settings):
    return Panel(
        "Powers",
        run=powers,
        draw=lambda result: figures.curves(result, title="Powers", y="value"),
        controls=[
            Slider("base", 1, 5, 1, value=2, label="Base", unit="of the power"),
            Slider("power", values=[1, 2, 3, 8], value=2, label="Power"),
            Toggle("shift", label="Shifted"),
            Choice("kind", ["plain", "fancy"], label="Kind"),
        ],
        **settings,
    )


@pytest.fixture
def panel():
    return make()


def snapshot(panel):
    return panel.values, panel.result, panel.chart, panel.state


def assert_shows(panel):
    """What is on the screen belongs to the values."""
    positions = [control.index(panel.values[control.name]) for control in panel.controls]
    assert panel.state["positions"] == positions
    assert panel.state["alt"] == panel.chart.alt
    assert panel.state["lines"] == list(panel.chart.lines)
    assert len(panel.state["rows"]) == len(panel.chart.rows)
    assert panel.state["chart"] == panel.chart.describe()
    json.dumps(panel.state, allow_nan=False)


@pytest.mark.parametrize("name", ["base", "power", "shift", "kind"])
def test_each_control_at_both_ends_from_the_browser(panel, name, browser_sends):
    for end in ENDS:
        place = [control.name for control in panel.controls].index(name)
        positions = list(panel.state["positions"])
        positions[place] = end % len(panel.controls[place].positions)
        positions[1 - place if place < 2 else 1] = 0  # away from what `powers` refuses
        assert browser_sends(panel, {"positions": positions})["error"] == ""
        assert panel.state["positions"] == positions
        assert panel.values[name] == panel.controls[place].positions[end]
        assert panel.result == powers(**panel.values)
        assert_shows(panel)


def test_the_browser_and_set_come_to_the_same(browser_sends):
    one, other = make(), make()
    browser_sends(one, {"positions": [0, 3, 1, 1]})
    other.set(base=1, power=8, shift=True, kind="fancy")
    assert one.values == other.values == {"base": 1, "power": 8, "shift": True, "kind": "fancy"}
    assert one.state == other.state


def test_set_moves_only_what_it_names(panel):
    panel.set(base=3)
    panel.set(kind="fancy")
    assert panel.values == {"base": 3, "power": 2, "shift": False, "kind": "fancy"}
    assert_shows(panel)


def test_chart_and_numbers_travel_in_one_message_without_a_picture(
    panel, messages_of, browser_sends, monkeypatch
):
    monkeypatch.delattr("gossipkit.lab.still.png")  # to render one would take longer than all the rest
    sent = messages_of(panel)
    browser_sends(panel, {"positions": [0, 0, 0, 0]})
    updates = [each for each in sent if each["method"] == "update"]
    assert len(updates) == 1
    assert set(updates[0]["state"]) == {"state"} and updates[0]["buffer_paths"] == []
    assert updates[0]["state"]["state"]["chart"]["plots"][0]["marks"][0]["y"] == [1, 1]


def test_a_refusal_is_shown_and_nothing_has_changed(panel, browser_sends):
    before = snapshot(panel)
    assert browser_sends(panel, {"positions": [4, 2, 0, 0]})["error"] == "5 cubed is <too> much"
    assert snapshot(panel) == before

    browser_sends(panel, {"positions": [1, 0, 0, 0]})
    assert_shows(panel)


def test_a_mistake_in_run_is_shown_with_its_place(panel, browser_sends):
    before = snapshot(panel)
    error = browser_sends(panel, {"positions": [4, 1, 0, 0]})["error"]
    assert "RuntimeError: a mistake in the lesson" in error and "in powers" in error
    assert snapshot(panel) == before


def test_an_interrupt_is_said_and_the_next_move_works(browser_sends):
    def run(high):
        if high == 3:
            raise KeyboardInterrupt
        return {"a": [high, 2]}

    panel = Panel(
        "Stop", run=run, draw=lambda r: figures.curves(r, title="S"), controls=[Slider("high", 1, 4, 1)]
    )
    assert "interrupted" in browser_sends(panel, {"positions": [2]})["error"]
    assert panel.values == {"high": 1}
    assert browser_sends(panel, {"positions": [3]})["error"] == "" and panel.values == {"high": 4}


def test_set_raises_what_run_refuses_and_nothing_has_changed(panel):
    before = snapshot(panel)
    with pytest.raises(ValueError, match="5 cubed"):
        panel.set(base=5, power=3)
    assert snapshot(panel) == before
    panel.set(power=3)
    assert panel.values["base"] == 2


@pytest.mark.parametrize(
    "positions",
    [
        [5, 0, 0, 0],
        [-1, 0, 0, 0],
        [0, 99, 0, 0],
        [0, 0, 2, 0],
        [0, 0, 0],
        [0, 0, 0, 0, 0],
        [],
        ["1", 0, 0, 0],
        [1.5, 0, 0, 0],
        [None, 0, 0, 0],
    ],
)
def test_positions_that_do_not_exist_are_refused_in_words(panel, positions, browser_sends):
    before = snapshot(panel)
    error = browser_sends(panel, {"positions": positions})["error"]
    assert "must be" in error and "Traceback" not in error
    assert snapshot(panel) == before


@pytest.mark.parametrize(
    ("moves", "said"),
    [
        ({"nodes": 3}, "no control 'nodes': it must be one of base, power, shift, kind"),
        ({"base": 6}, "base is 6: it must be from 1 to 5 in steps of 1"),
        ({"base": 2, "power": 4}, "power is 4: it must be one of 1, 2, 3, 8"),
        ({"kind": "odd"}, "kind is 'odd': it must be one of plain, fancy"),
        ({"shift": "yes"}, "shift is 'yes': it must be True or False"),
    ],
)
def test_set_names_what_is_allowed(panel, moves, said):
    before = snapshot(panel)
    with pytest.raises(ValueError, match=said):
        panel.set(**moves)
    assert snapshot(panel) == before


def test_a_chart_that_cannot_be_described_changes_nothing(panel, monkeypatch, browser_sends):
    before = snapshot(panel)

    def broken(self):
        raise ValueError("this cannot be described")

    with monkeypatch.context() as patch:
        patch.setattr("gossipkit.lab.chart.Chart.describe", broken)
        assert browser_sends(panel, {"positions": [0, 0, 0, 0]})["error"] == "this cannot be described"
    assert snapshot(panel) == before


def pictures_in_memory():
    gc.collect()
    return sum(type(each) in (Figure, FigureCanvasAgg) for each in gc.get_objects())


def test_a_panel_that_was_shown_keeps_no_picture(panel):
    before = pictures_in_memory()
    assert panel.still()[0]["image/png"]
    assert pictures_in_memory() == before


@pytest.fixture
def counted(monkeypatch):
    """A panel, and the powers that its run was asked for, in order."""
    asked = []

    def run(power):
        asked.append(power)
        return {"x": [power, power**2]}

    monkeypatch.setattr("gossipkit.lab.panel.KEPT", 3)
    controls = [Slider("power", 1, 9, 1, value=2)]
    return Panel(
        "Powers", run=run, draw=lambda r: figures.curves(r, title="Powers"), controls=controls
    ), asked


def test_a_position_that_was_shown_is_shown_again_without_a_run(counted, browser_sends):
    panel, asked = counted
    first = panel.state
    browser_sends(panel, {"positions": [4]})
    browser_sends(panel, {"positions": [1]})
    assert asked == [2, 5] and panel.state == first and panel.values == {"power": 2}
    # who asks in Python gets the result of what is shown, made anew
    assert panel.result == {"x": [2, 4]} and panel.chart.describe() == first["chart"]
    assert asked == [2, 5, 2]


def test_only_the_latest_positions_are_kept(counted, browser_sends):
    panel, asked = counted
    for position in (2, 3, 1, 4, 2, 1):  # 3, 4, 2, 5, 3, 2 of which 2 was seen again in time
        browser_sends(panel, {"positions": [position]})
    assert asked == [2, 3, 4, 5, 3]


def test_a_refusal_is_asked_for_each_time_and_keeps_nothing(panel, browser_sends):
    for _ in range(2):
        browser_sends(panel, {"positions": [4, 2, 0, 0]})
        answer = browser_sends(panel, {"positions": [4, 2, 0, 0]})
        assert "cubed" in answer["error"]
    assert_shows(panel)


def test_two_panels_share_nothing(browser_sends):
    one, other = make(), make()
    before = snapshot(other)
    browser_sends(one, {"positions": [0, 3, 1, 1]})
    assert snapshot(other) == before
    other.set(base=4)
    assert one.values["base"] == 1
    assert one.model_id != other.model_id


def test_the_spec_has_words_for_each_position(panel):
    base, power, shift, kind = panel.spec
    assert base["texts"] == [f"{value} of the power" for value in range(1, 6)] and base["start"] == 1
    assert power["kind"] == "range" and power["texts"] == ["1", "2", "3", "8"]
    assert shift["kind"] == "toggle" and shift["texts"] == ["off", "on"] and shift["start"] == 0
    assert kind["kind"] == "choice" and kind["label"] == "Kind"
    json.dumps(panel.spec)


def test_the_still_faces_stand_without_widget_state(panel, page):
    panel.set(base=3, shift=True)
    data, metadata = panel._repr_mimebundle_()
    assert set(data) == {"text/html", "image/png", "text/plain"}
    assert panel.model_id not in data["text/html"] + data["text/plain"]
    html = page(data["text/html"])
    assert html.images[0]["alt"] == panel.chart.alt == metadata["image/png"]["alt"]
    assert len(html.tables[0]) == 1 + len(panel.chart.rows)
    assert "Base: 3 of the power; Power: 2; Shifted: on; Kind: plain" in "".join(html.words)
    assert data["text/plain"].splitlines() == [
        "Powers",
        "Base: 3 of the power",
        "Power: 2",
        "Shifted: on",
        "Kind: plain",
        *panel.chart.lines,
    ]


def test_no_output_widget_and_nothing_synced_that_a_view_does_not_need(panel):
    assert not isinstance(panel, ipywidgets.Output)
    own = {name for name in panel.keys if not name.startswith("_")}
    assert own - {"layout", "tabbable", "tooltip"} == {"title", "spec", "continuous", "state"}
    assert not any(isinstance(getattr(panel, name), ipywidgets.Output) for name in panel.keys)


def test_a_panel_may_have_no_controls_and_be_redrawn_on_release_only():
    still = Panel(
        "Still",
        run=lambda: {"a": [1, 2]},
        draw=lambda r: figures.curves(r, title="Still"),
        continuous=False,
    )
    assert still.spec == [] and still.continuous is False and still.state["positions"] == []
    assert make().continuous is True


@pytest.mark.parametrize(
    ("controls", "said"),
    [
        ([Slider("a", 0, 1, 1), Slider("a", 0, 2, 1)], "each name must be there once"),
        ([Slider("b", 0, 1, 1)], "run does not take the controls b"),
        ([], "run does not take the controls"),
        ([Slider("a", 7, 8, 1)], "7 is refused"),
    ],
)
def test_panels_that_cannot_work_are_refused(controls, said):
    def run(a):
        if a == 7:
            raise ValueError("7 is refused")
        return {"a": [a]}

    with pytest.raises(ValueError, match=said):
        Panel("Wrong", run=run, draw=lambda r: figures.curves(r, title="W"), controls=controls)


@pytest.mark.parametrize(
    ("low", "high", "step", "positions"),
    [
        (1, 4, 1, (1, 2, 3, 4)),
        (0.0, 0.3, 0.1, (0.0, 0.1, 0.2, 0.3)),
        (0.05, 0.25, 0.1, (0.05, 0.15, 0.25)),
        (0.0, 3e-5, 1e-5, (0.0, 1e-5, 2e-5, 3e-5)),
        (0, 1, 0.5, (0, 0.5, 1)),
        (-2, 2, 2, (-2, 0, 2)),
    ],
)
def test_a_slider_s_positions(low, high, step, positions):
    slider = Slider("x", low, high, step)
    assert slider.positions == positions
    assert (slider.low, slider.high) == (low, high)
    assert slider.step == pytest.approx(step)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Slider("x", 0, 10, 3),
        lambda: Slider("x", 0, 10, 0),
        lambda: Slider("x", 10, 0, 1),
        lambda: Slider("x", 0, 10),
        lambda: Slider("x", 0, 10, 1, value=11),
        lambda: Slider("x", values=[1]),
        lambda: Slider("not a name", 0, 1, 1),
        lambda: Choice("x", []),
        lambda: Choice("x", ["a"], value="b"),
    ],
)
def test_controls_that_cannot_work_are_refused(wrong):
    with pytest.raises(ValueError, match=r"must|needs|give all"):
        wrong()


def test_a_panel_with_a_player_follows_its_sliders(browser_sends):
    def run(fanout):
        ring = overlays.ring(20)
        return ring, spread(20, fanout=fanout, overlay=ring, track=True, max_rounds=40)

    panel = Panel(
        "Ring", run=run, draw=lambda r: rumor_scene(*r), controls=[Slider("fanout", 1, 2, 1, label="Fanout")]
    )
    first = panel.state["scene"]
    assert browser_sends(panel, {"positions": [1]})["error"] == ""
    assert panel.state["chart"] is None
    learned = panel.result[1].learned_at[0].tolist()
    assert panel.state["scene"]["spells"] == [[[at, None]] for at in learned] != first["spells"]
    assert panel.still()[0]["image/png"]


def test_a_player_is_a_panel_without_controls():
    ring = overlays.ring(12)
    player = SpreadPlayer(ring, spread(12, fanout=2, overlay=ring, track=True, seed=2), title="Twelve")
    assert player.title == player.state["caption"] == "Twelve" and player.controls == ()
    assert player.state["scene"]["spells"] == [[[at, None]] for at in player.result.learned_at[0].tolist()]


def test_a_panel_that_is_stored_for_readers_holds_each_control_s_ends_and_choices(monkeypatch):
    ran = []

    def run(**values):
        ran.append(values)
        if values["high"] == 9:
            raise ValueError("9 is too much")
        return {"x²": [at**2 for at in range(values["high"] + 1)]}

    controls = [
        Slider("high", 1, 9, 1, value=3),
        Slider("low", 0, 4, 1, value=0),
        Toggle("odd", True),
        Choice("few", ["a", "b", "c"], value="b"),
        Choice("many", list("abcd")),
    ]
    panel = Panel(
        "Squares", run=run, draw=lambda run: figures.curves(run, title="Squares"), controls=controls
    )
    state, data = panel.recorded()
    assert (state["others"], data, len(ran)) == ([], b"", 1)
    monkeypatch.setenv("GOSSIPKIT_STORES_MORE", "1")
    before = snapshot(panel)
    state, _ = panel.recorded()
    # without the end that the run refuses
    assert [each["positions"] for each in state["others"]] == [
        [0, 0, 1, 1, 0],
        [2, 4, 1, 1, 0],
        [2, 0, 0, 1, 0],
        [2, 0, 1, 0, 0],
        [2, 0, 1, 2, 0],
        [2, 0, 1, 1, 1],
        [2, 0, 1, 1, 2],
        [2, 0, 1, 1, 3],
    ]
    assert snapshot(panel) == before and state["state"] == panel.state
    panel.set(high=1)
    assert panel.state == state["others"][0]
