"""What one does on a stage: each action as a form for the browser, and each step as a sentence."""

from __future__ import annotations

import json

from ...authority.quorum import LEVELS
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

_KEY = {"kind": "text", "label": "key", "value": "k"}
_VALUE = {"kind": "text", "label": "value", "value": "v"}
_LEVEL = {"kind": "choice", "label": "consistency level", "choices": list(LEVELS), "value": "QUORUM"}
_NEW = {"kind": "text", "label": "name of the new node", "value": "new-1"}
VIA = OPTIONAL_NODE | {"label": "the node asked"}
JOIN = action("join", "A node joins", name=_NEW)
JOIN_VIA = action("join", "A node joins", name=_NEW, via=VIA)
LEAVE = action("leave", "A node leaves", name=NODE | {"label": "node"})
LEAVE_VIA = action("leave", "A node leaves", name=NODE | {"label": "node"}, via=VIA)
CONSUL = (
    action(
        "write",
        "Write a key",
        client=True,
        key=_KEY,
        value=_VALUE,
        via=NODE | {"label": "the node asked"},
        if_index={
            "kind": "number",
            "label": "only if the index of its last change is (0: if it is new, as a lock)",
            "low": 0,
            "high": 1000,
            "step": 1,
            "optional": True,
        },
    ),
    action("read", "Read a key", client=True, key=_KEY, via=NODE | {"label": "the node asked"}),
    action(
        "register", "Register a service", client=True, node=NODE, service={"kind": "text", "value": "web"}
    ),
    action(
        "deregister", "Deregister a service", client=True, node=NODE, service={"kind": "text", "value": "web"}
    ),
    LEAVE,
)
CASSANDRA = (
    action("write", "Write a row", client=True, key=_KEY, value=_VALUE, consistency=_LEVEL, via=VIA),
    action("read", "Read a row", client=True, key=_KEY, consistency=_LEVEL, via=VIA),
    action("delete", "Delete a row", client=True, key=_KEY, consistency=_LEVEL, via=VIA),
    JOIN,
    LEAVE,
)
DYNAMO = (
    action("put", "Put an object", client=True, key=_KEY, value=_VALUE, via=VIA),
    action("get", "Get an object", client=True, key=_KEY, via=VIA),
    JOIN_VIA,
    LEAVE_VIA,
)
REDIS_CLUSTER = (
    action(
        "set",
        "Set a key",
        client=True,
        key=_KEY,
        value=_VALUE,
        via=VIA,
        wait={
            "kind": "number",
            "label": "wait for so many replicas",
            "low": 0,
            "high": 3,
            "step": 1,
            "value": 0,
        },
    ),
    action("get", "Get a key", client=True, key=_KEY, via=VIA),
    action(
        "join",
        "A node joins",
        name=_NEW,
        replicate=OPTIONAL_NODE | {"label": "whose replica it is to be"},
        via=VIA,
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
    "join": "{name} joins",
    "leave": "{name} leaves",
    "lie": "{name} lies about {about}: {what}",
    "forge": "{name} says of {about}: {claim}",
    "be_honest": "{name} is honest from now on",
    "shutdown": "{name} announces that it goes down",
    "write": "a client writes {key} = {value}",
    "set": "a client sets {key} = {value}",
    "put": "a client puts {key} = {value}",
    "read": "a client reads {key}",
    "get": "a client gets {key}",
    "delete": "a client deletes {key}",
    "register": "{node} offers the service {service}",
    "deregister": "{node} offers the service {service} no more",
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
        via = f" through {arguments['via']}" if arguments.get("via") else ""
        return _SENTENCES[action].format_map(arguments) + via
    inside = ", ".join(f"{name}={value!r}" for name, value in arguments.items() if value is not None)
    return f"{action}({inside})"


def _listed(names, most: int = 4) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def touched(arguments: dict) -> list[str]:
    """The nodes that a step names; whom it is about comes first, since beliefs are shown of the first."""
    found = [
        arguments[name]
        for name in ("about", "name", "node", "a", "b", "src", "dst", "via")
        if arguments.get(name)
    ]
    return found + [name for group in arguments.get("groups", ()) for name in group]


def steps(scenario: Scenario) -> list[dict]:
    """A scenario's steps, for the browser."""
    # as the text has them, with lists for tuples
    return [
        {"at_s": at, "action": action, "arguments": arguments, "text": said(action, arguments)}
        for at, action, arguments in json.loads(scenario.to_json())
    ]
