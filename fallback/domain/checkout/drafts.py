"""Drafts: saved checkout forms, so that an agent can help before there is an order.

A draft holds the contact and the cart, nothing else, and is erased a day after it was begun.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Protocol

from itsdangerous import BadData, URLSafeSerializer
from msgspec import Struct

LIFE = timedelta(days=1)
# The page reports every 15 seconds that it is open (checkout.js); on a bad connection a report may take longer.
PRESENT_WITHIN = timedelta(seconds=20)


class Draft(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`since`: when the form was first saved; `seen_at`: when its page last reported. Empty: not typed yet."""

    cart_id: str
    cart_token: str
    locale: str
    since: datetime
    seen_at: datetime
    name: str = ""
    email: str = ""
    phone: str = ""

    def is_here(self, now: datetime) -> bool:
        """Whether the customer has the form open now."""
        return now - self.seen_at <= PRESENT_WITHIN


class Look(Struct, frozen=True):
    """An agent searched for drafts; `carts`: those that they were shown."""

    at: datetime
    who: str
    carts: tuple[str, ...]


class SavedDrafts(Protocol):
    def of_cart(self, cart_id: str) -> Draft | None:
        """The draft of a cart, if it is still stored. May raise TryAgain."""


class Invitations:
    """Signed links that open a draft on another device. A later draft for the same cart has other links.

    `secrets` newest first: the first signs, all are accepted. Signatures have 256 bits.
    """

    def __init__(self, secrets: Sequence[str], public_url: str) -> None:
        self._serializer = URLSafeSerializer(
            list(reversed(secrets)), salt="draft link", signer_kwargs={"digest_method": sha256}
        )
        self._base = public_url.rstrip("/")

    def link(self, draft: Draft) -> str:
        signed = self._serializer.dumps([draft.cart_id, draft.since.timestamp()])
        return f"{self._base}/checkout/drafts/{signed}"

    def read(self, invitation: str) -> tuple[str, datetime] | None:
        """The cart id and `since` of the draft that this invitation, the end of its link, belongs to."""
        try:
            cart_id, since = self._serializer.loads(invitation)
        except BadData:
            return None
        return cart_id, datetime.fromtimestamp(since, UTC)
