"""Predict for every held order what would happen to it, before anything is written, at the pace of the drain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import Protocol

from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order
from fallback.domain.order.unread import Found
from fallback.domain.outage.beside import beside
from fallback.domain.outage.dry_run import NOT_PLACED, Answer, Inquiry, Verdict, unread, without_asking
from fallback.domain.outage.pace import Pace
from fallback.domain.placement.primary import Primary


class Deps(Protocol):
    @property
    def ledger(self) -> Ledger: ...

    @property
    def orders_under(self) -> Callable[[Headline], Iterable[Found]]: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def primary(self) -> Primary: ...

    @property
    def sleep(self) -> Callable[[float], None]: ...


def rehearse_drain(deps: Deps) -> Iterator[Verdict]:
    """Yields one prediction at a time. It also runs while the drain is paused, when it is needed most.

    Raises TryAgain, OutcomeUnknown or Refused if the primary does not report its health.
    """
    with beside(deps.primary, deps.pace, deps.sleep, although_paused=True) as paced:
        inquiry = Inquiry(deps.ledger, paced.shop_health.over(deps.primary), deps.primary.health().can)

        def asked(order: Order) -> Answer:
            paced.turn()
            return inquiry.ask(order)

        for found in chain.from_iterable(map(deps.orders_under, NOT_PLACED)):
            for order in found.rows:
                fate, detail = without_asking(order) or asked(order)
                yield Verdict(order.ref, fate, detail, order.total.amount, order.currency)
            yield from map(unread, found.unread.refs)
