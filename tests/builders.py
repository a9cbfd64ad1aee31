"""Builders: the one world that most tests live in, and changes to it by name."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from msgspec.structs import replace

from fallback.domain.order.cart import Cart, Delivery, DeliveryOption, Line, Slot, Tax, Totals
from fallback.domain.order.holds import Hold, HoldCode, new_hold
from fallback.domain.order.order import Address, Customer, Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.order.refs import new_ref
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryLine, PrimaryOrder

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
BOOK = Line("BK-1", "The Sea, the Sea", 2, 1299)
SLOT = Slot("2026-11-23-am", datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC))
STANDARD = Delivery("standard", "Standard delivery", 495, SLOT)
CUSTOMER = Customer("Iris Murdoch", "iris@example.org", Address("Iris Murdoch", "1 Quay", "Hull", "HU1 1AA", "GB"))


def deps(**given: Any) -> Any:
    """What a use case depends on, where a test needs no whole container."""
    return SimpleNamespace(**given)


def an_order(**changes: Any) -> Order:
    """An authorized order for two books; its ref and cart are its own, its total is what it adds up to.

    `placement` may be a state alone.
    """
    ref = changes.pop("ref", None) or new_ref()
    if isinstance(changes.get("placement"), PlacementState):
        changes["placement"] = Placement(state=changes["placement"], id="1", number="100001")
    order = Order(
        ref=ref,
        shop="demo-shop",
        cart_id=f"basket-{ref}",
        currency="EUR",
        lines=(BOOK,),
        tax=Tax(True, 319),
        delivery=STANDARD,
        locale="en",
        received_at=NOW,
        payment=Payment(amount=0, state=PaymentState.AUTHORIZED, intent="pi_1"),
        customer=CUSTOMER,
    )
    order = replace(order, **changes)
    if "payment" in changes:
        return order
    total = adds_up_to(order)
    return replace(order, payment=replace(order.payment, amount=total, authorized=total))


def a_payment(state: PaymentState, **changes: Any) -> Payment:
    """A payment of 30.93 in this state, with the figures that belong to it and an intent if it has got so far."""
    P = PaymentState
    amount = 3093
    reached = {
        "intent": "pi_1" if state not in (P.NONE, P.PENDING) else None,
        "token": "pm_card_visa" if state in (P.PENDING, P.UNKNOWN) else None,
        "cards": int(state is not P.NONE),
        "authorized": amount if state in (P.AUTHORIZED, P.CAPTURED, P.REFUNDED) else 0,
        "captured": amount if state in (P.CAPTURED, P.REFUNDED) else 0,
        "refunded": amount if state is P.REFUNDED else 0,
    }
    return Payment(**({"amount": amount, "state": state} | reached | changes))


def a_hold(code: HoldCode, detail: str = "") -> Hold:
    return new_hold(code, "the desk", NOW, detail)


def adds_up_to(order: Order) -> int:
    goods = sum(line.quantity * line.unit_price for line in order.lines)
    added_tax = 0 if order.tax.included else order.tax.amount
    return goods - sum(discount.amount for discount in order.discounts) + added_tax + order.delivery.price


def a_cart(**changes: Any) -> Cart:
    """Two books for 25.98, tax included, with one delivery: what a cart token says once it is verified."""
    cart = Cart(
        shop="demo-shop",
        cart_id="basket-1",
        currency="EUR",
        lines=(BOOK,),
        tax=Tax(True, 319),
        delivery=(DeliveryOption("standard", "Standard delivery", 495),),
        totals=Totals(2598, 0, 319, 2598),
    )
    return replace(cart, **changes)


def wanted(order: Order) -> PrimaryOrder:
    """Our order as a primary keeps it, before it has an id and a number there."""
    return PrimaryOrder(
        id="",
        number="",
        cart_id=order.cart_id,
        currency=order.currency,
        lines=tuple(PrimaryLine(line.sku, line.quantity, line.unit_price) for line in order.lines),
        delivery=PrimaryDelivery(order.delivery.id, order.delivery.slot.id if order.delivery.slot else None),
        total=order.payment.amount,
        status="",
        ref=order.ref,
        email=order.customer.email if order.customer else None,
        phone=order.customer.phone if order.customer else None,
        shipping_address=order.customer.address if order.customer else None,
    )


def a_primary_order(order: Order, **changes: Any) -> PrimaryOrder:
    """The order as a primary reads it back when it has exactly what was agreed."""
    return replace(wanted(order), **{"id": "1", "number": "100001", "status": "placed"} | changes)
