"""Certificates: who is let in, and who no longer."""

from dataclasses import replace

import pytest

from gossipkit.authority import Keyring, Unreadable
from gossipkit.authority.identities import CertificateAuthority, Doors, Refusal
from gossipkit.sim import message

NOBODY = frozenset()


@message
class Note:
    text: str


@pytest.fixture
def authority():
    return CertificateAuthority(lifetime_s=100.0)


def test_a_certificate_is_good_until_it_expires(authority):
    card = authority.issue("a", now=5.0).certificate
    assert card.not_after_s == 105.0
    assert authority.judge(card, 105.0, NOBODY) is None
    assert authority.judge(card, 105.1, NOBODY) is Refusal.EXPIRED


def test_only_a_servers_certificate_opens_a_door_for_servers(authority):
    member, server = (authority.issue("a", 0.0, server=server).certificate for server in (False, True))
    assert authority.judge(member, 1.0, NOBODY, server=True) is Refusal.NO_SERVER
    assert authority.judge(server, 1.0, NOBODY, server=True) is None
    assert authority.judge(server, 1.0, NOBODY) is None


def test_a_revoked_one_is_refused_by_those_who_know_and_no_other_one_is(authority):
    gone, stays = (authority.issue(name, 0.0).certificate for name in ("a", "a"))
    authority.revoke(gone)
    assert authority.revoked == {gone.serial}
    assert authority.judge(gone, 1.0, authority.revoked) is Refusal.REVOKED
    assert authority.judge(gone, 1.0, NOBODY) is None
    assert authority.judge(stays, 1.0, authority.revoked) is None


@pytest.mark.parametrize(
    "change", [{"name": "b"}, {"server": True}, {"not_after_s": 1e9}, {"serial": 2}], ids=str
)
def test_nobody_can_write_a_certificate_himself(authority, change):
    card = authority.issue("a", 0.0).certificate
    forged = replace(card, **change)
    assert authority.judge(forged, 1.0, NOBODY) is Refusal.UNKNOWN
    with pytest.raises(ValueError, match="must be one that this authority has issued"):
        authority.revoke(forged)


def test_another_authoritys_certificate_is_unknown(authority):
    other = CertificateAuthority(100.0, secret=b"other")
    assert authority.judge(other.issue("a", 0.0).certificate, 1.0, NOBODY) is Refusal.UNKNOWN


def test_credentials_seal_and_open_as_a_keyring_does(authority):
    ann, bob = authority.issue("ann", 0.0), authority.issue("bob", 0.0)
    sealed = ann.wrap(Note("hello"), "lan")
    assert bob.unwrap(sealed, "lan") == Note("hello")
    for spoilt in (
        replace(sealed, content=replace(sealed.content, content=Note("hullo"))),  # another text
        replace(
            sealed, content=replace(sealed.content, certificate=bob.certificate)
        ),  # another's certificate
        Keyring(b"k" * 16).wrap(Note("hello"), "lan"),
    ):
        with pytest.raises(Unreadable):
            bob.unwrap(spoilt, "lan")
    with pytest.raises(Unreadable, match="does not hold"):
        bob.unwrap(sealed, "wan")


def test_each_member_goes_by_its_own_clock_and_its_own_copy_of_the_list(authority):
    ann, bob, cid = (authority.issue(name, 0.0) for name in ("ann", "bob", "cid"))
    authority.revoke(ann.certificate)
    bob.revoked = authority.revoked
    sealed = ann.wrap(Note("hello"))
    with pytest.raises(Unreadable, match="its certificate is revoked"):
        bob.unwrap(sealed)
    assert cid.unwrap(sealed) == Note("hello")
    cid.clock = lambda: 101.0
    with pytest.raises(Unreadable, match="its certificate is expired"):
        cid.unwrap(sealed)


def test_a_door_asks_whoever_connects_for_a_certificate(authority):
    doors = Doors(authority)
    doors.shown = {
        "a": authority.issue("a", 0.0).certificate,
        "s": authority.issue("s", 0.0, True).certificate,
    }
    assert [doors.refuses(name, 1.0) for name in ("a", "s", "x")] == [None, None, Refusal.UNKNOWN]
    assert [doors.refuses(name, 1.0, server=True) for name in ("a", "s")] == [Refusal.NO_SERVER, None]
    assert doors.refuses("s", 101.0) is Refusal.EXPIRED
    with pytest.raises(ValueError, match="authority is None"):
        Doors(None)


def test_wrong_arguments(authority):
    with pytest.raises(ValueError, match="lifetime_s is 0"):
        CertificateAuthority(0)
    with pytest.raises(ValueError, match="name_ is ''"):
        authority.issue("", 0.0)
    with pytest.raises(ValueError, match="server is 1"):
        authority.issue("a", 0.0, server=1)
    with pytest.raises(ValueError, match="certificate is 'a'"):
        authority.judge("a", 0.0, NOBODY)
