"""What is stored compressed, as a test reads it."""

from __future__ import annotations

import msgspec

from fallback.ledger.redis.packing import unpack


def readable(stored: bytes) -> bytes:
    """As it is, if it is not compressed."""
    try:
        return unpack(stored)
    except msgspec.DecodeError:
        return stored
