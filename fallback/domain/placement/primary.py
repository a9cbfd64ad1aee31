"""The port of the primary, the shop's own system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, PrimaryOrder, Quote


class Duplicates(StrEnum):
    """How a primary refuses duplicates (ops/docs/reference/primary-contract.md, `duplicates`)."""

    ENFORCED = "enforced"
    KEYED = "keyed"
    SEARCH = "search"
    NONE = "none"


class Health(Struct, frozen=True):
    """What a primary says of itself: how it refuses duplicates, and what it `can` ('amend', 'cancel', 'slots').

    'contact': amends how the customer is reached; 'phone': finds orders by it; 'tombstones': refuses what was
    cancelled; 'unpaid': cancels its own orders that wait for their payment; 'numbered': refuses an older change.
    """

    duplicates: Duplicates
    can: frozenset[str] = frozenset()


NOT_FOUND, NO_SUCH_ROUTE, ALREADY_PAID = "not_found", "no_such_route", "already_paid"
OUTDATED = "outdated"
CANCEL, CANCEL_UNPAID, TOMBSTONES, NUMBERED = "cancel", "unpaid", "tombstones", "numbered"
# What of an order may be amended, by the contract's names; the second only in a primary that 'can'.
AGREED = ("lines", "shipping_address", "delivery", "total")
CONTACT = ("contact",)


class CartAlreadyOrdered(Exception):
    """The primary has another order for this cart: the rival."""

    def __init__(self, rival: PrimaryOrder) -> None:
        super().__init__(rival.number)
        self.rival = rival


class Primary(Protocol):
    """The shop's own system. Each call has a total deadline.

    It may raise TryAgain, OutcomeUnknown (of a write) or Refused. Refused.code is one of the contract's: out_of_stock,
    price_changed, already_shipped, cancelled, not_found, or the primary's own word.
    """

    @property
    def available(self) -> bool:
        """False while so many calls failed that the next ones would too."""

    def health(self) -> Health: ...

    def find(self, ref: str) -> PrimaryOrder | None:
        """The order with our ref, if it is there."""

    def rivals(
        self, cart_id: str, email: str | None, since: datetime, phone: str | None = None
    ) -> Iterable[PrimaryOrder]:
        """Orders for this cart or of this person since then, ours among them. `phone`: only to one that 'can'."""

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterable[PrimaryOrder]:
        """Every order that was placed there since then, the shop's own too. `turn` is waited for before each page."""

    def place(self, order: Order) -> PrimaryOrder:
        """Create it, or answer what is already there for this ref. Raises CartAlreadyOrdered."""

    def read(self, ref: str) -> PrimaryOrder: ...

    def quote(self, order: Order) -> Quote:
        """What `place` would make of it; raises what that would, and writes nothing. Only of one that 'can'."""

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        """Bring what is named, of AGREED and CONTACT, to what `order` says; numbered by `placement.amendments`."""

    def cancel(self, ref: str) -> Cancellation: ...

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        """Cancel its own order, unless that was paid meanwhile: Refused('already_paid'). Only of one that 'can'."""
