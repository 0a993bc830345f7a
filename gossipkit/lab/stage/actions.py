"""What one does on a stage: each action as a form for the browser, and each step as a sentence."""

from __future__ import annotations

from ...sim import Scenario

NODE = {"kind": "node"}
SECONDS = {"kind": "number", "low": 0.5, "high": 30, "step": 0.5, "value": 5}
SHARE = {"kind": "number", "low": 0, "high": 1, "step": 0.05, "value": 0.3}
OPTIONAL_NODE = {"kind": "node", "optional": True}


def action(action: str, text: str, /, client: bool = False, **takes: dict) -> dict:
    """A form: the action's name, its label, and what it takes, by the names of a scenario's arguments."""
    fields = [{"label": name, **spec, "name": name} for name, spec in takes.items()]
    return {"name": action, "label": text, "client": client, "takes": fields}


FAULT_FORMS = (
    action("crash", "Crash", name=NODE | {"label": "node"}),
    action("restart", "Restart", name=NODE | {"label": "node"}),
    action(
        "pause",
        "Pause",
        name=NODE | {"label": "node"},
        seconds=SECONDS | {"label": "for how many seconds"},
        timers={
            "kind": "choice",
            "label": "timers",
            "choices": ["wait", "run"],
            "value": "wait",
        },
    ),
    action("cut", "Cut", a=NODE | {"label": "from"}, b=NODE | {"label": "to"}),
    action("mend", "Mend", a=NODE | {"label": "from"}, b=NODE | {"label": "to"}),
    action("partition", "Partition", groups={"kind": "groups", "label": "groups"}),
    action("heal", "Heal"),
    action(
        "set_loss",
        "Set loss",
        p=SHARE | {"label": "share of packets lost"},
        src=OPTIONAL_NODE | {"label": "from"},
        dst=OPTIONAL_NODE | {"label": "to"},
    ),
    action(
        "clock",
        "Set a clock wrong",
        name=NODE | {"label": "node"},
        offset_s={
            "kind": "number",
            "label": "seconds ahead",
            "low": -600,
            "high": 600,
            "step": 1,
            "value": 60,
        },
    ),
    action(
        "churn",
        "Churn",
        leaves_per_s={
            "kind": "number",
            "label": "crashes a second",
            "low": 0,
            "high": 2,
            "step": 0.1,
            "value": 0.2,
        },
        seconds=SECONDS | {"label": "for how many seconds"},
    ),
)

_SENTENCES = {
    "crash": "{name} crashes",
    "restart": "{name} is started again",
    "pause": "{name} stands still for {seconds:g} s",
    "cut": "nothing passes between {a} and {b}",
    "mend": "{a} and {b} reach each other again",
    "heal": "the network is whole again",
    "clock": "the clock of {name} is {offset_s:g} s ahead",
    "corrupt": "{p:.0%} of packets arrive changed",
}


def said(action: str, arguments: dict) -> str:
    """A step in words."""
    if action == "partition":
        parts = " | ".join(_listed(group) for group in arguments["groups"])
        return f"the network parts: {parts}" + (" | the others" if len(arguments["groups"]) == 1 else "")
    if action == "set_loss":
        ends = "".join(
            f" {word} {arguments[end]}"
            for word, end in (("from", "src"), ("to", "dst"))
            if arguments.get(end)
        )
        return f"{arguments['p']:.0%} of packets{ends} are lost"
    if action == "churn":
        return (
            f"churn for {arguments['seconds']:g} s: {arguments['leaves_per_s']:g} crashes and "
            f"{arguments['joins_per_s']:g} joins a second"
        )
    if action in _SENTENCES:
        return _SENTENCES[action].format_map(arguments)
    inside = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value is not None)
    return f"{action}({inside})"


def _listed(names, most: int = 4) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def touched(arguments: dict) -> list[str]:
    """The nodes that a step names."""
    found = [arguments[name] for name in ("name", "a", "b", "src", "dst", "via") if arguments.get(name)]
    return found + [name for group in arguments.get("groups", ()) for name in group]


def steps(scenario: Scenario) -> list[dict]:
    """A scenario's steps, for the browser."""
    found = []
    for step, (_, _, arguments) in zip(scenario.steps, _plain(scenario), strict=True):
        found.append(
            {
                "at_s": step.at,
                "action": step.action,
                "arguments": arguments,
                "text": said(step.action, arguments),
            }
        )
    return found


def _plain(scenario: Scenario) -> list:
    import json

    return json.loads(scenario.to_json())
