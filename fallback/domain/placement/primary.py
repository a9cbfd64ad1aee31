"""The port of the primary, the shop's own system."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, PrimaryOrder, Quote


class Duplicates(StrEnum):
    """How a primary refuses duplicates (ops/docs/reference/primary-contract.md, `duplicates`)."""

    ENFORCED = "enforced"
    KEYED = "keyed"
    SEARCH = "search"
    NONE = "none"


class Health(Struct, frozen=True):
    """What a primary reports about itself: how it refuses duplicates, and what it `can` ('amend', 'cancel', 'slots').

    'contact': amends contact details; 'phone': finds orders by phone number; 'quotes': says what an order would cost,
    and writes nothing; 'tombstones': refuses cancelled refs; 'unpaid': cancels its own unpaid orders; 'numbered':
    refuses an older change; 'payments': wants to hear of each capture, void and refund; 'withdrawals': hears of
    withdrawals from the contract; 'honours_prices': places an order at the agreed prices, though they changed since.
    """

    duplicates: Duplicates
    can: frozenset[str] = frozenset()


NOT_FOUND, NO_SUCH_ROUTE, ALREADY_PAID = "not_found", "no_such_route", "already_paid"
OUTDATED = "outdated"
CANCEL, CANCEL_UNPAID, TOMBSTONES, NUMBERED, PAYMENTS = "cancel", "unpaid", "tombstones", "numbered", "payments"
HONOURS_PRICES, WITHDRAWALS = "honours_prices", "withdrawals"
# The amendable fields of an order, by the contract's names; the second constant only in a primary that 'can'.
AGREED = ("lines", "shipping_address", "delivery", "total")
CONTACT = ("contact",)


class CartAlreadyOrdered(Exception):
    """The primary has another order for this cart: the rival."""

    def __init__(self, rival: PrimaryOrder) -> None:
        super().__init__(rival.number)
        self.rival = rival


class Primary(Protocol):
    """The shop's own system. Each call has a total deadline. A kind inherits the answer to what it does not serve.

    It may raise TryAgain, OutcomeUnknown (of a write) or Refused. Refused.code is one of the contract's (out_of_stock,
    price_changed, already_shipped, cancelled, not_found) or the primary's own.
    """

    @property
    def available(self) -> bool:
        """False while the circuit breaker is open."""

    def health(self) -> Health: ...

    def find(self, ref: str) -> PrimaryOrder | None:
        """The order with our ref, if it is there."""

    def rivals(
        self, cart_id: str, email: str | None, since: datetime, phone: str | None = None
    ) -> Iterable[PrimaryOrder]:
        """Orders for this cart or of this person since then, including ours. `phone`: only for one that 'can'."""

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterable[PrimaryOrder]:
        """Every order placed there since then, including the shop's own.

        `turn` is called before each page, and waits.
        """

    def place(self, order: Order) -> PrimaryOrder:
        """Create it, or return the order that is already there for this ref. Raises CartAlreadyOrdered."""

    def read(self, ref: str) -> PrimaryOrder:
        """Raises Refused('not_found') where `find` finds nothing."""
        there = self.find(ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        return there

    def quote(self, order: Order) -> Quote:
        """What `place` would create; raises what `place` would, and writes nothing. Only for one that 'can'."""
        raise Refused(NO_SUCH_ROUTE, f"{order.ref}: this kind of shop gives no quotes")

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        """Change the named fields (AGREED, CONTACT) to those of `order`; numbered by `placement.amendments`."""
        raise Refused(NO_SUCH_ROUTE, f"{order.ref}: {', '.join(names)} can be changed in the shop's own pages only")

    def cancel(self, ref: str) -> Cancellation: ...

    def payment_changed(self, order: Order) -> None:
        """Tell it how the payment stands (reporting.stands), by a number that only grows (`placement.report.number`).

        It may be repeated. Raises Refused('outdated') for a report that is older than one that came before. Only for
        one that 'can'.
        """

    def withdrawn(self, order: Order) -> None:
        """Tell it what the customer withdrew from (`Withdrawal.of_the_shop`), all of it, numbered by its statements.

        It may be repeated. Raises Refused('outdated') where it heard of more statements before. Only for one that
        'can'.
        """
        raise Refused(NO_SUCH_ROUTE, f"{order.ref}: this kind of shop is not told of withdrawals: a person is")

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        """Cancel the shop's own order unless it was paid meanwhile: Refused('already_paid').

        Only for one that 'can'.
        """
        raise Refused(NO_SUCH_ROUTE, f"{id}: an unpaid order of the shop's own is cancelled in its own pages only")
