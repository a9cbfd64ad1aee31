"""Names for addresses that may contain a password."""

from __future__ import annotations

from hashlib import sha256


def name_of(url: str) -> str:
    """Identifies an address where its URL must not appear."""
    return sha256(url.encode()).hexdigest()[:16]
