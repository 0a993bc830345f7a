"""What is to be shown of a pool whose gossip is sealed with a key: that this does not make it true."""

from ..gossip.adversary import FirstHand, Keys, Quorum, Signatures
from ..systems.sealed import SealedPool
from .evidence import Claim

FEWEST, SIZES = 9, 6
BURIED_S, MOSTLY = 10.0, 0.6
DOWN_S, BELIEVED_S = 60.0, 30.0


def _pool(seed: int, quorum: bool, signed: bool, trace: bool | str = "events") -> SealedPool:
    """9 to 14 members by the seed. With a quorum, a majority of them must accuse; without it, only one's own probes count."""
    members = FEWEST + seed % SIZES

    def defences(names: tuple[str, ...]) -> list:
        rule = Quorum(accusers=members // 2 + 1) if quorum else FirstHand()
        return [Signatures(keys=Keys(names)), rule] if signed else [rule]

    return SealedPool(members, defences=defences, seed=seed, trace=trace or "events")


def _one_liar(pool: SealedPool) -> str:
    liars = pool.liars
    if len(liars) > 1:
        return f"{' and '.join(liars)} lie, and one is to be enough"
    return "" if liars else "nobody has lied yet"


def _buried(pool: SealedPool) -> str:
    """m-1 is up, and was taken for dead for most of the last 10 s."""
    if missing := _one_liar(pool):
        return missing
    share = pool.dead_share("m-1", BURIED_S)
    if share > MOSTLY:
        return ""
    return f"the others took m-1 for dead for {share:.0%} of the last {BURIED_S:.0f} s"


def _risen(pool: SealedPool) -> str:
    """m-1 is down for a minute, and for half of it nobody has taken it for dead."""
    if missing := _one_liar(pool):
        return missing
    down = [event.time for event in pool.trace.filter(kind="crash", node="m-1")]
    if not down:
        return "m-1 is up"
    down_s = pool.world.now - down[-1]
    if down_s < DOWN_S:
        return f"m-1 is down for {down_s:.0f} s, and it must be {DOWN_S:.0f} s"
    if share := pool.dead_share("m-1", BELIEVED_S):
        return f"the others took m-1 for dead for {share:.0%} of the last {BELIEVED_S:.0f} s"
    return ""


TRUST_CLAIMS = {
    "majority": Claim(
        "A member that is up is taken for dead most of the time, though a majority has to accuse it in packets that are sealed "
        "with the key, because a key doesn't say who speaks.",
        system=lambda seed, **more: _pool(seed, quorum=True, signed=False, **more),
        variant=lambda seed, **more: _pool(seed, quorum=True, signed=True, **more),
        because="each accusation is signed by its accuser",
        seen=_buried,
        actions=("forge",),
    ),
    "undead": Claim(
        "A member that is down is taken for alive by all, though each believes only its own probes about a death, because "
        "whoever has the key can claim life in its name.",
        system=lambda seed, **more: _pool(seed, quorum=False, signed=False, **more),
        variant=lambda seed, **more: _pool(seed, quorum=False, signed=True, **more),
        because="each claim of life is signed by the one that lives",
        seen=_risen,
        actions=("crash", "forge"),
    ),
}
