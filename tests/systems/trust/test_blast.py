"""What one stolen secret opens, and what it does not."""

import pytest

from gossipkit.systems.trust.blast import Effect, Holds, blast_radius

SEEDS = (1, 2)


@pytest.fixture(scope="module")
def guarded():
    return blast_radius(SEEDS)


@pytest.mark.parametrize(
    ("holds", "effects"),
    [
        (Holds.NOTHING, set()),
        (Holds.GOSSIP_KEY, {Effect.READ, Effect.BELIEFS, Effect.ANSWERS}),
        (Holds.TOKEN, {Effect.KEYS}),
        (Holds.MEMBER, set()),
        (Holds.SERVER, {Effect.KEYS, Effect.LOG}),
    ],
)
def test_each_secret_opens_its_own_door(guarded, holds, effects):
    assert set(guarded.reached(holds)) == effects
    for effect in Effect:
        # and in each run alike
        assert guarded.cells[holds, effect] == (effect in effects,) * len(SEEDS)


def test_without_certificates_anybody_can_write_the_log():
    open_ = blast_radius((1,), tls=False)
    for holds in Holds:
        assert {Effect.KEYS, Effect.LOG} <= set(open_.reached(holds))
    assert Effect.CATALOG not in open_.reached(Holds.SERVER), "tokens are wanted all the same"


def test_without_tokens_anybody_can_ask_an_agent():
    open_ = blast_radius((1,), acl=False)
    for holds in Holds:
        assert {Effect.KEYS, Effect.CATALOG, Effect.ANSWERS} <= set(open_.reached(holds))
        assert (Effect.LOG in open_.reached(holds)) is (holds is Holds.SERVER)


def test_what_it_says(guarded):
    assert repr(guarded) == (
        "<BlastRadius, effects of 6 by what is held: nothing 0, the gossip key 3, an application's ACL token 1, "
        "a member's certificate 0, a server's certificate 2>"
    )
    lines = guarded.table().splitlines()
    assert lines[2] == "| nothing | – | – | – | – | – | – |"
    assert lines[3] == "| the gossip key | yes | yes | yes | – | – | – |"
    assert len(lines) == 2 + len(Holds)
    assert guarded == blast_radius(SEEDS)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [({"seeds": ()}, "seeds is empty"), ({"tls": 1}, "tls is 1"), ({"acl": None}, "acl is None")],
)
def test_wrong_arguments(arguments, says):
    with pytest.raises(ValueError, match=says):
        blast_radius(**arguments)
