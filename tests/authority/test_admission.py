"""The two doors: the gossip keyring after memberlist, and ACL tokens after Consul."""

import sys
from itertools import product
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gossipkit.authority import AccessList, Keyring, Policy, Rule, Sealed, Unreadable, unreadable_pairs
from gossipkit.authority.admission import GLOBAL_MANAGEMENT, NAMED, UNNAMED
from gossipkit.gossip.swim import Ping
from gossipkit.sim import Network, World, message

OLD, NEW, OTHER = b"o" * 16, b"n" * 24, b"x" * 32


@message
class Dead:
    about: str
    incarnation: int


# The keyring's rules, as keyring.go has them.


def ring_of(primary, *others):
    ring = Keyring(primary)
    for key in others:
        ring.install(key)
    return ring


def test_the_first_key_is_the_primary_and_what_is_installed_later_only_opens():
    ring = Keyring(OLD)
    ring.install(NEW)
    ring.install(OTHER)
    assert ring.primary == OLD
    assert ring.keys == (OLD, NEW, OTHER)


def test_installing_a_key_again_changes_nothing():
    ring = ring_of(OLD, NEW)
    ring.install(OLD)
    ring.install(NEW)
    assert ring.keys == (OLD, NEW)


def test_using_a_key_puts_it_first_and_keeps_the_others():
    ring = ring_of(OLD, NEW, OTHER)
    ring.use(OTHER)
    assert ring.keys == (OTHER, OLD, NEW)


def test_only_an_installed_key_can_be_used():
    ring = Keyring(OLD)
    with pytest.raises(ValueError, match="not in the keyring: install it first"):
        ring.use(NEW)
    assert ring.keys == (OLD,)


def test_the_primary_cannot_be_removed_and_an_unknown_key_need_not_be():
    ring = ring_of(OLD, NEW)
    with pytest.raises(ValueError, match="is the primary: use another one first"):
        ring.remove(OLD)
    ring.remove(OTHER)
    assert ring.keys == (OLD, NEW)
    ring.remove(NEW)
    assert ring.keys == (OLD,)


@pytest.mark.parametrize("length", [0, 15, 17, 20, 31, 33, 64])
def test_a_key_has_one_of_the_three_lengths_of_aes(length):
    ring = Keyring(OLD)
    with pytest.raises(ValueError, match=f"the key is of {length} bytes: it must be 16, 24 or 32 bytes"):
        ring.install(b"k" * length)
    with pytest.raises(ValueError, match="it must be 16, 24 or 32 bytes"):
        Keyring(b"k" * length)
    assert ring.keys == (OLD,)


def test_a_refusal_shows_no_key():
    with pytest.raises(ValueError) as refusal:
        Keyring(OLD).use(b"very secret key!")
    assert "secret" not in str(refusal.value)


# Sealing: the envelope that the simulator carries, and the real thing.


def opens_wrapped(sender, receiver, label, other_label):
    try:
        return receiver.unwrap(sender.wrap(Dead("agent-1", 3), label), other_label) == Dead("agent-1", 3)
    except Unreadable:
        return False


def opens_sealed(sender, receiver, label, other_label):
    pytest.importorskip("cryptography", reason="AES-GCM itself: pip install cryptography")
    try:
        return (
            receiver.open(sender.seal(b"agent-1 is dead", Random(1), label), other_label)
            == b"agent-1 is dead"
        )
    except Unreadable:
        return False


RINGS = [Keyring(OLD), Keyring(NEW), ring_of(OLD, NEW), ring_of(NEW, OLD), ring_of(OTHER, OLD, NEW)]


@pytest.mark.parametrize("opens", [opens_wrapped, opens_sealed])
@pytest.mark.parametrize(("sender", "receiver"), list(product(range(len(RINGS)), repeat=2)))
def test_any_installed_key_opens_and_no_other_label_does(opens, sender, receiver):
    sealing, opening = RINGS[sender], RINGS[receiver]
    assert opens(sealing, opening, "dc1", "dc1") is (sealing.primary in opening.keys)
    assert opens(sealing, opening, "dc1", "dc2") is False


