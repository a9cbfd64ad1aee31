"""News of the payment provider about an order that is not here: kept for a person, with no more than finds it there.

One account may serve other systems too. What does not name an order of ours is theirs, and is not kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

# As long as the payment provider lists its events.
KEPT = timedelta(days=30)


class Unclaimed(Struct, frozen=True):
    """`id` is the event's, `intent` the payment's. `news`: a word of PaymentNews. `at`: when it came."""

    id: str
    news: str
    ref: str
    intent: str
    at: datetime


_DECODER = msgspec.json.Decoder(Unclaimed)


def pack(event: Unclaimed) -> bytes:
    return msgspec.json.encode(event)


def unpack(payload: bytes) -> Unclaimed | None:
    """None for what a version before kept: the whole event, with whatever it says of people."""
    try:
        return _DECODER.decode(payload)
    except msgspec.DecodeError:
        return None


def is_over(event: Unclaimed | None, now: datetime) -> bool:
    return event is None or event.at + KEPT <= now
