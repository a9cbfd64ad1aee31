"""Predicts what would happen to an order if it was handed over now: the primary is asked, nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.next_step import Step, next_step
from fallback.domain.order.order import Order, PlacementState, Queue
from fallback.domain.placement import rivals
from fallback.domain.placement.matching import PrimaryLine, PrimaryOrder, Quote
from fallback.domain.placement.primary import NO_SUCH_ROUTE, CartAlreadyOrdered, Primary
from fallback.domain.placement.same_purchase import RivalStanding, by_standing, can_be_undone, of_the_same_person

# Orders that the primary does not have, or that may not have reached it.
NOT_PLACED = (Headline.WAITING, Headline.CHECKING, Headline.ON_HOLD, Headline.PAYMENT_NEEDED, Headline.RECEIVED)
BY_PHONE, QUOTES = "phone", "quotes"


class DryRunFate(StrEnum):
    """`held`: by a person. `unpaid`: its payment is not ready. `otherwise`: it would differ from what was agreed.

    `unknown`: the primary cannot be asked, does not answer, or may already have it. `unread`: its record cannot be
    read, so it would not be handed over.
    """

    PLACED = "placed"
    PRICE_CHANGED = "price_changed"
    TAX_CHANGED = "tax_changed"
    OUT_OF_STOCK = "out_of_stock"
    RIVAL = "rival"
    OTHERWISE = "otherwise"
    REFUSED = "refused"
    HELD = "held"
    UNPAID = "unpaid"
    UNKNOWN = "unknown"
    UNREAD = "unread"


class Verdict(Struct, frozen=True):
    """`detail` adds a few words without personal data. `amount` in minor units of `currency`, empty if not known."""

    ref: str
    fate: DryRunFate
    detail: str
    amount: int
    currency: str


class DryRunTotal(Struct, frozen=True):
    fate: DryRunFate
    orders: int
    amounts: dict[str, int]


class DryRunTotals:
    """Totals of all orders examined so far."""

    def __init__(self) -> None:
        self.orders: Counter[DryRunFate] = Counter()
        self.amounts: dict[DryRunFate, Counter[str]] = {fate: Counter() for fate in DryRunFate}

    def add(self, seen: Verdict) -> None:
        self.orders[seen.fate] += 1
        if seen.currency:
            self.amounts[seen.fate][seen.currency] += seen.amount

    def rows(self) -> list[DryRunTotal]:
        return [
            DryRunTotal(fate, self.orders[fate], dict(self.amounts[fate])) for fate in DryRunFate if self.orders[fate]
        ]


Answer = tuple[DryRunFate, str]


def without_asking(order: Order) -> Answer | None:
    """The answer if it is known without the primary; None if the order would be handed over."""
    stopping = [hold for hold in order.holds if hold.stops]
    if stopping:
        return DryRunFate.HELD, ", ".join(f"{hold.code}: {hold.owner}" for hold in stopping)
    if order.placement.state is not PlacementState.WAITING:
        return DryRunFate.UNKNOWN, "it was sent before, and the response was lost"
    if next_step(order, Queue.PLACEMENT) is not Step.RECONCILE:
        return DryRunFate.UNPAID, str(order.payment.state)
    return None


def unread(ref: str) -> Verdict:
    return Verdict(ref, DryRunFate.UNREAD, "fallback ledger verify says why", 0, "")


@dataclass(frozen=True)
class Inquiry:
    """`can`: the capabilities that the primary reported."""

    ledger: Ledger
    primary: Primary
    can: frozenset[str]

    def ask(self, order: Order) -> Answer:
        """Check in the same order as a shift does."""
        try:
            return self._rival(order) or self._quoted(order)
        except CartAlreadyOrdered as answer:
            return self._in_the_way([answer.rival], order) or (DryRunFate.RIVAL, answer.rival.number)
        except (TryAgain, OutcomeUnknown) as error:
            return DryRunFate.UNKNOWN, str(error)
        except Refused as refusal:
            if refusal.code == NO_SUCH_ROUTE:
                return DryRunFate.UNKNOWN, str(refusal)
            fate = (
                DryRunFate(refusal.code)
                if refusal.code in (DryRunFate.PRICE_CHANGED, DryRunFate.OUT_OF_STOCK)
                else DryRunFate.REFUSED
            )
            return fate, str(refusal)

    def _rival(self, order: Order) -> Answer | None:
        email = order.customer.email if order.customer else None
        phone = order.customer.phone if order.customer and BY_PHONE in self.can else None
        found = list(self.primary.rivals(order.cart_id, email, order.received_at - rivals.WITHIN, phone))
        if answer := self._in_the_way(found, order):
            return answer
        rival = rivals.rival_here(order, of_the_same_person(order, self.ledger))
        rival = rival or rivals.rival_there(order, found)
        return (DryRunFate.RIVAL, rival) if rival else None

    def _in_the_way(self, found: Iterable[PrimaryOrder], order: Order) -> Answer | None:
        """Orders for the same cart: what ours gives way to, or what has to give way to ours first."""
        there = by_standing(found, order, self.ledger)
        if paid := there.get(RivalStanding.PAID):
            return DryRunFate.RIVAL, paid.number
        if unsaid := there.get(RivalStanding.UNSAID):
            return DryRunFate.RIVAL, f"{unsaid.number}, perhaps not paid"
        if other := there.get(RivalStanding.STRAY) or there.get(RivalStanding.UNPAID):
            undone = can_be_undone(other, self.can)
            return (DryRunFate.UNKNOWN if undone else DryRunFate.HELD), f"{other.number} is to be cancelled first"
        return None

    def _quoted(self, order: Order) -> Answer:
        if QUOTES not in self.can:
            return DryRunFate.UNKNOWN, "the shop offers no quotes"
        return compared(order, self.primary.quote(order))


def compared(order: Order, quote: Quote) -> Answer:
    agreed = [PrimaryLine(line.sku, line.quantity, line.unit_price) for line in order.lines]
    if _pieces(agreed) != _pieces(quote.lines):
        return DryRunFate.OTHERWISE, "other lines"
    dearer = sorted({line.sku for line in quote.lines} & {line.sku for line in set(agreed) ^ set(quote.lines)})
    if dearer:
        return DryRunFate.PRICE_CHANGED, ", ".join(dearer)
    slot = order.delivery.slot.id if order.delivery.slot else None
    if (quote.delivery.id, quote.delivery.slot) != (order.delivery.id, slot):
        return DryRunFate.OTHERWISE, f"delivery: {quote.delivery.id} {quote.delivery.slot or ''}".strip()
    if quote.tax is not None and quote.tax != order.tax.amount:
        tax = Money(order.tax.amount, order.currency)
        return DryRunFate.TAX_CHANGED, f"{tax} agreed, {Money(quote.tax, quote.currency)} there"
    if (quote.total, quote.currency) != (order.payment.amount, order.currency):
        agreed_on = Money(order.payment.amount, order.currency)
        return DryRunFate.PRICE_CHANGED, f"total: {agreed_on} agreed, {Money(quote.total, quote.currency)} there"
    return DryRunFate.PLACED, ""


def _pieces(lines: Iterable[PrimaryLine]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.sku] += line.quantity
    return pieces
