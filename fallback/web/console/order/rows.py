"""How the console shows orders: dense, exact, without reassuring words."""

from __future__ import annotations

from dataclasses import dataclass

from fallback.domain.order import texts_by_people
from fallback.domain.order.hold_names import HOLD_NAMES
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
    """`asked`: the customer's question in their own words; empty if there is none."""

    text: str
    asked: str
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
    name, owner = voice.say(HOLD_NAMES[hold.code]), name_of(owner_of(order), voice)
    return HoldRow(name, asked(order, hold), hold.detail, owner, voice.moment(hold.next_word_by))


def asked(order: Order, hold: Hold) -> str:
    """The customer's own words, if the hold is a question; empty once they are erased."""
    return texts_by_people.read(order, hold.said) if hold.said else ""


def name_of(who: str, voice: Voice) -> str:
    """The display name of an actor; people by their own names."""
    return voice.say(_NAMES[who]) if who in _NAMES else who


_NAMES = {
    "customer": N_("the customer"),
    "worker": N_("fallback"),
    "stripe": N_("Stripe"),
    "primary": N_("the shop"),
}
