"""The customer gets the way to pay once more, with a sentence of her agent: agents type no card numbers."""

from __future__ import annotations

from fallback.domain import said
from fallback.domain.acting import act
from fallback.domain.clock import Clock
from fallback.domain.errors import NotAllowedNow
from fallback.domain.ledger import Ledger
from fallback.domain.lifecycle import needs_customer
from fallback.domain.notices import queue_notice
from fallback.domain.order import Change, Event, NoticeKind, Order


def send_payment_link(ref: str, sentence: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """`sentence` may be empty. Raises Late, Invalid, and NotAllowedNow if no payment is needed."""

    def send(order: Order) -> Change:
        if not needs_customer(order):
            raise NotAllowedNow(order.payment.state, "send_payment_link")
        order, word = said.say_if_any(order, "sentence", sentence)
        order = queue_notice(order, NoticeKind.PAYMENT_NEEDED, clock(), word)
        return Change(order, (Event(clock(), "payment_link_sent", who, {"said": word} if word else {}),))

    return act(ledger, ref, who, seen, send)
