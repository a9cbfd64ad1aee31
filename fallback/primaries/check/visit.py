"""One visit of the check to a shop: what it orders there, and how it reads the answers."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from fallback.domain.errors import FallbackError, OutcomeUnknown, Refused
from fallback.domain.order.cart import Delivery, Discount, Line, Tax
from fallback.domain.order.order import Address, Customer, Order, Payment, PaymentState
from fallback.domain.order.payment_report import PaymentReport, PaymentStands
from fallback.domain.order.refs import new_ref
from fallback.domain.order.texts_by_people import say
from fallback.domain.order.withdrawal import Statement, Withdrawal, WithdrawalState, WithdrawnLine
from fallback.domain.payment.charging import Chargeable
from fallback.domain.placement.matching import CANCELLED, PrimaryOrder, differences
from fallback.domain.placement.primary import CANCEL, NOT_FOUND, Duplicates, Health, Primary

T = TypeVar("T")
# The shop's clock and ours need not agree to the second.
CLOCKS_DIFFER = timedelta(minutes=5)
# An order that the developer made in the shop's own checkout, for this check, is not older.
BY_HAND_SINCE = timedelta(days=2)


class Sample(Struct, frozen=True):
    """What the shop sells and offers now, at today's prices; each part that is left out leaves checks untried.

    `tax` is that of the whole order, delivery included; most shops do not look at it. `second_line` is another product;
    `discount` is what the shop takes off when both are bought. `other_delivery` has another price than `delivery`.
    `counts_stock`: whether the shop refuses more than it has. `own_order`, `unpaid_order`: the numbers of two orders
    that were made in the shop's own checkout, one of them not paid.
    """

    line: Line
    delivery: Delivery
    currency: str
    country: str
    tax: Tax = Tax(True, 0)
    second_line: Line | None = None
    discount: Discount | None = None
    other_delivery: Delivery | None = None
    counts_stock: bool = True
    own_order: str | None = None
    unpaid_order: str | None = None


class Broken(Exception):
    """The shop does otherwise than the contract says."""


class NotTried(Exception):
    """This cannot be found out from here."""


class Visit:
    """What the checks share: the shop, and the orders that they made there."""

    def __init__(self, primary: Primary, sample: Sample, chargeable: Chargeable) -> None:
        self.primary = primary
        self.sample = sample
        self.chargeable = chargeable
        self.began = datetime.now(UTC)
        self.email = f"contract-check-{new_ref().lower()}@example.com"
        # Another one each time, so that nobody's orders are found with it. Nobody is called.
        self.phone = f"+49 1512 {secrets.randbelow(9_000_000) + 1_000_000}"
        self.health = Health(Duplicates.NONE)
        self.made: list[Order] = []
        self.placed: set[str] = set()
        self.order = self.new_order()
        self.raced = self.new_order()
        self._changes = 0

    @property
    def since(self) -> datetime:
        return self.began - CLOCKS_DIFFER

    def new_order(self, cart_id: str | None = None, **of_the_line: Any) -> Order:
        ref = new_ref()
        address = Address("Contract Check", "1 Check Street", "Checkton", "12345", self.sample.country)
        line = replace(self.sample.line, quantity=1)
        order = Order(
            ref=ref,
            shop="contract-check",
            cart_id=cart_id or f"contract-check-{ref}",
            currency=self.sample.currency,
            lines=(replace(line, **of_the_line),),
            tax=self.sample.tax,
            delivery=self.sample.delivery,
            locale="en",
            received_at=self.began,
            payment=Payment(amount=0, state=PaymentState.AUTHORIZED, intent="pi_contract_check"),
            customer=Customer(
                "Contract Check", self.email, address, phone=self.phone, note="Contract check: do not send."
            ),
        )
        return with_total(order)

    def place(self, order: Order) -> PrimaryOrder:
        self.made.append(order)
        there = self.primary.place(order)
        self.placed.add(order.ref)
        return there

    def place_as_agreed(self, order: Order) -> PrimaryOrder:
        """Placed, and read back line by line."""
        self.place(order)
        there = self.primary.read(order.ref)
        expect_agreed(order, there)
        return there

    def change(self, order: Order, **changes: Any) -> Order:
        """The order with these changes, as the next one of its changes."""
        self._changes += 1
        order = with_total(replace(order, **changes))
        return replace(order, placement=replace(order.placement, amendments=self._changes))

    def amend_as_agreed(self, order: Order) -> None:
        """Amended, and read back line by line."""
        expect_agreed(order, self.primary.amend(order))
        expect_agreed(order, self.primary.read(order.ref))

    def rivals(self, **narrow: Any) -> list[PrimaryOrder]:
        wanted = {"cart_id": "no-such-cart", "email": None, "since": self.since, **narrow}
        return list(self.primary.rivals(**wanted))

    def clean_up(self) -> list[str]:
        """Cancel what was made, half-made orders too; returns what is not known to be cancelled, and why."""
        return [
            f"{ref} ({why})" for ref in dict.fromkeys(order.ref for order in self.made) if (why := self._cancelled(ref))
        ]

    def _cancelled(self, ref: str) -> str:
        """Empty, or why it may still be there. What is not found may be half-made, so it is cancelled all the same."""
        there, unread = None, ""
        try:
            there = self.primary.find(ref)
        except FallbackError as error:
            unread = str(error)
        try:
            if there and there.status == CANCELLED:
                return ""
            if CANCEL not in self.health.can:
                return "'can' does not name 'cancel'" if there else unread
            return "" if self.primary.cancel(ref).status == CANCELLED else "it is still there after its cancellation"
        except Refused as refusal:
            return unread if refusal.code == NOT_FOUND and not there else f"{refusal.code}: {refusal}"
        except OutcomeUnknown as lost:
            return f"cancelled, or not: {lost}"
        except FallbackError as error:
            return str(error)


def with_total(order: Order) -> Order:
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    goods -= sum(discount.amount for discount in order.discounts)
    added_tax = 0 if order.tax.included else order.tax.amount
    return replace(order, payment=replace(order.payment, amount=goods + added_tax + order.delivery.price))


def moved(order: Order, line1: str) -> Customer:
    """The customer of the order, who lives in another street."""
    assert order.customer is not None
    return replace(order.customer, address=replace(order.customer.address, line1=line1))


def captured(order: Order, number: int) -> Order:
    """The order when all of it was captured, for the report with this number."""
    amount = order.payment.amount
    payment = replace(order.payment, state=PaymentState.CAPTURED, authorized=amount, captured=amount)
    report = PaymentReport(PaymentStands(PaymentState.AUTHORIZED), number=number)
    return replace(order, payment=payment, placement=replace(order.placement, report=report))


def given_back(order: Order, amount: int, number: int) -> Order:
    order = captured(order, number)
    return replace(order, payment=replace(order.payment, refunded=amount))


def withdrew(order: Order, times: int) -> Order:
    """The order when its customer withdrew from one piece of the first line so many times."""
    first = order.lines[0]
    lines = (WithdrawnLine(first.sku, first.title, 1, first.quantity),)
    order, name = say(order, "name", "Contract Check")
    order, email = say(order, "email", "contract-check@example.com")
    statements = tuple(Statement(str(place), order.received_at, lines, name, email) for place in range(times))
    return replace(order, withdrawal=Withdrawal(WithdrawalState.ASKED, statements))


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def expect_agreed(order: Order, there: PrimaryOrder) -> None:
    different = differences(order, there)
    expect(not different, "; ".join(different))


def expect_refused(code: str, call: Callable[[], object], otherwise: str) -> str:
    """The detail of the refusal with this code. `otherwise`: what it means if the shop does it."""
    try:
        call()
    except Refused as refusal:
        expect(refusal.code == code, f"refused with '{refusal.code}' instead of '{code}' ({refusal})")
        return str(refusal)
    raise Broken(otherwise)


def expect_named(sku: str, code: str, call: Callable[[], object], otherwise: str) -> str:
    detail = expect_refused(code, call, otherwise)
    expect(sku in detail, f"'{code}' does not name {sku}")
    return f"{code}, {sku} named"


def expect_listed(visit: Visit, orders: Iterable[PrimaryOrder]) -> list[PrimaryOrder]:
    found = list(orders)
    missing = missing_in(visit, found)
    expect(not missing, f"not listed: {', '.join(missing)}")
    return found


def missing_in(visit: Visit, found: Iterable[PrimaryOrder]) -> list[str]:
    refs = {order.ref for order in found if order.ref}
    return [order.ref for order in (visit.order, visit.raced) if order.ref in visit.placed - refs]


def only_if_named(visit: Visit, *words: str) -> None:
    """What `can` does not name is never called."""
    for word in words:
        if word not in visit.health.can:
            raise NotTried(f"'can' does not name '{word}'")


def only_if_given(value: T | None, option: str) -> T:
    if value is None:
        raise NotTried(f"name one by {option}")
    return value
