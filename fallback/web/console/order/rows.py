"""How the console shows orders: dense, exact, without reassuring words."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.domain.order import texts_by_people
from fallback.domain.order.holds import Hold
from fallback.domain.order.lifecycle import headline, next_word_by
from fallback.domain.order.order import Order, Queue
from fallback.domain.outage.mode import Mode
from fallback.domain.support.owners import owner_of
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_words

MODES = {
    Mode.STANDBY: N_("The shop serves its own checkout."),
    Mode.ACTIVE: N_("Customers check out here; orders are kept for the shop."),
    Mode.DRAINING: N_("The shop is back and receives the orders that were kept."),
}
QUEUES = {
    Queue.PAYMENT: N_("Payments"),
    Queue.PLACEMENT: N_("Orders for the shop"),
    Queue.NOTICE: N_("Mails"),
}


@dataclass(frozen=True)
class HoldRow:
    text: str
    detail: str
    owner: str
    by: str


@dataclass(frozen=True)
class OrderRow:
    """`headline`: of the state machine; `name`: its display name. `owner` is empty while no agent is needed."""

    ref: str
    headline: str
    name: str
    amount: str
    received: str
    holds: list[HoldRow]
    owner: str
    word_by: str


def order_row(order: Order, voice: Voice) -> OrderRow:
    now = headline(order)
    return OrderRow(
        ref=order.ref,
        headline=now,
        name=voice.say(order_words.NAMES[now]),
        amount=voice.money(order.payment.amount, order.currency),
        received=voice.moment(order.received_at),
        holds=[_hold_row(order, hold, voice) for hold in order.holds],
        owner=(owner := owner_of(order)),
        word_by=voice.moment(next_word_by(order)) if owner else "",
    )


def _hold_row(order: Order, hold: Hold, voice: Voice) -> HoldRow:
    """A question has the customer's own words as its title."""
    title = texts_by_people.read(order, hold.said) or voice.say(order_words.HOLD_REASONS[hold.code])
    return HoldRow(title, hold.detail, name_of(owner_of(order), voice), voice.moment(hold.next_word_by))


def fact_rows(order: Order, voice: Voice) -> list[tuple[str, str]]:
    """Names and values for looking the order up in Stripe or in the shop."""
    payment, placement = order.payment, order.placement
    facts = [
        (voice.say("Payment"), payment.state),
        (voice.say("Stripe"), payment.intent),
        (voice.say("Declined"), f"{payment.decline.code} ({payment.decline.advice})" if payment.decline else None),
        (voice.say("Capture before"), voice.moment(payment.capture_before) if payment.capture_before else None),
        (voice.say("Placement"), placement.state),
        (voice.say("Number in the shop"), placement.number),
        (voice.say("Cart"), order.cart_id),
        (voice.say("Cart expired"), voice.say("before the order, during the incident") if order.expired else None),
        (voice.say("Version"), str(order.version)),
    ]
    return [(name, value) for name, value in facts if value]


def name_of(who: str, voice: Voice) -> str:
    """The display name of an actor; people by their own names."""
    return voice.say(_NAMES[who]) if who in _NAMES else who


_NAMES = {
    "customer": N_("the customer"),
    "worker": N_("fallback"),
    "stripe": N_("Stripe"),
    "primary": N_("the shop"),
}
