"""Capture a customer's order: the hot path. One round trip to the ledger, and no call to anybody else."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from fallback.domain.cart import Cart
from fallback.domain.notices import queue_notice
from fallback.domain.order import Address, Customer, NoticeKind, Order, Payment, PaymentState
from fallback.domain.ports import Accepted, CartTaken, Clock, KeyReused, Ledger
from fallback.domain.refs import new_ref

Name = Annotated[str, Meta(min_length=1, max_length=120)]
Phone = Annotated[str, Meta(pattern=r"^\+?[0-9 ()/.-]{5,30}$")]
# Deliverability shows when the notice is sent; here only what can not be an address is refused (RFC 5321, 4.5.3.1).
Email = Annotated[str, Meta(pattern=r"^[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+$", max_length=254)]
StreetLine = Annotated[str, Meta(min_length=1, max_length=200)]


class Contact(Struct, frozen=True, forbid_unknown_fields=True):
    name: Name
    email: Email
    phone: Phone | None = None


class ShippingAddress(Struct, frozen=True, forbid_unknown_fields=True):
    """`country` is ISO 3166-1 alpha-2; `name` is the contact's where it is left out."""

    line1: StreetLine
    city: Name
    postal_code: Annotated[str, Meta(min_length=1, max_length=20)]
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    name: Name | None = None
    line2: StreetLine | None = None
    region: Name | None = None


class DeliveryChoice(Struct, frozen=True, forbid_unknown_fields=True):
    id: Name
    slot: Name | None = None


class CardPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """Stripe's confirmation token, made in the browser (https://docs.stripe.com/api/confirmation_tokens)."""

    confirmation_token: Annotated[str, Meta(pattern=r"^(ctoken|pm)_[A-Za-z0-9_]{1,120}$")]


class PlaceOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders. `payment` is a card or the word 'later': then a link to pay is sent."""

    cart_token: Annotated[str, Meta(min_length=1, max_length=65_536)]
    contact: Contact
    shipping_address: ShippingAddress
    delivery: DeliveryChoice
    payment: CardPayment | Literal["later"]
    locale: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$")] = "en"
    note: Annotated[str, Meta(max_length=1_000)] | None = None


def place_order(
    wish: PlaceOrder,
    cart: Cart,
    key: str,
    fingerprint: str,
    *,
    maybe_taken: bool,
    ledger: Ledger,
    clock: Clock,
) -> tuple[Order, Accepted | KeyReused | CartTaken]:
    """The order as it would be captured, and what the ledger says: captured, replayed, or nothing written.

    `cart` is the verified content of `wish.cart_token`; `key` and `fingerprint` are those of the request. Raises
    Invalid (delivery) and TryAgain (no room, or the ledger is not reachable).
    """
    order = _order(wish, cart, maybe_taken, clock)
    return order, ledger.accept(order, key, fingerprint)


def _order(wish: PlaceOrder, cart: Cart, maybe_taken: bool, clock: Clock) -> Order:
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
        locale=wish.locale,
        received_at=now,
        payment=_payment(wish, cart.totals.total + delivery.price),
        customer=_customer(wish),
        maybe_taken=maybe_taken,
    )
    return queue_notice(order, NoticeKind.RECEIVED, now)


def _payment(wish: PlaceOrder, amount: int) -> Payment:
    if isinstance(wish.payment, CardPayment):
        return Payment(amount=amount, state=PaymentState.PENDING, token=wish.payment.confirmation_token, cards=1)
    return Payment(amount=amount)


def _customer(wish: PlaceOrder) -> Customer:
    contact, there = wish.contact, wish.shipping_address
    address = Address(
        name=there.name or contact.name,
        line1=there.line1,
        line2=there.line2,
        city=there.city,
        postal_code=there.postal_code,
        region=there.region,
        country=there.country,
    )
    return Customer(name=contact.name, email=contact.email, phone=contact.phone, address=address, note=wish.note)
