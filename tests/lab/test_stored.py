"""What is stored for a page without a kernel: the same each time, and whole."""

import json
import zlib
from base64 import b64decode

import numpy as np
import pytest

from gossipkit.lab import stored


def unpacked(view):
    """State and buffer, as the page reads them."""
    whole = zlib.decompress(b64decode(view))
    length = int.from_bytes(whole[:4], "little")
    return json.loads(whole[4 : 4 + length]), whole[4 + length :]


def test_state_and_buffer_come_out_as_they_went_in():
    state, data = {"name": "x² “y”", "values": [1, 0.1, None]}, bytes(range(256))
    assert unpacked(stored.packed(state, data)) == (state, data)
    assert unpacked(stored.packed({})) == ({}, b"")


def test_numbers_of_numpy_are_numbers():
    state, _ = unpacked(stored.packed({"a": np.int64(3), "b": np.float64(0.5), "c": np.float32(0.25)}))
    assert state == {"a": 3, "b": 0.5, "c": 0.25} and type(state["a"]) is int


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_a_browser_cannot_read_is_not_stored(number):
    with pytest.raises(ValueError, match="JSON"):
        stored.packed({"x": number})
