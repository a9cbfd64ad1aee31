"""What an order keeps of a card that was given for it: enough to recognize it, not enough to pay with it."""

from __future__ import annotations

from msgspec import Struct


class CardGiven(Struct, frozen=True, omit_defaults=True):
    """Fingerprints of the card's token and of the idempotency key that came with it, if any."""

    token: str
    key: str = ""
