"""Why a card was declined."""

from __future__ import annotations

from msgspec import Struct


class Decline(Struct, frozen=True):
    """`advice`: who may retry, 'never', 'customer' or 'soft' (payments/declines.py)."""

    code: str
    advice: str
