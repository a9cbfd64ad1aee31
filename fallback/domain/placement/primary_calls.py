"""Questions to the primary and how the answers are recorded: shared by all code that asks the primary."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TypeVar

from fallback.domain import retries
from fallback.domain.clock import Clock
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.placement import placement
from fallback.domain.placement.primary import Primary

T = TypeVar("T")


@dataclass(frozen=True)
class PrimaryCalls:
    """`desk` owns the holds that result from calls.

    Each method returns the order as it is afterwards, and raises Conflict if its placement changed in the meantime.
    """

    ledger: Ledger
    primary: Primary
    clock: Clock
    random: Random
    desk: str

    def hold(self, order: Order, code: HoldCode, detail: str = "") -> Order:
        return self._record(order, lambda order: put_on_hold(order, code, self.clock(), self.desk, detail))

    def _ask(self, order: Order, question: Callable[[], T], then: Callable[[T], Order]) -> Order:
        """Ask the primary and apply its answer; put the order off if there is none, on hold if the primary refuses."""
        try:
            answer = question()
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            return self._refused(order, error)
        return then(answer)

    def _refused(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: placement.refused(order, code, detail, self.clock(), self.desk))

    def _put_off(self, order: Order, error: TryAgain | OutcomeUnknown) -> Order:
        until = retries.when_back(self.clock(), self.random, error.after)
        return self._record(order, lambda order: placement.put_off(order, until, self.clock()))

    def _record(self, order: Order, change: Callable[[Order], Change | None]) -> Order:
        return record(self.ledger, order, change, about=_asked_about)


def _asked_about(order: Order) -> tuple[object, ...]:
    return order.placement.state, order.placement.attempt, order.amendment
