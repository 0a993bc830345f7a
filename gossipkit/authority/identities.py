"""Identities: a certificate for each member, so that one of them can be shut out and the others stay.

A keyring (`admission`) says "one of us". A certificate says who. What a member that is to go can still do:

===============================  =======================  ========================  ==================================
to shut one member out           whom it concerns         it is out                 who else is
===============================  =======================  ========================  ==================================
a new key for the keyring,       everybody                when everybody has done   who missed it: it is not heard, and
handed out past the pool                                  the last step             lets the old key in
a new key, sent through the      everybody                never: it hears the new   who missed it
pool, as ``consul keyring``                               key under the old one
its certificate on a list of     those who check it       where the list has come   nobody
those that are revoked                                    to
no new certificate for it        the authority alone      when the certificate      everybody, if nobody can reach the
                                                          expires                   authority for a lifetime
its ACL token deleted            a log's servers          with the commit           nobody; it still gossips
===============================  =======================  ========================  ==================================

What is modelled are the rules, not the cryptography: a message carries the sender's certificate, as a connection would have
shown it, and a proof that the sender holds its key. The proof is a message authentication code, which the authority checks where
in truth anybody does with the public key; whoever holds only the certificate can't make it. A list of revoked certificates is
each member's own, and as old as its last copy. etcd checks one that is a file (``--client-crl-file``); Consul has none, and
whoever must go there waits for his certificate's end, or all others get one from a new authority.

In Consul certificates guard requests to servers, and a server's is needed to speak Raft; gossip has the keyring alone. Other
users of memberlist give gossip connections with certificates of both sides, such as Prometheus' Alertmanager.

References
----------
RFC 5280 (certificates, revocation lists); hashicorp/consul agent/consul/rpc.go (handleRaftRPC) and tlsutil/config.go
(AuthorizeServerConn); prometheus/alertmanager cluster/tls_transport.go; etcd's configuration flags; hashicorp/serf#208,
serf/keymanager.go, and website docs commands/key ("will broadcast the new key to the cluster").
"""

import hmac
from collections.abc import Callable
from typing import Any

from ..sim import Message, Word, message
from ..sim.checks import instance, name, number, truth
from .admission import TAG_BYTES, Sealed, Unreadable


class Refusal(Word):
    """Why a certificate does not open a door."""

    UNKNOWN = "not from this authority"
    EXPIRED = "expired"
    REVOKED = "revoked"
    NO_SERVER = "not a server's"


@message
class Certificate:
    """Who somebody is, as an authority says it.

    Attributes
    ----------
    serial : int
        Its number at the authority, from 1.
    name : str
    server : bool
        Whether its holder is a server, which Consul writes into the name: ``server.dc1.consul``.
    not_after_s : float
        When it expires, in seconds.
    signature : bytes
    """

    serial: int
    name: str
    server: bool
    not_after_s: float
    signature: bytes


@message
class Signed:
    """A message with its sender's certificate; on a connection that is shown once, here with each message."""

    certificate: Certificate
    content: Any


