"""Send the customer the payment link once more, with an agent's sentence: agents type no card numbers."""

from __future__ import annotations

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order import texts_by_people
from fallback.domain.order.lifecycle import needs_customer
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def send_payment_link(deps: OrderDeps, ref: str, sentence: str, who: str, seen: int) -> Order:
    """`sentence` may be empty. Raises Late, Invalid, and NotAllowedNow if no payment is needed."""

    def send(order: Order) -> Change:
        if not needs_customer(order):
            raise NotAllowedNow(order.payment.state, "send_payment_link")
        order, word = texts_by_people.say_if_any(order, "sentence", sentence)
        order = queue_notice(order, NoticeKind.PAYMENT_NEEDED, deps.clock(), word)
        return Change(order, (Event(deps.clock(), "payment_link_sent", who, {"said": word} if word else {}),))

    return act(deps.ledger, ref, who, seen, send)
