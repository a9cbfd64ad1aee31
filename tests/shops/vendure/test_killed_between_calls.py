"""A worker dies between any two calls to the shop, and the next one goes on from what is there.

That a call arrived and its answer was lost looks the same in the shop as a death before the call after it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.order.cart import Delivery, Line, Tax
from fallback.domain.order.order import Order, PaymentState
from fallback.domain.order.payment_report import PaymentReport
from fallback.domain.order.reporting import stands
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import Calls
from fallback.primaries.transport import HttpAnswer, Transport
from fallback.primaries.vendure.primary import VendurePrimary
from fallback.primaries.vendure.session import Session, line_to
from tests.builders import adds_up_to, an_order
from tests.shops.vendure.running import PATIENCE, VendureShop

LEDGER = Line("BK-1", "The Lighthouse Ledger", 2, 1299)
SEA = Line("BK-2", "The Sea", 1, 2399)
POST = Delivery("standard", "Standard", 495)
EXPRESS = Delivery("express", "Express", 1295)
HOUR = timedelta(hours=1)


class Killed(BaseException):
    """The process is gone: nothing in it runs any more."""


class Dying(Transport):
    """The process dies after `calls`, right before the next one leaves."""

    def __init__(self, line: Transport, calls: int) -> None:
        self.deadline = line.deadline
        self._line, self._left = line, calls

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        query: Mapping[str, str] | None = None,
        within: float | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> HttpAnswer:
        self._left -= 1
        if self._left < 0:
            raise Killed
        return self._line.send(method, path, body, query, within, headers)


class Slow(Dying):
    """Each call takes nine seconds, on a clock that nothing else moves."""

    def __init__(self, line: Transport) -> None:
        super().__init__(line, calls=1000)
        self.now = 0.0

    def send(self, *call: Any, **more: Any) -> HttpAnswer:
        self.now += 9.0
        return super().send(*call, **more)


def dies(shop: VendureShop, calls: int, act: Callable[[Primary], object]) -> bool:
    settings = shop.settings
    line = Dying(line_to(settings, PATIENCE), calls)
    try:
        act(VendurePrimary(Session(line, settings.primary_user, settings.primary_password), Calls(PATIENCE)))
    except Killed:
        return True
    return False


def fresh(**changes: object) -> Order:
    wanted = {"lines": (LEDGER, SEA), "delivery": POST, "tax": Tax(True, 800), "received_at": datetime.now(UTC)}
    order: Order = an_order(**wanted | changes)
    return order


def paid_in(shop: VendureShop, order: Order) -> list[int]:
    rows = shop.sql(
        f"""SELECT p.amount FROM payment p JOIN "order" o ON p."orderId" = o.id
        WHERE o."customFieldsFallbackref" = '{order.ref}' ORDER BY p.id"""
    )
    return [int(amount) for (amount,) in rows]


def returned_in(shop: VendureShop, order: Order) -> int:
    [[total]] = shop.sql(
        f"""SELECT coalesce(sum(r.total), 0) FROM refund r JOIN payment p ON r."paymentId" = p.id
        JOIN "order" o ON p."orderId" = o.id WHERE o."customFieldsFallbackref" = '{order.ref}'"""
    )
    return int(total)


def test_a_worker_that_dies_while_placing_leaves_one_order_to_the_next(vendure: VendureShop) -> None:
    primary, at, order = vendure.primary(), 0, fresh()
    while dies(vendure, at, lambda primary, order=order: primary.place(order)):
        assert (there := primary.find(order.ref)) is None or differences(order, there) == ()
        placed = primary.place(order)
        assert differences(order, placed) == ()
        assert [each.ref for each in primary.rivals(order.cart_id, None, order.received_at - HOUR)] == [order.ref]
        assert paid_in(vendure, order) == [order.payment.amount]
        at, order = at + 1, fresh()
    assert at == 3  # signing in, the draft, the order


def test_a_worker_that_dies_while_placing_leaves_nothing_to_a_cancellation(vendure: VendureShop) -> None:
    primary, at, order = vendure.primary(), 0, fresh()
    while dies(vendure, at, lambda primary, order=order: primary.place(order)):
        primary.cancel(order.ref)
        there = primary.find(order.ref)
        assert there is None or there.status == "cancelled"
        again = fresh(cart_id=order.cart_id)
        assert differences(again, primary.place(again)) == ()
        at, order = at + 1, fresh()
    assert at == 3  # signing in, the draft, the order


def test_a_slow_shop_keeps_a_worker_for_an_attempt_and_the_next_one_ends_what_it_began(vendure: VendureShop) -> None:
    settings, order = vendure.settings, fresh()
    line = Slow(line_to(settings, PATIENCE))
    session = Session(line, settings.primary_user, settings.primary_password)
    slow = VendurePrimary(session, Calls(clock=lambda: line.now))

    with pytest.raises(OutcomeUnknown, match="half-way"):
        slow.place(order)
    assert line.now == 18.0  # signing in, the draft
    assert vendure.primary().find(order.ref) is None

    assert differences(order, slow.place(order)) == ()
    assert line.now == 36.0  # the draft that is there, the order


def changed(order: Order, number: int, **changes: object) -> Order:
    assert order.customer
    address = replace(order.customer.address, line1=f"{number} Quay", city="York")
    placement = replace(order.placement, amendments=number)
    order = replace(order, customer=replace(order.customer, address=address), placement=placement, **changes)
    return replace(order, payment=replace(order.payment, amount=adds_up_to(order)))


def test_a_worker_that_dies_while_amending_leaves_the_change_to_the_next(vendure: VendureShop) -> None:
    primary, order, number = vendure.primary(), fresh(), 0
    primary.place(order)
    dearer = {"lines": (replace(LEDGER, quantity=3), SEA), "delivery": EXPRESS}
    cheaper = {"lines": (replace(LEDGER, quantity=1, unit_price=999),), "delivery": POST}
    for at in count():
        died = False
        for changes in (dearer, cheaper):
            number += 1
            wanted = changed(order, number, **changes)
            died |= dies(vendure, at, lambda primary, wanted=wanted: primary.amend(wanted))
            there = primary.amend(wanted)
            assert (differences(wanted, there), there.status, there.amendment) == ((), "placed", number)
            assert sum(paid_in(vendure, order)) - returned_in(vendure, order) == wanted.payment.amount
        if not died:
            break
    assert at == 2  # signing in, the change


def refunded(order: Order, amount: int) -> Order:
    payment = replace(
        order.payment,
        state=PaymentState.CAPTURED,
        captured=order.payment.amount,
        refunded=amount,
    )
    order = replace(order, payment=payment)
    return replace(order, placement=replace(order.placement, report=PaymentReport(stands(order), number=1)))


def test_a_worker_that_dies_while_it_tells_of_a_refund_leaves_one_refund(vendure: VendureShop) -> None:
    primary, at, order = vendure.primary(), 0, fresh()
    primary.place(order)
    while dies(vendure, at, lambda primary, order=order: primary.payment_changed(refunded(order, 700))):
        primary.payment_changed(refunded(order, 700))
        assert returned_in(vendure, order) == 700
        at, order = at + 1, fresh()
        primary.place(order)
    assert at >= 5
