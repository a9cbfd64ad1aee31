"""Capture a customer's order: the hot path. One round trip to the ledger, and no call to anybody else."""

from __future__ import annotations

from fallback.domain.cart import Cart, offered
from fallback.domain.notices import queue_notice
from fallback.domain.order import NoticeKind, Order, Payment, PaymentState
from fallback.domain.ports import Accepted, CartTaken, Clock, KeyReused, Ledger
from fallback.domain.refs import new_ref
from fallback.domain.wishes import CardPayment, PlaceOrder, address, customer


def place_order(
    wish: PlaceOrder,
    cart: Cart,
    key: str,
    fingerprint: str,
    *,
    maybe_taken: bool,
    trace: str = "",
    ledger: Ledger,
    clock: Clock,
) -> tuple[Order, Accepted | KeyReused | CartTaken]:
    """The order as it would be captured, and what the ledger says: captured, replayed, or nothing written.

    `cart` is the verified content of `wish.cart_token`; `key` and `fingerprint` are those of the request. Raises
    Invalid (delivery) and TryAgain (no room, or the ledger is not reachable).
    """
    order = _order(wish, cart, maybe_taken, trace, clock)
    return order, ledger.accept(order, key, fingerprint)


def _order(wish: PlaceOrder, cart: Cart, maybe_taken: bool, trace: str, clock: Clock) -> Order:
    now = clock()
    delivery = cart.choose(wish.delivery.id, wish.delivery.slot)
    order = Order(
        ref=new_ref(),
        shop=cart.shop,
        cart_id=cart.cart_id,
        currency=cart.currency,
        lines=cart.lines,
        discounts=cart.discounts,
        tax=cart.tax,
        delivery=delivery,
        options=offered(cart),
        locale=wish.locale,
        received_at=now,
        payment=_payment(wish, cart.totals.total + delivery.price),
        customer=customer(wish.contact, address(wish.shipping_address, wish.contact.name), wish.note),
        maybe_taken=maybe_taken,
        drill=cart.drill,
        trace=trace,
    )
    return queue_notice(order, NoticeKind.RECEIVED, now)


def _payment(wish: PlaceOrder, amount: int) -> Payment:
    if isinstance(wish.payment, CardPayment):
        return Payment(amount=amount, state=PaymentState.PENDING, token=wish.payment.confirmation_token, cards=1)
    return Payment(amount=amount)
