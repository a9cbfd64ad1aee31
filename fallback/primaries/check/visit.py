"""One visit of the contract check to a primary: what it orders there, and how it reads the answers."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec import Struct
from msgspec.json import Decoder
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.order.cart import Delivery, Line, Tax
from fallback.domain.order.order import Address, Customer, Order, Payment, PaymentState
from fallback.domain.order.payment_report import PaymentReport, PaymentStands
from fallback.domain.order.refs import new_ref
from fallback.domain.payment.charging import Chargeable
from fallback.domain.placement.matching import PrimaryOrder, differences
from fallback.domain.placement.primary import AGREED, Duplicates
from fallback.primaries.http.answers import READ_ORDER, READ_PAGE, READ_PROBLEM, HealthAnswer, PrimaryProblem
from fallback.primaries.http.bodies import amendment_body, order_body, payment_body
from fallback.primaries.http.primary import line_to
from fallback.primaries.transport import NOT_AS_AGREED, HttpAnswer

T = TypeVar("T")
MOST_PAGES = 20


class Sample(Struct, frozen=True):
    """One line that the primary sells now and one delivery that it offers, at today's prices.

    `tax` is that of the whole order, delivery included; most shops do not look at it.
    """

    line: Line
    delivery: Delivery
    currency: str
    country: str
    tax: Tax = Tax(True, 0)


class Broken(Exception):
    """The primary does otherwise than the contract says."""


class NotTried(Exception):
    """This cannot be found out from here."""


class Visit:
    """What the checks share: the lines to the primary, and the orders that they made there."""

    def __init__(self, url: str, token: str, sample: Sample, chargeable: Chargeable) -> None:
        self.chargeable = chargeable
        self.transport = line_to(url, token)
        self.stranger = line_to(url, f"not-{token}")
        self.sample = sample
        self.began = datetime.now(UTC)
        self.email = f"contract-check-{new_ref().lower()}@example.com"
        # Another one each time, so that nobody's orders are found with it. Nobody is called.
        self.phone = f"+49 1512 {secrets.randbelow(9_000_000) + 1_000_000}"
        self.health = HealthAnswer("unknown", Duplicates.NONE)
        self.made: list[Order] = []
        self.order = self.new_order()
        self.raced = self.new_order()

    def new_order(self, cart_id: str | None = None, **changes: Any) -> Order:
        ref = new_ref()
        address = Address("Contract Check", "1 Check Street", "Checkton", "12345", self.sample.country)
        line = replace(self.sample.line, quantity=1)
        order = Order(
            ref=ref,
            shop="contract-check",
            cart_id=cart_id or f"contract-check-{ref}",
            currency=self.sample.currency,
            lines=(replace(line, **changes),),
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

    def put(self, order: Order) -> HttpAnswer:
        self.made.append(order)
        return self.transport.send("PUT", path(order), msgspec.json.encode(order_body(order)))

    def get(self, what: str, **query: str) -> HttpAnswer:
        return self.transport.send("GET", what, query=query)

    def quote(self, order: Order) -> HttpAnswer:
        return self.transport.send("POST", "quotes", msgspec.json.encode(order_body(order)))

    def cancel(self, order: Order) -> HttpAnswer:
        return self.transport.send("POST", f"{path(order)}/cancellation", b"{}")

    def amend(self, order: Order, names: Collection[str] = AGREED) -> HttpAnswer:
        return self.transport.send("PATCH", path(order), msgspec.json.encode(amendment_body(order, names)))

    def tell_payment(self, order: Order) -> HttpAnswer:
        return self.transport.send("PUT", f"{path(order)}/payment", msgspec.json.encode(payment_body(order)))

    def cancel_unpaid(self, id: str) -> HttpAnswer:
        return self.transport.send("POST", f"unpaid/{quote(id, safe='')}/cancellation", b"{}")

    def clean_up(self) -> list[str]:
        """Cancel what was made; answers the refs that are still there."""
        left_over = []
        for order in {order.ref: order for order in self.made}.values():
            try:
                answer = self.get(path(order))
                if answer.status == 200 and decoded(answer, READ_ORDER).status != "cancelled":
                    expect("cancel" in self.health.can, "'can' does not name 'cancel'")
                    said(self.cancel(order), 200, READ_ORDER)
            except (TryAgain, OutcomeUnknown, Broken):
                left_over.append(order.ref)
        return left_over


def with_total(order: Order) -> Order:
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    added_tax = 0 if order.tax.included else order.tax.amount
    return replace(order, payment=replace(order.payment, amount=goods + added_tax + order.delivery.price))


def moved(order: Order, line1: str) -> Order:
    """The order, to go to another street."""
    assert order.customer is not None
    address = replace(order.customer.address, line1=line1)
    return replace(order, customer=replace(order.customer, address=address))


def numbered(order: Order, number: int) -> Order:
    """The order as the change with this number."""
    return replace(order, placement=replace(order.placement, amendments=number))


def captured(order: Order, number: int) -> Order:
    """The order when all of it was captured, for the report with this number."""
    amount = order.payment.amount
    payment = replace(order.payment, state=PaymentState.CAPTURED, authorized=amount, captured=amount)
    report = PaymentReport(PaymentStands(PaymentState.AUTHORIZED), number=number)
    return replace(order, payment=payment, placement=replace(order.placement, report=report))


def reached_at(order: Order, email: str) -> Order:
    """The order of whom mail reaches there."""
    assert order.customer is not None
    return replace(order, customer=replace(order.customer, email=email))


def path(order: Order) -> str:
    return f"orders/{quote(order.ref, safe='')}"


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()


def pages(visit: Visit, **query: str) -> Iterator[PrimaryOrder]:
    """The orders of a list, page after page; Broken if it does not end, or hands out the same cursor again."""
    seen: set[str] = set()
    for _ in range(MOST_PAGES):
        page = said(visit.get("orders", **query), 200, READ_PAGE)
        expect(len(page.orders) <= int(query["limit"]), f"{len(page.orders)} orders on a page of {query['limit']}")
        yield from page.orders
        if page.next is None:
            return
        expect(page.next not in seen, f"'next' is {page.next} twice")
        seen.add(page.next)
        query["after"] = page.next
    raise NotTried(f"the list has more than {MOST_PAGES} pages; run the check where few orders come in")


def said(answer: HttpAnswer, status: int, shape: Decoder[T]) -> T:
    """The answer, if it has this status and is the contract's JSON."""
    expect(answer.status == status, f"{answer.status} instead of {status}{_words(answer)}")
    expect(answer.media_type == "application/json", f"'{answer.media_type}' instead of application/json")
    return decoded(answer, shape)


