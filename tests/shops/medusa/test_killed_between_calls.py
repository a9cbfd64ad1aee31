"""Each change of an order is several calls: whoever is killed between two of them leaves it to the next one."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.cart import Delivery, Discount, Line
from fallback.domain.order.order import Order, PaymentState
from fallback.domain.order.payment_report import PaymentReport, PaymentStands
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import Calls
from fallback.primaries.medusa import Settings
from fallback.primaries.medusa.admin import Admin
from fallback.primaries.medusa.primary import MedusaPrimary
from fallback.primaries.transport import HttpAnswer
from tests.shops.medusa.running import PATIENCE, Medusa, MedusaWorld, orders_with

OTHER = Line("BK-2", "The Sea, the Sea", 1, 950)


class Killed(BaseException):
    """No handler of ours sees it, as none sees a process that is gone."""


class Dying:
    """A transport that is cut off at its call number `at`: before it was sent, or before its answer came."""

    def __init__(self, inner: Any, at: int, sent: bool) -> None:
        self._inner, self._left, self._sent = inner, at, sent

    def send(self, *call: Any) -> HttpAnswer:
        self._left -= 1
        if self._left == 0 and not self._sent:
            raise Killed
        answer: HttpAnswer = self._inner.send(*call)
        if self._left == 0:
            raise Killed
        return answer


def killed_at(shop: Medusa, at: int, sent: bool) -> MedusaPrimary:
    admin = Admin(Settings(primary_url=shop.url, primary_token=shop.secret), PATIENCE)
    admin._transport = Dying(admin._transport, at, sent)  # type: ignore[assignment]
    return MedusaPrimary(admin, Calls(PATIENCE))


def killed_everywhere(
    shop: Medusa, act: Callable[[Primary], object], again: Callable[[], object], each: int = 1
) -> int:
    """`act` is begun anew and cut off after each of its calls was sent; `again` follows each time.

    Returns how often. `each`: after every second, third, … call.
    """
    for times, at in enumerate(range(each, 30, each)):
        try:
            act(killed_at(shop, at, sent=True))
        except Killed:
            again()
        else:
            return times
    raise AssertionError("it never came to its end")


def paid(order: Order, number: int, captured: int, refunded: int = 0) -> Order:
    state = PaymentState.REFUNDED if refunded == captured else PaymentState.CAPTURED
    payment = replace(order.payment, state=state, captured=captured, refunded=refunded)
    report = PaymentReport(told=PaymentStands("authorized"), number=number)
    return replace(order, payment=payment, placement=replace(order.placement, report=report))


def booked(shop: Medusa, order: Order) -> tuple[str, list[float], list[float]]:
    there = shop.admin("GET", f"fallback/orders/{order.ref}")["order"]
    payments = [payment for each in there["payment_collections"] for payment in each["payments"]]
    refunds = [refund["amount"] for payment in payments for refund in payment["refunds"]]
    return there["payment_status"], [payment["amount"] for payment in payments], refunds


def with_discount(world: MedusaWorld) -> Order:
    return world.an_order(lines=(world.book, OTHER), discounts=(Discount("AUTUMN", 200), Discount("FRIEND", 55)))


def test_killed_between_any_two_calls_of_placing_there_is_one_order_as_agreed(
    medusa: Medusa, world: MedusaWorld
) -> None:
    orders = [with_discount(world)]

    def again() -> None:
        there = world.primary.find(orders[-1].ref)
        assert there is None or differences(orders[-1], there) == ()
        placed = world.primary.place(orders[-1])
        assert (differences(orders[-1], placed), orders_with(medusa, placed.ref or "")) == ((), 1)
        orders.append(with_discount(world))

    assert killed_everywhere(medusa, lambda primary: primary.place(orders[-1]), again) == 5


def test_killed_between_any_two_calls_of_a_change_it_is_made_once(medusa: Medusa, world: MedusaWorld) -> None:
    courier = Delivery(medusa.delivery("Courier"), "Courier", 990)
    orders = [world.an_order()]
    world.primary.place(orders[0])

    def changed(order: Order) -> Order:
        moved = replace(order.customer, address=replace(order.customer.address, line1="2 Quay"))  # type: ignore[type-var,union-attr]
        lines = (replace(world.book, quantity=3), OTHER)
        return world.an_order(
            ref=order.ref,
            cart_id=order.cart_id,
            lines=lines,
            discounts=(Discount("FRIEND", 55),),
            delivery=courier,
            customer=moved,
        )

    def again() -> None:
        wanted = changed(orders[-1])
        assert differences(wanted, world.primary.amend(wanted)) == ()
        orders.append(world.an_order())
        world.primary.place(orders[-1])

    each = 1 if "EVERY_CALL" in os.environ else 3  # one takes a quarter of a minute of processor time
    assert killed_everywhere(medusa, lambda primary: primary.amend(changed(orders[-1])), again, each) == 11 // each


def test_killed_between_any_two_calls_of_a_cancellation_it_is_cancelled(medusa: Medusa, world: MedusaWorld) -> None:
    orders = [world.an_order()]
    world.primary.place(orders[0])

    def again() -> None:
        assert world.primary.cancel(orders[-1].ref).status == "cancelled"
        assert world.primary.read(orders[-1].ref).status == "cancelled"
        orders.append(world.an_order())
        world.primary.place(orders[-1])

    assert killed_everywhere(medusa, lambda primary: primary.cancel(orders[-1].ref), again) == 4


def test_killed_between_any_two_calls_the_money_is_booked_once(medusa: Medusa, world: MedusaWorld) -> None:
    orders = [world.an_order()]
    world.primary.place(orders[0])

    def told(order: Order) -> Order:
        return paid(order, 1, captured=3093, refunded=500)

    def again() -> None:
        world.primary.payment_changed(told(orders[-1]))
        assert booked(medusa, orders[-1]) == ("partially_refunded", [30.93], [5])
        assert differences(orders[-1], world.primary.read(orders[-1].ref)) == ()
        orders.append(world.an_order())
        world.primary.place(orders[-1])

    assert killed_everywhere(medusa, lambda primary: primary.payment_changed(told(orders[-1])), again) == 6


def test_what_was_half_made_is_removed_by_a_cancellation(medusa: Medusa, world: MedusaWorld) -> None:
    order = world.an_order()
    with pytest.raises(Killed):
        killed_at(medusa, 2, sent=False).place(order)
    assert (world.primary.find(order.ref), orders_with(medusa, order.ref)) == (None, 1)

    assert world.primary.cancel(order.ref).status == "cancelled"

    assert orders_with(medusa, order.ref) == 0
    with pytest.raises(Refused, match=order.ref):
        world.primary.place(order)
    assert world.primary.place(world.an_order(cart_id=order.cart_id)).status != "cancelled"


def test_a_shop_that_is_down_is_asked_again_and_half_a_change_is_unknown(medusa: Medusa, world: MedusaWorld) -> None:
    order = world.an_order()
    medusa.node.kill()
    try:
        with pytest.raises(TryAgain):
            world.primary.place(order)
    finally:
        medusa.node.start()

    for answered in (1, 2):
        admin = Admin(Settings(primary_url=medusa.url, primary_token=medusa.secret), PATIENCE)
        admin._transport = Refusing(admin._transport, answered)  # type: ignore[assignment]
        with pytest.raises(OutcomeUnknown):
            MedusaPrimary(admin, Calls(PATIENCE)).place(order)
    assert differences(order, world.primary.place(order)) == ()


class Refusing:
    """A transport whose shop takes no connection after `answered` calls."""

    def __init__(self, inner: Any, answered: int) -> None:
        self._inner, self._left = inner, answered

    def send(self, *call: Any) -> HttpAnswer:
        if self._left == 0:
            raise TryAgain("no connection")
        self._left -= 1
        answer: HttpAnswer = self._inner.send(*call)
        return answer