def test_a_sealed_message_is_29_bytes_longer_in_the_simulator_and_in_aes_gcm():
    pytest.importorskip("cryptography", reason="AES-GCM itself: pip install cryptography")
    plain = Dead("agent-1", 3)
    assert Keyring(OLD).wrap(plain).size_bytes == plain.size_bytes + 29
    assert len(Keyring(OLD).seal(b"p" * plain.size_bytes, Random(1))) == plain.size_bytes + 29


@settings(max_examples=60, deadline=None)
@given(
    plain=st.binary(max_size=100),
    key=st.sampled_from([OLD, NEW, OTHER]),
    seed=st.integers(0, 99),
    data=st.data(),
)
def test_aes_gcm_gives_back_what_was_sealed_and_refuses_every_damage(plain, key, seed, data):
    pytest.importorskip("cryptography", reason="AES-GCM itself: pip install cryptography")
    ring = Keyring(key)
    sealed = ring.seal(plain, Random(seed), "dc1")
    assert ring.open(sealed, "dc1") == plain
    assert sealed[0] == 1
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    damaged = bytearray(sealed)
    damaged[bit // 8] ^= 1 << bit % 8
    with pytest.raises(Unreadable):
        ring.open(bytes(damaged), "dc1")
    with pytest.raises(Unreadable):
        ring.open(sealed[: data.draw(st.integers(0, len(sealed) - 1))], "dc1")


def test_it_is_aes_gcm_with_the_label_as_associated_data():
    aead = pytest.importorskip(
        "cryptography.hazmat.primitives.ciphers.aead", reason="AES-GCM itself: pip install cryptography"
    )
    sealed = Keyring(NEW).seal(b"hello", Random(7), "dc1")
    nonce = Random(7).randbytes(12)
    assert sealed == bytes([1]) + nonce + aead.AESGCM(NEW).encrypt(nonce, b"hello", b"dc1")


def test_nonces_come_from_the_source_handed_in_and_differ():
    pytest.importorskip("cryptography", reason="AES-GCM itself: pip install cryptography")
    ring, source = Keyring(OLD), Random(5)
    first, second = ring.seal(b"same", source), ring.seal(b"same", source)
    assert first != second
    assert first == ring.seal(b"same", Random(5))


def test_who_seals_no_bytes_needs_no_cryptography(monkeypatch):
    monkeypatch.setitem(sys.modules, "cryptography", None)
    for module in ("exceptions", "hazmat.primitives.ciphers.aead"):
        monkeypatch.setitem(sys.modules, f"cryptography.{module}", None)
    ring = Keyring(OLD)
    assert ring.unwrap(ring.wrap(Dead("agent-1", 3))) == Dead("agent-1", 3)
    needs = "sealing bytes with AES-GCM needs the package cryptography, which is not installed: pip install cryptography"
    with pytest.raises(ModuleNotFoundError, match=needs):
        ring.seal(b"plain", Random(1))
    with pytest.raises(ModuleNotFoundError, match=needs):
        ring.open(bytes(40))


class Postman:
    def __init__(self, ring):
        self.ring, self.read, self.refused = ring, [], 0

    def start(self, env):
        if env.name == "a":
            for incarnation in range(200):
                env.send("b", self.ring.wrap(Dead("agent-1", incarnation)))

    def receive(self, env, sender, sealed):
        try:
            self.read.append(self.ring.unwrap(sealed))
        except Unreadable:
            self.refused += 1


def test_a_message_that_the_network_damaged_is_refused_instead_of_believed():
    world = World(3, Network(corrupt=0.5))
    world.add("a", Postman(Keyring(OLD)))
    world.add("b", Postman(Keyring(OLD)))
    world.run(until=1.0)
    b = world.processes["b"]
    assert b.refused == len(world.trace.filter(kind="corrupt")) > 50
    assert len(b.read) == 200 - b.refused
    assert all(type(dead.incarnation) is int and 0 <= dead.incarnation < 200 for dead in b.read)


# Rotation.


def rings(nodes=4):
    return {f"agent-{i}": Keyring(OLD) for i in range(nodes)}


@settings(max_examples=50, deadline=None)
@given(orders=st.tuples(*[st.permutations([f"agent-{i}" for i in range(4)])] * 3))
def test_rotation_with_each_step_finished_everywhere_never_silences_anybody(orders):
    keyrings = rings()
    for step, order in zip(("install", "use", "remove"), orders, strict=True):
        for name in order:
            getattr(keyrings[name], step)(OLD if step == "remove" else NEW)
            assert unreadable_pairs(keyrings) == []
    assert all(ring.keys == (NEW,) for ring in keyrings.values())


def test_using_a_key_before_it_is_installed_everywhere_silences_its_users():
    keyrings = rings()
    for name in ("agent-0", "agent-1"):
        keyrings[name].install(NEW)
    keyrings["agent-0"].use(NEW)
    assert unreadable_pairs(keyrings) == [("agent-0", "agent-2"), ("agent-0", "agent-3")]
    for name in ("agent-2", "agent-3"):
        keyrings[name].install(NEW)
    assert unreadable_pairs(keyrings) == []


def test_removing_the_old_key_before_everybody_uses_the_new_one_silences_the_rest():
    keyrings = rings()
    for ring in keyrings.values():
        ring.install(NEW)
    keyrings["agent-0"].use(NEW)
    keyrings["agent-0"].remove(OLD)
    assert unreadable_pairs(keyrings) == [(f"agent-{i}", "agent-0") for i in (1, 2, 3)]


# What a stolen gossip key lets one do, and what it doesn't.


def test_a_stolen_gossip_key_speaks_for_everybody_but_is_no_token():
    thief, member = Keyring(OLD), Keyring(OLD)
    assert member.unwrap(thief.wrap(Dead("agent-9", 99))) == Dead("agent-9", 99)
    access = AccessList({"operator": [GLOBAL_MANAGEMENT]})
    for resource in NAMED + UNNAMED:
        assert not access.allows(OLD.decode(), "write", resource)
        assert not access.allows(None, "write", resource)
        assert access.allows("operator", "write", resource)


def test_a_sealed_message_is_as_long_as_it_says_itself_and_29_bytes():
    """SWIM's messages have the sizes of their encoding in memberlist, which is another one than the simulator's."""
    ping = Ping(1, "agent-1")
    assert Keyring(OLD).wrap(ping).size_bytes == ping.size_bytes + 29


def test_what_was_sealed_once_opens_again_there_is_no_replay_cache():
    ring = Keyring(OLD)
    recorded = ring.wrap(Dead("agent-9", 1))
    assert ring.unwrap(recorded) == ring.unwrap(recorded)
    assert isinstance(recorded, Sealed)


# ACL: precedence.


def allowed(rules, access, name, **more):
    policies = [Policy(f"p{i}", tuple(rules_)) for i, rules_ in enumerate(rules)]
    return AccessList({"token": policies}, **more).allows("token", access, "key", name)


def key(access, name, prefix=True):
    return Rule("key", access, name, prefix)


# Consul's own example of prefixes, acl/acl_test.go and docs: longest prefix decides, in either direction
LAYERS = [
    [key("read", ""), key("write", "app/"), key("deny", "app/secret/"), key("read", "app/secret/public")]
]


@pytest.mark.parametrize(
    ("name", "read", "write"),
    [
        ("other", True, False),
        ("app", True, False),
        ("app/", True, True),
        ("app/config", True, True),
        ("app/secret", True, True),  # shorter than the prefix "app/secret/"
        ("app/secret/key", False, False),
        ("app/secret/public", True, False),
        ("app/secret/publicity", True, False),
    ],
)
def test_the_longest_prefix_decides(name, read, write):
    assert allowed(LAYERS, "read", name) is read
    assert allowed(LAYERS, "write", name) is write


def test_an_exact_rule_beats_every_prefix_and_only_for_its_name():
    rules = [[key("deny", "web", prefix=True), key("write", "web", prefix=False)]]
    assert allowed(rules, "write", "web")
    assert not allowed(rules, "read", "web-admin")
    assert not allowed([[key("write", "web", prefix=False)]], "read", "web-admin")


@pytest.mark.parametrize(
    ("one", "other", "read", "write"),
    [("read", "write", True, True), ("read", "deny", False, False), ("write", "deny", False, False)],
)
def test_for_the_same_name_in_two_policies_deny_beats_write_and_write_beats_read(one, other, read, write):
    for rules in ([[key(one, "a")], [key(other, "a")]], [[key(other, "a")], [key(one, "a")]]):
        assert allowed(rules, "read", "ab") is read
        assert allowed(rules, "write", "ab") is write


def test_a_longer_prefix_in_another_policy_wins_even_against_a_denial():
    assert allowed([[key("deny", "a")], [key("write", "ab")]], "write", "abc")


@pytest.mark.parametrize("default", ["deny", "allow"])
def test_where_no_rule_speaks_the_default_does(default):
    assert allowed([[key("read", "a")]], "write", "b", default=default) is (default == "allow")
    assert allowed([[key("deny", "a")]], "read", "a1", default=default) is False
    access = AccessList({"token": []}, default=default)
    assert access.allows("token", "read", "operator") is (default == "allow")
    assert access.allows("unknown", "read", "operator") is False


def test_rules_of_one_resource_say_nothing_about_another():
    access = AccessList({"token": [Policy("p", (Rule("service", "write", prefix=True),))]})
    assert access.allows("token", "write", "service", "web")
    assert not access.allows("token", "read", "key", "web")
    assert not access.allows("token", "read", "keyring")


def test_without_a_token_the_anonymous_policies_hold():
    access = AccessList({}, anonymous=[Policy("dns", (Rule("service", "read", prefix=True),))])
    assert access.allows(None, "read", "service", "web")
    assert not access.allows(None, "write", "service", "web")


@settings(max_examples=200, deadline=None)
@given(
    rules=st.lists(
        st.builds(
            key, st.sampled_from(["deny", "read", "write"]), st.text("ab", max_size=3), prefix=st.booleans()
        ),
        max_size=6,
    ),
    name=st.text("ab", max_size=4),
    default=st.sampled_from(["deny", "allow"]),
)
def test_the_answer_is_that_of_the_most_specific_rule(rules, name, default):
    fitting = [rule for rule in rules if (name.startswith(rule.name) if rule.prefix else name == rule.name)]
    fitting.sort(
        key=lambda rule: (not rule.prefix, len(rule.name), ["read", "write", "deny"].index(rule.access))
    )
    decided = fitting[-1].access if fitting else {"deny": "deny", "allow": "write"}[default]
    assert allowed([rules], "read", name, default=default) is (decided != "deny")
    assert allowed([rules], "write", name, default=default) is (decided == "write")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Rule("kv", "read"), "resource is 'kv': it must be one of 'agent'"),
        (lambda: Rule("key", "list"), "access is 'list': it must be one of 'deny', 'read', 'write'"),
        (lambda: Rule("operator", "read", "x"), "name is 'x': there is one operator"),
        (lambda: AccessList({}, default="maybe"), "default is 'maybe'"),
        (lambda: AccessList({}).allows(None, "deny", "key"), "access is 'deny'"),
        (lambda: AccessList({}).allows(None, "read", "keyring", "x"), "there is one keyring"),
        (lambda: Keyring("a string of 16 b"), "the key is 'a string of 16 b'"),
    ],
)
def test_nonsense_is_refused_with_its_value(make, words):
    with pytest.raises(ValueError, match=words):
        make()
