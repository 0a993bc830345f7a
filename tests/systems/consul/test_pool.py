"""What a member of a pool reads: by its label and its key."""

from types import SimpleNamespace

import pytest

from gossipkit.authority import Keyring
from gossipkit.gossip.swim.messages import Ack
from gossipkit.systems.consul.messages import Packet
from gossipkit.systems.consul.pool import PoolEnv

KEY, OTHER = b"k" * 32, b"o" * 32


@pytest.mark.parametrize(
    ("own", "sealed", "label", "readable"),
    [
        (None, None, "lan", True),
        (None, KEY, "lan", False),
        (KEY, None, "lan", False),
        (KEY, KEY, "lan", True),
        (KEY, OTHER, "lan", False),
        (KEY, KEY, "wan", False),
    ],
)
def test_a_packet_is_read_with_the_key_that_sealed_it_and_under_its_label(own, sealed, label, readable):
    recorded = []
    env = SimpleNamespace(
        name="a",
        random=None,
        after=None,
        when_sent=None,
        record=lambda kind, **fields: recorded.append((kind, fields["sender"])),
    )
    pool = PoolEnv(env, "lan", own and Keyring(own))
    content = Ack(7) if sealed is None else Keyring(sealed).wrap(Ack(7), label)
    assert pool.opened("b", Packet("lan", content)) == (Ack(7) if readable else None)
    assert recorded == ([] if readable else [("unreadable", "b")])