def problem(answer: HttpAnswer, status: int, code: str | None = None) -> PrimaryProblem:
    """The refusal, if it is problem+json with this status, and this code if one is asked for."""
    expect(answer.status == status, f"{answer.status} instead of {status}{_words(answer)}")
    wanted = "application/problem+json"
    expect(answer.media_type == wanted, f"{status} with '{answer.media_type}' instead of {wanted}")
    found = decoded(answer, READ_PROBLEM)
    expect(code in (None, found.code), f"{status} with code '{found.code}' instead of '{code}'")
    return found


def decoded(answer: HttpAnswer, shape: Decoder[T]) -> T:
    try:
        return shape.decode(answer.body)
    except NOT_AS_AGREED as error:
        raise Broken(f"the body of {answer.status} is not what the contract says: {error}") from error


def expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise Broken(otherwise)


def only_if_named(visit: Visit, what: str) -> None:
    """What `can` does not name is never called."""
    if what not in visit.health.can:
        raise NotTried(f"'can' does not name '{what}'")


def expect_agreed(order: Order, there: PrimaryOrder) -> None:
    different = differences(order, there)
    expect(not different, "; ".join(different))


def expect_named(visit: Visit, answer: HttpAnswer, code: str) -> str:
    """A 409 with this code that names the sample's SKU."""
    refusal = problem(answer, 409, code)
    sku = visit.sample.line.sku
    expect(sku in [line.sku for line in refusal.lines], f"'lines' does not name {sku}")
    return f"409 {code}, {sku} named"


def expect_listed(visit: Visit, orders: Iterable[PrimaryOrder]) -> None:
    refs = {order.ref for order in orders}
    missing = [order.ref for order in (visit.order, visit.raced) if order.ref not in refs]
    expect(not missing, f"not listed: {', '.join(missing)}")


def _words(answer: HttpAnswer) -> str:
    """What the primary says about it, for the person who reads the check's output."""
    try:
        found = READ_PROBLEM.decode(answer.body)
    except NOT_AS_AGREED:
        return ""
    return f" ({': '.join(filter(None, [found.code, found.detail or found.title]))})"
