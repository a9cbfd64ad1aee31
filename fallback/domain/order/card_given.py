"""What an order keeps of a card that was given for it: enough to know it again, and nothing that pays."""

from __future__ import annotations

from msgspec import Struct


class CardGiven(Struct, frozen=True, omit_defaults=True):
    """Fingerprints of a card's token and of the idempotency key that it came with, if it had one."""

    token: str
    key: str = ""
