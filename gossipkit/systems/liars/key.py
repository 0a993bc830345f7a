"""A shared key as a defence: it tells those who have it from those who don't, and nothing more."""

from dataclasses import dataclass

from ...authority import Keyring, Sealed, Unreadable
from ...gossip.adversary import Check, Defence, Guarded
from ...sim import checks


@dataclass(frozen=True, kw_only=True)
class SharedKey(Defence):
    """Everything is sealed with the gossip key, and what no key of one's own opens is not heard.

    Parameters
    ----------
    keyring : Keyring

    References
    ----------
    hashicorp/memberlist, security.go; SECURITY.md: whoever holds a key is a member that is trusted in everything.
    """

    called = "shared key"
    keyring: Keyring

    def __post_init__(self):
        checks.instance("keyring", self.keyring, Keyring, "a Keyring, such as Keyring(b'k' * 16)")

    def watch(self, guard):
        """See `Defence`."""
        return Sealing(guard, self.keyring)


class Sealing(Check):
    """`SharedKey` at work."""

    called = SharedKey.called

    def __init__(self, guard: Guarded, keyring: Keyring):
        super().__init__(guard)
        self._keyring = keyring

    def outgoing(self, message):
        """The message under the key."""
        return (self._keyring.wrap(message),)

    def opened(self, sender, message):
        """What the key opens."""
        if type(message) is Sealed:
            try:
                return self._keyring.unwrap(message)
            except Unreadable:
                pass
        self.guard.refuse(sender, None, self.called)
        return None
