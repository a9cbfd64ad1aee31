"""What would happen to an order if it was handed over now: asked of the primary, and written nowhere."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Headline, Step, next_step
from fallback.domain.order.order import Order, PlacementState, Queue
from fallback.domain.placement import rivals
from fallback.domain.placement.matching import PrimaryLine, PrimaryOrder, Quote
from fallback.domain.placement.primary import NO_SUCH_ROUTE, CartAlreadyOrdered, Primary
from fallback.domain.placement.same_purchase import Standing, by_standing, can_be_undone, of_the_same_person

# The orders that the primary does not have, or that may not have reached it.
NOT_PLACED = (Headline.WAITING, Headline.CHECKING, Headline.ON_HOLD, Headline.PAYMENT_NEEDED, Headline.RECEIVED)
BY_PHONE, QUOTES = "phone", "quotes"


class Fate(StrEnum):
    """`held`: by a person. `unpaid`: its payment is not ready. `otherwise`: it would be there, not as agreed.

    `unknown`: the primary cannot be asked, does not answer, or may have it already.
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


class Verdict(Struct, frozen=True):
    """`detail` says more, in a few words without personal data. `amount` in minor units of `currency`."""

    ref: str
    fate: Fate
    detail: str
    amount: int
    currency: str


class Total(Struct, frozen=True):
    fate: Fate
    orders: int
    amounts: dict[str, int]


class Totals:
    """Of all that was looked at so far."""

    def __init__(self) -> None:
        self.orders: Counter[Fate] = Counter()
        self.amounts: dict[Fate, Counter[str]] = {fate: Counter() for fate in Fate}

    def add(self, seen: Verdict) -> None:
        self.orders[seen.fate] += 1
        self.amounts[seen.fate][seen.currency] += seen.amount

    def rows(self) -> list[Total]:
        return [Total(fate, self.orders[fate], dict(self.amounts[fate])) for fate in Fate if self.orders[fate]]


Answer = tuple[Fate, str]


def without_asking(order: Order) -> Answer | None:
    """What is known here already; None if it would be handed over. Nobody asks the primary about the others."""
    stopping = [hold for hold in order.holds if hold.stops]
    if stopping:
        return Fate.HELD, ", ".join(f"{hold.code}: {hold.owner}" for hold in stopping)
    if order.placement.state is not PlacementState.WAITING:
        return Fate.UNKNOWN, "it was sent before, and no answer came"
    if next_step(order, Queue.PLACEMENT) is not Step.RECONCILE:
        return Fate.UNPAID, str(order.payment.state)
    return None


@dataclass(frozen=True)
class Inquiry:
    """`can`: what the primary said that it serves."""

    ledger: Ledger
    primary: Primary
    can: frozenset[str]

    def ask(self, order: Order) -> Answer:
        """In the order in which a shift would find it out."""
        try:
            return self._rival(order) or self._quoted(order)
        except CartAlreadyOrdered as answer:
            return self._in_the_way([answer.rival], order) or (Fate.RIVAL, answer.rival.number)
        except (TryAgain, OutcomeUnknown) as error:
            return Fate.UNKNOWN, str(error)
        except Refused as refusal:
            if refusal.code == NO_SUCH_ROUTE:
                return Fate.UNKNOWN, str(refusal)
            fate = Fate(refusal.code) if refusal.code in (Fate.PRICE_CHANGED, Fate.OUT_OF_STOCK) else Fate.REFUSED
            return fate, str(refusal)

    def _rival(self, order: Order) -> Answer | None:
        email = order.customer.email if order.customer else None
        phone = order.customer.phone if order.customer and BY_PHONE in self.can else None
        found = list(self.primary.rivals(order.cart_id, email, order.received_at - rivals.WITHIN, phone))
        if answer := self._in_the_way(found, order):
            return answer
        rival = rivals.rival_here(order, of_the_same_person(order, self.ledger))
        rival = rival or rivals.rival_there(order, found)
        return (Fate.RIVAL, rival) if rival else None

    def _in_the_way(self, found: Iterable[PrimaryOrder], order: Order) -> Answer | None:
        """Of the same cart: what ours gives way to, or what gives way to ours first."""
        there = by_standing(found, order, self.ledger)
        if paid := there.get(Standing.PAID):
            return Fate.RIVAL, paid.number
        if unsaid := there.get(Standing.UNSAID):
            return Fate.RIVAL, f"{unsaid.number}, perhaps not paid"
        if other := there.get(Standing.STRAY) or there.get(Standing.UNPAID):
            undone = can_be_undone(other, self.can)
            return (Fate.UNKNOWN if undone else Fate.HELD), f"{other.number} is to be cancelled first"
        return None

    def _quoted(self, order: Order) -> Answer:
        if QUOTES not in self.can:
            return Fate.UNKNOWN, "the shop does not say what it would make of an order"
        return compared(order, self.primary.quote(order))


def compared(order: Order, quote: Quote) -> Answer:
    agreed = [PrimaryLine(line.sku, line.quantity, line.unit_price) for line in order.lines]
    if _pieces(agreed) != _pieces(quote.lines):
        return Fate.OTHERWISE, "other lines"
    dearer = sorted({line.sku for line in quote.lines} & {line.sku for line in set(agreed) ^ set(quote.lines)})
    if dearer:
        return Fate.PRICE_CHANGED, ", ".join(dearer)
    slot = order.delivery.slot.id if order.delivery.slot else None
    if (quote.delivery.id, quote.delivery.slot) != (order.delivery.id, slot):
        return Fate.OTHERWISE, f"delivery: {quote.delivery.id} {quote.delivery.slot or ''}".strip()
    if quote.tax is not None and quote.tax != order.tax.amount:
        tax = Money(order.tax.amount, order.currency)
        return Fate.TAX_CHANGED, f"{tax} agreed, {Money(quote.tax, quote.currency)} there"
    if (quote.total, quote.currency) != (order.payment.amount, order.currency):
        agreed_on = Money(order.payment.amount, order.currency)
        return Fate.PRICE_CHANGED, f"total: {agreed_on} agreed, {Money(quote.total, quote.currency)} there"
    return Fate.PLACED, ""


def _pieces(lines: Iterable[PrimaryLine]) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for line in lines:
        pieces[line.sku] += line.quantity
    return pieces
