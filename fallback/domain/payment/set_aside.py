"""The authorized sum of a card, if it differs from the price since the order was changed."""

from __future__ import annotations

from msgspec import Struct

from fallback.domain.order.lifecycle import is_outgrown
from fallback.domain.order.order import Order, PaymentState


class SetAside(Struct, frozen=True):
    """`aside` is authorized now: `to_take` of it will be captured, and `released` is released."""

    aside: int
    to_take: int
    released: int


def set_aside(order: Order) -> SetAside | None:
    """None while nothing is authorized, or exactly the price of the order."""
    payment = order.payment
    if payment.state is not PaymentState.AUTHORIZED or payment.authorized == payment.amount:
        return None
    to_take = 0 if is_outgrown(order) else payment.amount
    return SetAside(payment.authorized, to_take, payment.authorized - to_take)