class CertificateAuthority:
    """Who issues certificates, and strikes them off.

    Parameters
    ----------
    lifetime_s : float
        For so long a certificate is good, in seconds. Long ones keep a thief in who isn't noticed, and a list of revoked ones
        long; short ones make the authority a part that must answer each time.
    secret : bytes
        What it signs with.

    Attributes
    ----------
    revoked : frozenset of int
        The numbers of those that were struck off.

    Raises
    ------
    ValueError
        For a lifetime that is not positive.

    Examples
    --------
    >>> authority = CertificateAuthority(lifetime_s=3600)
    >>> card = authority.issue("agent-1", now=0.0)
    >>> authority.revoke(card.certificate)
    >>> str(authority.judge(card.certificate, 10.0, authority.revoked)), authority.judge(card.certificate, 10.0, frozenset())
    ('revoked', None)
    """

    def __init__(self, lifetime_s: float, secret: bytes = b"authority"):
        number("lifetime_s", lifetime_s, low=1e-6)
        self.lifetime_s, self._secret = lifetime_s, secret
        self._issued = 0
        self.revoked: frozenset[int] = frozenset()

    def issue(self, name_: str, now: float, server: bool = False) -> "Credentials":
        """A new certificate and its key.

        Parameters
        ----------
        name_ : str
            Whose it is.
        now : float
            Seconds.
        server : bool

        Raises
        ------
        ValueError
            For a name that is none, or another ``server`` than True or False.
        """
        name("name_", name_)
        truth("server", server)
        self._issued += 1
        fields = self._issued, name_, server, now + self.lifetime_s
        certificate = Certificate(*fields, self._sign("certificate", fields))
        return Credentials(self, certificate, self._key(certificate.serial))

    def revoke(self, certificate: Certificate) -> None:
        """Put a certificate on the list of those that are no longer good.

        Raises
        ------
        ValueError
            If it is not from this authority.
        """
        if not self._genuine(certificate):
            raise ValueError(f"certificate is {certificate!r}: it must be one that this authority has issued")
        self.revoked |= {certificate.serial}

    def judge(
        self, certificate: Certificate, now: float, revoked: frozenset[int], server: bool = False
    ) -> Refusal | None:
        """Whether somebody who knows of ``revoked`` lets a certificate's holder in; None is yes.

        Parameters
        ----------
        certificate : Certificate
        now : float
            Seconds, by the clock of the one who judges.
        revoked : frozenset of int
            The numbers on the judge's copy of the list.
        server : bool
            Whether the door is one for servers only.
        """
        if not self._genuine(certificate):
            return Refusal.UNKNOWN
        if now > certificate.not_after_s:
            return Refusal.EXPIRED
        if certificate.serial in revoked:
            return Refusal.REVOKED
        return Refusal.NO_SERVER if server and not certificate.server else None

    def proves(self, certificate: Certificate, proof: bytes, said: Any) -> bool:
        """Whether the holder of a certificate's key has said this."""
        return hmac.compare_digest(proof, _code(self._key(certificate.serial), said))

    def _genuine(self, certificate: Certificate) -> bool:
        instance("certificate", certificate, Certificate, "a Certificate")
        fields = certificate.serial, certificate.name, certificate.server, certificate.not_after_s
        return hmac.compare_digest(certificate.signature, self._sign("certificate", fields))

    def _sign(self, what: str, fields: Any) -> bytes:
        return _code(self._secret, (what, fields))

    def _key(self, serial: int) -> bytes:
        return self._sign("key", serial)


class Doors:
    """The connections of a cluster, of which each shows who is at its other end.

    Parameters
    ----------
    authority : CertificateAuthority
        Of which both ends want certificates.

    Attributes
    ----------
    shown : dict of str to Certificate
        By address, what whoever connects from there can show; who has the key to a certificate can show it from anywhere.
    """

    def __init__(self, authority: CertificateAuthority):
        instance("authority", authority, CertificateAuthority, "a CertificateAuthority")
        self._authority = authority
        self.shown: dict[str, Certificate] = {}

    def refuses(self, sender: str, now: float, server: bool = False) -> Refusal | None:
        """Why a connection from an address does not come about; None: it does.

        Parameters
        ----------
        sender : str
        now : float
            Seconds.
        server : bool
            Whether it is for servers only.
        """
        certificate = self.shown.get(sender)
        if certificate is None:
            return Refusal.UNKNOWN
        return self._authority.judge(certificate, now, frozenset(), server)


def _code(key: bytes, said: Any) -> bytes:
    return hmac.digest(key, repr(said).encode(), "sha256")[:TAG_BYTES]


class Credentials:
    """One member's certificate, the key to it, and its copy of the list of revoked ones. It seals and opens as a `Keyring` does,
    so that it can stand in a keyring's place at the door of a pool.

    Parameters
    ----------
    authority : CertificateAuthority
    certificate : Certificate
    key : bytes

    Attributes
    ----------
    certificate : Certificate
    revoked : frozenset of int
        Empty at first: a list has to come to a member.
    clock : callable
        What time it is here, in seconds; by default always 0.
    """

    def __init__(self, authority: CertificateAuthority, certificate: Certificate, key: bytes):
        self._authority, self._key = authority, key
        self.certificate = certificate
        self.revoked: frozenset[int] = frozenset()
        self.clock: Callable[[], float] = float

    def __repr__(self) -> str:
        return f"<Credentials of {self.certificate.name}, number {self.certificate.serial}>"

    def wrap(self, content: Message, label: str = "") -> Sealed:
        """Put a message under the own certificate, for the simulated wire."""
        return Sealed(_code(self._key, (label, content)), Signed(self.certificate, content))

    def unwrap(self, sealed: Sealed, label: str = "") -> Message:
        """The message, if its sender is let in.

        Raises
        ------
        Unreadable
            If it has no certificate, or another's, or one that `CertificateAuthority.judge` refuses.
        """
        signed = sealed.content
        if type(signed) is not Signed:
            raise Unreadable("it bears no certificate")
        refusal = self._authority.judge(signed.certificate, self.clock(), self.revoked)
        if refusal is not None:
            raise Unreadable(f"its certificate is {refusal}")
        if not self._authority.proves(signed.certificate, sealed.tag, (label, signed.content)):
            raise Unreadable("its sender does not hold the certificate's key")
        return signed.content
