"""The payment provider reports a concern: a dispute, a review, a fraud warning."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from fallback.domain.errors import AlreadyDone
from fallback.domain.order.concern import Concern
from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.payment import concerns
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def desk(self) -> str: ...


def hear_concern(deps: Deps, event_id: str, concern: Concern, intent_id: str) -> None:
    """A webhook whose signature was verified.

    Concerns about payments of other systems on the same account are ignored.
    """
    ref = deps.ledger.ref_of_intent(intent_id)
    if ref is None:
        return

    def heard(order: Order) -> Change | None:
        return concerns.heard(order, concern, intent_id, deps.clock(), deps.desk)

    with suppress(AlreadyDone):
        record(deps.ledger, deps.ledger.load(ref), heard, once=event_id)
