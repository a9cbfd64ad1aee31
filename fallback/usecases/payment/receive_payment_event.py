"""A webhook reports that something happened to a payment: a shift reads the intent itself.

The event's own copy is not used: events come late, twice and out of order. News about an order that is not here goes to
the inbox for a person to read (domain/payment/inbox.py).
"""

from __future__ import annotations

from contextlib import suppress

from fallback.domain.errors import AlreadyDone, UnknownOrder
from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.order.refs import parse_ref
from fallback.domain.payment import payment
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.news import PaymentNews, is_known, remembered
from fallback.usecases.deps import OrderDeps


def receive_payment_event(
    deps: OrderDeps, event_id: str, news: PaymentNews, intent_id: str | None, ref: str | None
) -> None:
    """A webhook whose signature was verified. `ref` is from the intent's metadata, if the event contains it."""
    order = _order(intent_id, ref, deps.ledger)
    if order is None:
        if ref and parse_ref(ref):
            unclaimed = Unclaimed(event_id, news, ref, intent_id or "", deps.clock())
            deps.ledger.keep_unclaimed(event_id, pack(unclaimed))
        return

    def look_again(order: Order) -> Change | None:
        if is_known(order, news):
            return None
        if order.payment.attempt:
            return remembered(order, news)
        return payment.look_again(order, deps.clock(), news, PROVIDER)

    with suppress(AlreadyDone):
        record(deps.ledger, order, look_again, once=event_id)


def _order(intent_id: str | None, ref: str | None, ledger: Ledger) -> Order | None:
    found = ref or (ledger.ref_of_intent(intent_id) if intent_id else None)
    try:
        return ledger.load(found) if found else None
    except UnknownOrder:
        return None
