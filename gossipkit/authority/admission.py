"""Who is let in: the gossip keyring, and ACL tokens. They are two doors, and a key to one does not open the other.

=====================================  ==================================  ==========================================
who holds                              a stolen gossip key                 a stolen ACL token
=====================================  ==================================  ==========================================
reads gossip on the wire               yes                                 no
joins the pool as a member             yes                                 no
says that others are dead, or alive    yes, of anyone (memberlist's        no
under another address                  SECURITY.md: not Byzantine
                                       fault tolerant)
replays recorded gossip                yes: there is no replay cache,      no
                                       incarnations help only by the way
changes the keyring                    no: that is an operator's request,  with ``keyring = "write"``
                                       under ACL
writes to catalog, KV, policies        no: those take a request with a     what its policies say
                                       token, decided in the log
=====================================  ==================================  ==========================================

But what gossip says becomes a fact in the catalog when the leader reconciles it (a dead member's ``serfHealth``), so the
holder of the gossip key takes services out of the answers, and frees the locks of sessions that end with that check, without
ever writing to the catalog. `gossipkit.systems.trust` has that as runs. Neither secret says who somebody is; certificates do,
see `identities`.

References
----------
hashicorp/memberlist keyring.go, security.go, SECURITY.md; hashicorp/consul acl/policy_authorizer.go, policy_merger.go.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from ..sim import Message, checks, message
from ..sim.message import wire_size

KEY_LENGTHS = (16, 24, 32)
"""Bytes; AES-128, AES-192 and AES-256 (memberlist keyring.go, ValidateKey)."""
VERSION = 1
"""Of the encryption: AES-GCM without padding (memberlist security.go)."""
NONCE_BYTES = 12
TAG_BYTES = 16
OVERHEAD_BYTES = 1 + NONCE_BYTES + TAG_BYTES
"""What sealing adds: version, nonce and tag, 29 bytes (memberlist security.go, encryptOverhead)."""
SEALING = "sealing bytes with AES-GCM"


class Unreadable(Exception):
    """No installed key opens this: it was sealed with another, for another label, or damaged on the way."""


@message
class Sealed:
    """A message under a gossip key, as the simulator carries it, see `Keyring.wrap`."""

    tag: bytes
    content: Any

    @property
    def size_bytes(self) -> int:
        """As long as the content, and the overhead of AES-GCM."""
        size = getattr(self.content, "size_bytes", None)  # a message may say its own
        return OVERHEAD_BYTES + (wire_size(self.content) if size is None else size)


class Keyring:
    """The gossip keys of one node: the primary seals, all of them open.

    Rotation without an outage takes three steps, each finished *everywhere* before the next begins: install the new key,
    use it, remove the old one. A node that seals with a key that another lacks is not heard by it; `unreadable_pairs`
    says who that is.

    There are two ways to seal. `seal` is the real thing: bytes through AES-GCM. `wrap` carries the message as it is, under
    a real message authentication code of the same size, so that who can open what, what a wrong label or a damaged field
    does, and the length on the wire are those of `seal`, without turning messages into bytes. Only secrecy is left out.

    Parameters
    ----------
    primary : bytes
        16, 24 or 32 of them.

    Attributes
    ----------
    keys : tuple of bytes
        The primary first.

    Raises
    ------
    ValueError
        For a key of another length.

    Examples
    --------
    >>> ring = Keyring(b"a" * 16)
    >>> ring.install(b"b" * 16)
    >>> ring.use(b"b" * 16)
    >>> ring.remove(b"a" * 16)
    >>> ring.keys
    (b'bbbbbbbbbbbbbbbb',)
    """

    def __init__(self, primary: bytes):
        self.keys: tuple[bytes, ...] = ()
        self.install(primary)

    @property
    def primary(self) -> bytes:
        """The key that seals."""
        return self.keys[0]

    def install(self, key: bytes) -> None:
        """Add a key that opens (memberlist's AddKey); one that is there already changes nothing.

        Raises
        ------
        ValueError
            For a key of a length that AES does not have.
        """
        check_key("the key", key)
        if key not in self.keys:
            self.keys = (*self.keys, key)

    def use(self, key: bytes) -> None:
        """Make an installed key the primary.

        Raises
        ------
        ValueError
            If it is not installed.
        """
        if key not in self.keys:
            raise ValueError(f"the key {fingerprint(key)} is not in the keyring: install it first")
        self.keys = (key, *(other for other in self.keys if other != key))

    def remove(self, key: bytes) -> None:
        """Drop a key; one that is not there changes nothing.

        Raises
        ------
        ValueError
            If it is the primary.
        """
        if key == self.primary:
            raise ValueError(f"the key {fingerprint(key)} is the primary: use another one first")
        self.keys = tuple(other for other in self.keys if other != key)

    def seal(self, plain: bytes, random: Random, label: str = "") -> bytes:
        """Encrypt with the primary: version (1 byte), nonce (12), ciphertext, tag (16).

        Parameters
        ----------
        plain : bytes
        random : random.Random
            Where the nonce comes from: a process hands in ``env.random``, so that a run replays. A real node must never
            do that: two messages under one nonce give AES-GCM away.
        label : str
            Authenticated along with it: a message for one pool does not open in another.

        Raises
        ------
        ModuleNotFoundError
            Without the package ``cryptography``, which only sealing and signing need.
        """
        nonce = random.randbytes(NONCE_BYTES)
        return bytes([VERSION]) + nonce + _cipher(self.primary).encrypt(nonce, plain, label.encode())

    def open(self, sealed: bytes, label: str = "") -> bytes:
        """Decrypt with whichever installed key does it, the primary tried first.

        Raises
        ------
        Unreadable
            If none does, or if it is too short or of another version.
        """
        with checks.package("cryptography", SEALING):
            from cryptography.exceptions import InvalidTag

        if len(sealed) < OVERHEAD_BYTES or sealed[0] != VERSION:
            raise Unreadable(f"{len(sealed)} bytes that do not begin with version {VERSION} and a nonce")
        nonce, ciphertext = sealed[1 : 1 + NONCE_BYTES], sealed[1 + NONCE_BYTES :]
        for key in self.keys:
            try:
                return _cipher(key).decrypt(nonce, ciphertext, label.encode())
            except InvalidTag:
                continue
        raise Unreadable("no installed key opens it")

    def wrap(self, content: Message, label: str = "") -> Sealed:
        """Put a message under the primary, for the simulated wire."""
        return Sealed(_tag(self.primary, label, content), content)

    def unwrap(self, sealed: Sealed, label: str = "") -> Message:
        """The message, if any installed key vouches for it.

        Raises
        ------
        Unreadable
            If none does.
        """
        for key in self.keys:
            if hmac.compare_digest(_tag(key, label, sealed.content), sealed.tag):
                return sealed.content
        raise Unreadable("no installed key opens it")


def _cipher(key: bytes):
    # imported here: whoever sends no real ciphertext needs no cryptography
    with checks.package("cryptography", SEALING):
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    return AESGCM(key)


def _tag(key: bytes, label: str, content: Message) -> bytes:
    return hmac.digest(key, f"{label}\0{content!r}".encode(), "sha256")[:TAG_BYTES]


def check_key(name: str, key: Any) -> None:
    """Raise ValueError unless ``key`` has a length that AES has; a key is never shown."""
    if not isinstance(key, bytes) or len(key) not in KEY_LENGTHS:
        what = f"of {len(key)} bytes" if isinstance(key, bytes) else repr(key)
        raise ValueError(f"{name} is {what}: it must be 16, 24 or 32 bytes")


def fingerprint(key: bytes) -> str:
    """What may be shown of a key: eight hexadecimal digits of its SHA-256."""
    return hashlib.sha256(key).hexdigest()[:8]


def unreadable_pairs(keyrings: Mapping[str, Keyring]) -> list[tuple[str, str]]:
    """Who is not heard by whom: pairs (sender, receiver) in which the receiver lacks the sender's primary.

    Examples
    --------
    >>> old, new = Keyring(b"a" * 16), Keyring(b"b" * 16)
    >>> new.install(b"a" * 16)
    >>> unreadable_pairs({"agent-1": old, "agent-2": new})  # used before it was installed everywhere
    [('agent-2', 'agent-1')]
    """
    return [
        (sender, receiver)
        for sender, sealing in keyrings.items()
        for receiver, opening in keyrings.items()
        if sealing.primary not in opening.keys
    ]


NAMED = ("agent", "event", "key", "node", "query", "service", "session")
"""Resources whose rules name a segment: ``service "web"`` or ``service_prefix "we"`` in Consul's words."""
UNNAMED = ("acl", "keyring", "operator")
"""Resources that there is one of."""
ACCESS = ("deny", "read", "write")
"""What a rule says; write includes read. Consul's fourth level, "list" on keys, is left out."""


def _check_place(resource: str, name: str) -> None:
    checks.one_of("resource", resource, NAMED + UNNAMED)
    if name and resource in UNNAMED:
        raise ValueError(f"name is {name!r}: there is one {resource}, and it has no name")


@dataclass(frozen=True)
class Rule:
    """One rule of a policy: ``Rule("service", "write", "web")`` is Consul's ``service "web" { policy = "write" }``.

    Parameters
    ----------
    resource : str
        One of `NAMED` or `UNNAMED`.
    access : {"deny", "read", "write"}
    name : str
        The segment; "" as a prefix is everything. For `UNNAMED` resources it stays empty.
    prefix : bool
        Whether the name is a prefix, as in ``service_prefix``.

    Raises
    ------
    ValueError
        For another resource or access, or a name where there is none.
    """

    resource: str
    access: str
    name: str = ""
    prefix: bool = False

    def __post_init__(self):
        checks.one_of("access", self.access, ACCESS)
        _check_place(self.resource, self.name)


@dataclass(frozen=True)
class Policy:
    """A named set of rules, which tokens share."""

    name: str
    rules: tuple[Rule, ...]


GLOBAL_MANAGEMENT = Policy(
    "global-management",
    (
        *(Rule(resource, "write", prefix=True) for resource in NAMED),
        *(Rule(resource, "write") for resource in UNNAMED),
    ),
)
"""Consul's built-in policy that may do everything."""


class AccessList:
    """Tokens and the policies they carry: the answer to "may this request do that?".

    Among the rules of all policies of a token for a resource: the rule for exactly this name decides; else the longest
    prefix; of rules for the same name, deny beats write and write beats read. Where no rule speaks, ``default`` does.

    Parameters
    ----------
    tokens : mapping of str to iterable of Policy
        By the token's secret.
    default : {"deny", "allow"}
        Consul's ``acl.default_policy``; "allow" makes every rule that is missing a permission.
    anonymous : iterable of Policy
        What a request without a token carries.

    Raises
    ------
    ValueError
        For another default.

    Examples
    --------
    >>> web = Policy("web", (Rule("service", "write", "web"), Rule("service", "read", prefix=True)))
    >>> access = AccessList({"s3cret": [web]})
    >>> access.allows("s3cret", "write", "service", "web"), access.allows("s3cret", "write", "service", "db")
    (True, False)
    """

    def __init__(
        self,
        tokens: Mapping[str, Iterable[Policy]],
        default: str = "deny",
        anonymous: Iterable[Policy] = (),
    ):
        checks.one_of("default", default, ("deny", "allow"))
        self.default = default
        self._rules = {secret: _merged(policies) for secret, policies in tokens.items()}
        self._anonymous = _merged(anonymous)

    def allows(self, token: str | None, access: str, resource: str, name: str = "") -> bool:
        """Whether a request may do what it wants.

        Parameters
        ----------
        token : str or None
            The secret that came with it. One that nobody has is refused whatever the default.
        access : {"read", "write"}
        resource : str
        name : str
            What exactly it wants; empty for `UNNAMED` resources.

        Raises
        ------
        ValueError
            For another access or resource, or a name where there is none.
        """
        checks.one_of("access", access, ("read", "write"))
        _check_place(resource, name)
        if token is not None and token not in self._rules:
            return False
        rules = self._anonymous if token is None else self._rules[token]
        granted = rules.get((resource, name, False))
        for length in range(len(name), -1, -1):
            granted = granted or rules.get((resource, name[:length], True))
        if granted is None:
            return self.default == "allow"
        return ACCESS.index(granted) >= ACCESS.index(access)


def _merged(policies: Iterable[Policy]) -> dict[tuple[str, str, bool], str]:
    """One access for each rule's place; policy_merger.go's takesPrecedenceOver."""
    precedence = ("read", "write", "deny")
    rules: dict[tuple[str, str, bool], str] = {}
    for rule in (rule for policy in policies for rule in policy.rules):
        place = rule.resource, rule.name, rule.prefix
        rules[place] = max(rules.get(place, rule.access), rule.access, key=precedence.index)
    return rules
