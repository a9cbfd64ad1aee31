"""What is set aside on a card, where that is another sum than the order costs since it was changed."""

from __future__ import annotations

from msgspec import Struct

from fallback.domain.order.lifecycle import is_outgrown
from fallback.domain.order.order import Order, PaymentState


class SetAside(Struct, frozen=True):
    """`aside` is what the bank keeps now: `to_take` of it will be taken, and `released` is let go."""

    aside: int
    to_take: int
    released: int


def set_aside(order: Order) -> SetAside | None:
    """None while nothing is set aside, or just what the order costs."""
    payment = order.payment
    if payment.state is not PaymentState.AUTHORIZED or payment.authorized == payment.amount:
        return None
    to_take = 0 if is_outgrown(order) else payment.amount
    return SetAside(payment.authorized, to_take, payment.authorized - to_take)
