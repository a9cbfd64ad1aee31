"""What else an order's page shows besides its state: what can be done, what was agreed, what happens to the data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from fallback import i18n
from fallback.domain.order.erasing import kept_since
from fallback.domain.order.lifecycle import (
    GIVEN_UP,
    holds_cart,
    needs_customer,
)
from fallback.domain.order.order import Order
from fallback.domain.payment import refunds
from fallback.domain.payment.reserved import was_reserved
from fallback.web.http.voice import Voice
from fallback.web.purchase import money_back, order_words, undone_words


@dataclass(frozen=True)
class Choices:
    """What the customer can do now. `bank`: the URL where the bank asks the customer to confirm.

    `undoing`: the customer cancelled it, and the basket is not free again yet.
    """

    bank: str | None
    card: bool
    cancel: bool
    undoing: bool


def before_cancelling(order: Order, voice: Voice) -> str:
    """What cancelling does with the money."""
    if money_back.is_back(order):
        return Markup(" ").join(money_back.said(order, voice))
    if order.payment.captured:
        return voice.say(undone_words.REFUNDED_UNLESS_SHIPPED, amount=voice.money(refunds.left(order), order.currency))
    return voice.say(
        undone_words.BEFORE_CANCELLING[was_reserved(order.payment)],
        reserved=voice.money(order.payment.authorized, order.currency),
    )


def kept(order: Order, keep_personal_for: timedelta, voice: Voice) -> str:
    """Until when the personal data of an order that is over is kept; empty otherwise."""
    since = kept_since(order)
    return voice.say(order_words.KEPT_UNTIL, when=voice.moment(since + keep_personal_for)) if since else ""


def choices(order: Order) -> Choices:
    needed = needs_customer(order)
    return Choices(
        bank=order.payment.next_action_url if needed else None,
        card=needed,
        cancel=order.placement.state not in GIVEN_UP and not order.cancel_asked,
        undoing=order.cancel_asked and holds_cart(order),
    )


@dataclass(frozen=True)
class Agreed:
    """The delivery, where it goes, and the total. `address`, `contact` and `billing` are empty once personal data is
    erased; `billing`: the billing address and the VAT id, if there are any."""

    delivery: str
    price: str
    slot: str | None
    address: list[str]
    contact: list[str]
    billing: list[str]
    total: str


def agreed(order: Order, voice: Voice) -> Agreed:
    delivery, customer = order.delivery, order.customer
    return Agreed(
        delivery=delivery.title,
        price=voice.money(delivery.price, order.currency) if delivery.price else voice.say("Free"),
        slot=voice.slot(delivery.slot) if delivery.slot else None,
        address=i18n.address_lines(customer.address, voice.locale) if customer else [],
        contact=[each for each in (customer.email, customer.phone) if each] if customer else [],
        billing=i18n.billing_lines(customer, voice.locale) if customer else [],
        total=voice.money(order.payment.amount, order.currency),
    )
