"""What a liar does, as checked data: each behaviour is one way to break the rules, and a liar has any number of them.

| behaviour | what it does |
|---|---|
| Forge | says that somebody is dead, suspect, alive or leaving, in any incarnation, in anybody's name, at any address |
| Withhold | does not send what it should |
| Delay | sends it later |
| Vouch | answers probes for the dead, and refutes accusations of them |
| Flood | spends the bytes of the others: user events or suspicions that all pass on |
| Replay | records what it hears, and sends it again later |
| TwoFaces | says one thing of itself to one half of the members and another to the other half, under one incarnation |
| Sybil | joins many times, under names that are all its own |
| ForgeState | Scuttlebutt: says that somebody has begun a later life, or is at a later version |

All of them have ``at_s``, when they begin (seconds of the world; what is in the past begins at once), and ``for_s``, how long
they last (seconds; None: until the liar stops). Those that send of their own accord have ``every_s``, the seconds between
two repetitions (0: once), and ``to``, whom they tell (empty: all that the liar knows, but itself and who is accused).
"""

from dataclasses import fields
from typing import Any

from ...sim import checks
from .base import Behaviour
from .crowds import Flood, Sybil
from .forging import Forge, ForgeState, TwoFaces
from .passing_on import Delay, Replay, Vouch, Withhold

BEHAVIOURS: dict[str, type[Behaviour]] = {
    kind.called: kind for kind in (Forge, Withhold, Delay, Vouch, Flood, Replay, TwoFaces, Sybil, ForgeState)
}


def behaviour(name: str, **arguments: Any) -> Behaviour:
    """A behaviour from plain data, as a scenario's step or a form has it.

    Parameters
    ----------
    name : str
        One of `BEHAVIOURS`.
    **arguments
        Its parameters; a list is a tuple.

    Raises
    ------
    ValueError
        For another name, a parameter that it does not have, or a value that it refuses.

    Examples
    --------
    >>> behaviour("forge", about="b", at_s=5.0).claim
    'dead'
    """
    checks.one_of("behaviour", name, tuple(BEHAVIOURS))
    kind = BEHAVIOURS[name]
    taken = tuple(field.name for field in fields(kind))
    for given in arguments:
        checks.one_of(f"a parameter of {name}", given, taken)
    plain = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
    try:
        return kind(**plain)
    except TypeError:
        raise ValueError(f"{name} was given {', '.join(arguments) or 'nothing'}: it needs about") from None
