"""Payment news about a ref that this ledger does not have: kept for a person, with only what is needed to find it.

One provider account may serve other systems too. News that names no ref of ours is theirs, and is not kept.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

# As long as the payment provider lists its events.
KEPT = timedelta(days=30)


class Unclaimed(Struct, frozen=True):
    """`id` is the event's, `intent` the payment's. `news`: a value of PaymentNews. `at`: when it arrived."""

    id: str
    news: str
    ref: str
    intent: str
    at: datetime


_DECODER = msgspec.json.Decoder(Unclaimed)


def pack(event: Unclaimed) -> bytes:
    return msgspec.json.encode(event)


def unpack(payload: bytes) -> Unclaimed | None:
    """None for an entry of the version before: the whole event, with any personal data in it."""
    try:
        return _DECODER.decode(payload)
    except msgspec.DecodeError:
        return None


def is_over(event: Unclaimed | None, now: datetime) -> bool:
    return event is None or event.at + KEPT <= now
