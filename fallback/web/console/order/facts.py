"""The facts of an order beside what is open: the customer, the payment, the shop, ids for looking it up elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from fallback import i18n
from fallback.domain.order.lifecycle import is_free
from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.payment import refunds
from fallback.domain.phones import dialled
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_words

PAYMENTS = {
    PaymentState.NONE: N_("Not paid"),
    PaymentState.PENDING: N_("Being authorized"),
    PaymentState.AUTHORIZED: N_("Authorized, not captured"),
    PaymentState.CAPTURED: N_("Captured"),
    PaymentState.ACTION_REQUIRED: N_("The customer has to act"),
    PaymentState.UNKNOWN: N_("Not known: being checked"),
    PaymentState.VOIDED: N_("Authorization voided"),
    PaymentState.REFUNDED: N_("Refunded"),
}
FREE = N_("Nothing to pay")
PLACEMENTS = {
    PlacementState.WAITING: N_("Not in the shop yet"),
    PlacementState.PLACING: N_("Being sent to the shop"),
    PlacementState.PLACED: N_("In the shop, not checked yet"),
    PlacementState.VERIFIED: N_("In the shop"),
    PlacementState.UNKNOWN: N_("Not known: being checked"),
    PlacementState.MERGED: N_("The shop has another order for it"),
    PlacementState.CANCELLED: N_("Cancelled"),
}


@dataclass(frozen=True)
class CustomerPanel:
    """Empty texts once the personal data is erased. `call`: the link that dials the number. `address`: without the
    customer's own name. `note`: written with the order, in the customer's own words.
    """

    name: str
    phone: str
    call: str
    email: str
    address: list[str]
    billing: list[str]
    note: str


@dataclass(frozen=True)
class Facts:
    """Names and values. `ids`: for looking the order up in Stripe or in the shop."""

    standing: list[tuple[str, str]]
    ids: list[tuple[str, str]]


@fills("customer.html")
def customer_panel(looking: Looking) -> CustomerPanel:
    order, customer = looking.order, looking.order.customer
    if customer is None:
        return CustomerPanel("", "", "", "", [], [], "")
    return CustomerPanel(
        name=customer.name,
        phone=customer.phone or "",
        call=dialled(customer.phone) if customer.phone else "",
        email=customer.email,
        address=[line for line in i18n.address_lines(customer.address, order.locale) if line != customer.name],
        billing=i18n.billing_lines(customer, order.locale),
        note=customer.note or "",
    )


def facts(order: Order, voice: Voice) -> Facts:
    return Facts(list(_standing(order, voice)), [(name, value) for name, value in _ids(order, voice) if value])


def _standing(order: Order, voice: Voice) -> Iterator[tuple[str, str]]:
    payment, placement = order.payment, order.placement
    yield voice.say("Payment"), voice.say(FREE if is_free(order) else PAYMENTS[payment.state])
    if payment.decline:
        reason = order_words.DECLINES.get(payment.decline.code, order_words.DECLINED_WITHOUT_REASON)
        yield voice.say("Declined"), voice.say(reason)
    if payment.capture_before:
        yield voice.say("Capture before"), voice.moment(payment.capture_before)
    if payment.refunded:
        yield voice.say("Refunded"), voice.money(payment.refunded, order.currency)
    if left := refunds.refundable(order):
        yield voice.say("Refundable"), voice.money(left, order.currency)
    yield voice.say("Shop"), voice.say(PLACEMENTS[placement.state])
    if placement.number:
        yield voice.say("Number in the shop"), placement.number


def _ids(order: Order, voice: Voice) -> Iterator[tuple[str, str | None]]:
    payment = order.payment
    yield voice.say("Stripe"), payment.intent
    yield voice.say("Declined"), f"{payment.decline.code} ({payment.decline.advice})" if payment.decline else None
    yield voice.say("Cart"), order.cart_id
    yield voice.say("Cart expired"), voice.say("before the order, during the incident") if order.expired else None
    yield voice.say("Received"), voice.moment(order.received_at)
    yield voice.say("Version"), str(order.version)
