"""Which sums can be charged: checked before an order is taken or changed, not only when its card is charged."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.domain.order.amended import as_amended
from fallback.domain.order.cart import Cart
from fallback.domain.order.order import Order


class SumLimit(StrEnum):
    """Why a sum cannot be charged; the API uses the same codes."""

    TOO_SMALL = "amount_too_small"
    TOO_LARGE = "amount_too_large"
    NOT_EXACT = "amount_not_exact"


class Unchargeable(Struct, frozen=True):
    """`instead`: the nearest sum that can be charged."""

    limit: SumLimit
    instead: Money


# Returns why the payment provider cannot charge a sum, and None if it can.
Chargeable = Callable[[Money], Unchargeable | None]

WHAT_TO_DO = {
    SumLimit.TOO_SMALL: "The total is {total}, but a card payment must be at least {instead}. Add an item to the cart.",
    SumLimit.TOO_LARGE: "The total is {total}, but a card payment can be at most {instead}. Split the order.",
    SumLimit.NOT_EXACT: "A card cannot be charged exactly {total}. The next possible total is {instead}.",
}
ANOTHER_DELIVERY = "Or choose another delivery option."


def check_cart(cart: Cart, option_id: str, chargeable: Chargeable) -> None:
    """Raise Invalid if the cart cannot be paid with this delivery.

    The error names the delivery if another option makes a sum that can be charged, else the cart.
    """
    found = {option.id: why_not(cart, option.price, chargeable) for option in cart.delivery}
    refused = found.get(option_id)
    if refused is None:
        return
    total, unchargeable = refused
    if None in found.values():
        raise _refusal("delivery.id", total, unchargeable, ANOTHER_DELIVERY)
    raise _refusal("cart_token", total, unchargeable)


def first_possible(cart: Cart, chargeable: Chargeable) -> str:
    """The first delivery option with which the cart can be paid. Raises Invalid if there is none."""
    possible = (option.id for option in cart.delivery if why_not(cart, option.price, chargeable) is None)
    first = next(possible, cart.delivery[0].id)
    check_cart(cart, first, chargeable)
    return first


def check_change(before: Order, after: Order, requested: ChangeOrder, chargeable: Chargeable) -> None:
    """Raise Invalid if the changed order comes to a sum that cannot be charged.

    A captured payment needs no further charge: then only the difference has to be exact.
    """
    was, now = as_amended(before).total, as_amended(after).total
    refused = _refused(now, chargeable) if now != was else None
    if refused is None or (before.payment.captured and refused[1].limit is not SumLimit.NOT_EXACT):
        return
    raise _refusal("delivery.id" if requested.delivery else "quantities", *refused)


Refused = tuple[Money, Unchargeable]


def why_not(cart: Cart, delivery_price: int, chargeable: Chargeable) -> Refused | None:
    return _refused(Money(cart.totals.total + delivery_price, cart.currency), chargeable)


def _refused(total: Money, chargeable: Chargeable) -> Refused | None:
    """The total, and why it cannot be charged; None if it can, or if there is nothing to charge."""
    unchargeable = chargeable(total) if total.amount else None
    return (total, unchargeable) if unchargeable else None


def _refusal(field: str, total: Money, unchargeable: Unchargeable, more: str = "") -> Invalid:
    instead = unchargeable.instead
    detail = WHAT_TO_DO[unchargeable.limit].format(total=str(total), instead=str(instead))
    return Invalid(field, unchargeable.limit, f"{detail} {more}".strip())
