"""A sealed pool for an exercise's claims: any lie in any member's name, once or again and again."""

from __future__ import annotations

from ...systems.sealed import CLAIMS
from .actions import NODE, OPTIONAL_NODE, action
from .trust import TrustCast

FORGE = action(
    "forge",
    "Forge",
    name=NODE | {"label": "who lies"},
    about=NODE | {"label": "about whom"},
    claim={"kind": "choice", "label": "says that it is", "choices": list(CLAIMS), "value": CLAIMS[0]},
    by=OPTIONAL_NODE | {"label": "in whose name"},
    growth={"kind": "number", "label": "grows by", "low": 0, "high": 100, "step": 1, "value": 0},
    every_s={
        "kind": "number",
        "label": "each so many seconds (0: once)",
        "low": 0,
        "high": 60,
        "step": 0.1,
        "value": 0,
    },
    for_s={
        "kind": "number",
        "label": "for how many seconds",
        "low": 0,
        "high": 120,
        "step": 1,
        "optional": True,
    },
)


class SealedCast(TrustCast):
    """The members of a `SealedPool`; it is a claim that makes the pool."""

    title = "A sealed pool"
    operations = (FORGE,)
    controls = ()
