"""Take a customer's order: the hot path. One round trip to the ledger, and no other external call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from msgspec import structs

from fallback.domain.checkout.destinations import bound_for, place_of
from fallback.domain.checkout.journal import Journal, accept
from fallback.domain.checkout.left_out import without
from fallback.domain.checkout.requests import CardPayment, PlaceOrder, address, customer
from fallback.domain.clock import Clock
from fallback.domain.errors import RefTaken, TryAgain
from fallback.domain.order.cart import Cart, offered
from fallback.domain.order.exposure import PayFirst, SoldOut, Terms, not_in_stock, not_unpaid
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Customer, NoticeKind, Order, Payment, PaymentState
from fallback.domain.order.refs import new_ref
from fallback.domain.payment.cards import given
from fallback.domain.payment.charging import Chargeable, check_cart
from fallback.usecases.deps import OrderDeps

# Of 40 random bits: if so many are taken in a row, the random source is broken.
DRAWS = 10


class Deps(OrderDeps, Protocol):
    @property
    def chargeable(self) -> Chargeable: ...

    @property
    def journal(self) -> Journal | None: ...

    @property
    def terms(self) -> Terms: ...


def place_order(
    deps: Deps,
    requested: PlaceOrder,
    cart: Cart,
    key: str,
    fingerprint: str,
    *,
    maybe_taken: bool,
    trace: str = "",
    draw: Callable[[], str] = new_ref,
) -> tuple[Order, Accepted | KeyReused | CartTaken]:
    """The order as it would be accepted, and the ledger's result: accepted, replayed, or nothing written.

    `cart` is the verified content of `requested.cart_token`; `key` and `fingerprint` are those of the request. Raises
    Invalid (delivery, destination, what is left out, a sum that cannot be charged, sold out, to be paid first) and
    TryAgain (no room; no ledger; no payment provider, and a limit is reached).
    """
    order = structs.replace(order_for(deps, requested, cart, draw(), maybe_taken=maybe_taken), trace=trace)
    for _ in range(DRAWS):
        try:
            outcome = accept(deps.ledger, deps.journal, order, key, fingerprint, deps.terms)
        except RefTaken:
            order = structs.replace(order, ref=draw())
            continue
        if isinstance(outcome, SoldOut):
            raise not_in_stock(order.lines, outcome)
        if isinstance(outcome, PayFirst):
            raise not_unpaid(outcome)
        return order, outcome
    raise TryAgain("no unused ref was found")


def order_for(deps: Deps, requested: PlaceOrder, cart: Cart, ref: str, *, maybe_taken: bool) -> Order:
    """The order as `place_order` would offer it to the ledger. Raises Invalid, as that does."""
    cart = without(cart, requested.without)
    there = requested.shipping_address
    who = cart.customer
    place = place_of(there.country, there.region) if there else ""
    cart, taxed_for = bound_for(cart, requested.delivery.id, place)
    check_cart(cart, requested.delivery.id, deps.chargeable)
    order = _order(ref, requested, cart, maybe_taken, deps.clock)
    untaxed = cart.destinations and not taxed_for  # it is fetched: the tax of a place was not asked for
    order = structs.replace(order, options=offered(cart, "" if untaxed else place), taxed_for=taxed_for)
    if who and order.customer:
        order = structs.replace(order, customer=structs.replace(order.customer, account=who.id))
    return order


def _order(ref: str, requested: PlaceOrder, cart: Cart, maybe_taken: bool, clock: Clock) -> Order:
    now = clock()
    delivery = cart.choose(requested.delivery.id, requested.delivery.slot)
    order = Order(
        ref=ref,
        shop=cart.shop,
        cart_id=cart.cart_id,
        currency=cart.currency,
        lines=cart.lines,
        discounts=cart.discounts,
        tax=cart.tax,
        delivery=delivery,
        locale=requested.locale,
        received_at=now,
        payment=_payment(requested, cart.totals.total + delivery.price),
        customer=_customer(requested),
        maybe_taken=maybe_taken,
        drill=cart.drill,
        expired=cart.expired,
    )
    return queue_notice(order, NoticeKind.RECEIVED, now)


def _customer(requested: PlaceOrder) -> Customer:
    name, billing = requested.contact.name, requested.billing_address
    placed = customer(requested.contact, address(requested.shipping_address, name), requested.note)
    return structs.replace(
        placed,
        billing=address(billing, name) if billing else None,
        vat_id=requested.vat_id,
        sms=requested.text_messages,
    )


def _payment(requested: PlaceOrder, amount: int) -> Payment:
    if amount and isinstance(requested.payment, CardPayment):  # a free order needs no card, and uses none
        token = requested.payment.confirmation_token
        return Payment(amount=amount, state=PaymentState.PENDING, token=token, cards=1, given=(given(token),))
    return Payment(amount=amount)
