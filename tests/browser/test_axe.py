"""axe-core has nothing to say against any live thing of the lab: untouched and used, light and dark."""

from playwright.sync_api import expect

from gossipkit.lab import questions

CELLS = (
    "from gossipkit.gossip import overlays, spread\n"
    "from gossipkit.lab import KnowledgeCheck, Panel, Prediction, Progress, Slider, SpreadPlayer, Stage, Toggle, figures\n"
    "from gossipkit.systems import Consul",
    "Stage(Consul, agents=6, servers=3, seed=1)",
    "def run(high, odd):\n    if high == 9:\n        raise ValueError('9 is too much')\n"
    "    return {'x²': [x * x for x in range(odd, high + 1)]}\n\n"
    "Panel('Squares', run=run, draw=lambda run: figures.curves(run, title='Squares'),\n"
    "      controls=[Slider('high', 1, 9, 1, value=3), Toggle('odd')])",
    "Prediction('How many rounds?', low=1, high=60, unit='rounds')",
    "Prediction('Which?', choices=['one', 'two'])",
    *(f"KnowledgeCheck('01_epidemic_spread', {name!r})" for name in questions.names("01_epidemic_spread")),
    "thirty = overlays.complete(30)\n"
    "SpreadPlayer(thirty, spread(30, fanout=2, overlay=thirty, seed=4, track=True))",
    "Progress()",
    "import json\nfrom pathlib import Path\nfrom gossipkit.lab import LabQuestion\n"
    "words = {'question': 'Move *it*.', 'nudge': 'Look.', 'pointer': 'There.', 'worked': 'So.', 'debrief': 'It is {n:d}.'}\n"
    "Path('asked.json').write_text(json.dumps({'lab': {'one': words}}))\n"
    "LabQuestion('asked', 'one', folder=Path('.'), n=5)",
)
WIDGETS = (".gk-live", ".gk-panel", ".gk-prediction", ".gk-check", ".gk-player", ".gk-progress", ".gk-asked")


def use(page):
    """Leave each thing in another state than the one it begins with."""
    stage = page.locator(".gk-live")
    stage.locator(".gk-nodes button").nth(2).click()
    expect(stage.locator(".gk-node-card")).to_contain_text("As of")
    stage.locator(".gk-node-card").get_by_role("button", name="Crash").click()
    expect(stage.locator(".gk-nodes [data-state=crashed]")).to_have_count(1)
    for part in ("Steps of the scenario", "Space-time diagram", "Events as a table"):
        stage.locator("summary").get_by_text(part).click()
    stage.get_by_role("button", name="Partition", exact=True).click()
    slider = page.locator(".gk-panel").get_by_role("slider")
    slider.first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".gk-panel").get_by_role("button", name="Clear")).to_be_visible()
    page.keyboard.press("End")
    expect(page.locator(".gk-panel .gk-error").first).to_contain_text("9 is too much")
    for bet in page.locator(".gk-prediction").all():
        if bet.get_by_role("radio").count():
            bet.get_by_role("radio").first.check()
        bet.get_by_role("button", name="Lock in").click()
        expect(bet.locator(".gk-status")).not_to_be_empty()
    for check in page.locator(".gk-check").all():
        if check.get_by_role("radio").count():
            check.get_by_role("radio").first.check()
            check.get_by_role("button", name="Check").click()
        else:
            check.get_by_role("button", name="Show me").click()
        expect(check.locator(".gk-verdict")).not_to_be_empty()
    page.locator(".gk-player").get_by_role("slider").first.focus()
    page.keyboard.press("End")
    for _ in range(3):  # each step opens inside the one before
        page.locator(".gk-asked details:not([open]) > summary:visible").first.click()


# Notebook 7 shows the same things in the same two themes: axe looks there in test_alive.py
def test_axe_finds_nothing(lab, page, axe):
    heading = "# A lesson\n\n## Its stage"
    lab.run(page, lab.write("notebooks/axe.ipynb", *CELLS, heading=heading))

    def look(theme):
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", theme
        )
        expect(page.locator(f"body[data-jp-theme-name='{theme}']")).to_have_count(1)
        for selector in WIDGETS:
            assert page.locator(selector).count() > 0, selector
        assert axe(page, *WIDGETS) == []

    look("JupyterLab Light")
    look("JupyterLab Dark")
    use(page)
    look("JupyterLab Dark")
    look("JupyterLab Light")
