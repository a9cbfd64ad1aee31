"""Calls to the payment provider as write-ahead attempts: record, call, record the outcome."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from fallback.domain import retries
from fallback.domain.call_deadline import leaving_by
from fallback.domain.clock import Clock
from fallback.domain.errors import NotThrough, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Call, Change, Order
from fallback.domain.order.patience import leaves_by
from fallback.domain.order.record import record
from fallback.domain.payment import payment
from fallback.domain.payment.gateway import Intent
from fallback.domain.payment.news import caught_up
from fallback.domain.payment.search import not_through


@dataclass(frozen=True)
class PaymentAttempts:
    """`desk` owns the holds that result from calls."""

    ledger: Ledger
    clock: Clock
    random: Random
    desk: str

    def make(self, order: Order, call: Call, ask: Callable[[str], Intent]) -> Order:
        """Make the call with its idempotency key and record the outcome, whatever it is. Returns the order after that.

        Raises Conflict if another write came after `order` was read: then nothing was called; or if another process
        settled the attempt in the meantime.
        """
        begun = payment.begin(order, call, self.clock(), self.desk)
        order = self.ledger.commit(order, begun.order, begun.events)
        attempt = order.payment.attempt
        if attempt is None:  # too many attempts without an outcome: it is on hold now
            return order
        with leaving_by(leaves_by(attempt), self.clock):
            return self._outcome(order, lambda: ask(attempt.key), self._call_failed)

    def look(self, order: Order, ask: Callable[[], Intent | None]) -> Order:
        """Read the intent, None if there is none: the way to recover from every crash and every lost response.

        Raises Conflict if the payment changed during the call.
        """

        def seen() -> Intent | None:
            intent = ask()
            return intent and payment.news(order, intent)

        return self._outcome(order, seen, self._look_failed)

    def _outcome(
        self,
        order: Order,
        ask: Callable[[], Intent | None],
        failed: Callable[[Order, TryAgain | OutcomeUnknown], Order],
    ) -> Order:
        try:
            intent = ask()
        except (TryAgain, OutcomeUnknown) as error:
            return failed(order, error)
        except Refused as error:
            code = error.code
            return self._record(order, lambda order: payment.refused(order, code, self.clock(), self.desk))
        return self._record(order, lambda order: payment.observe(order, intent, self.clock(), self.desk))

    def _call_failed(self, order: Order, error: TryAgain | OutcomeUnknown) -> Order:
        if isinstance(error, TryAgain):
            until = retries.when_back(self.clock(), self.random, error.after)
            return self._record(order, lambda order: payment.put_off(order, until))
        until, tries = retries.after_lost(order.payment.tries, self.clock(), self.random, error.after)
        spent = error.key_spent
        return self._record(order, lambda order: payment.lost(order, until, self.clock(), spent, tries))

    def _look_failed(self, order: Order, error: TryAgain | OutcomeUnknown) -> Order:
        if isinstance(error, NotThrough):
            at = error.at
            until, tries = retries.after_lost(order.payment.tries + 1, self.clock(), self.random, error.after)
            return self._record(order, lambda order: not_through(order, at, until, tries, self.clock(), self.desk))
        until = retries.when_back(self.clock(), self.random, error.after)
        return self._record(order, lambda order: payment.not_answered(order, until, self.clock()))

    def _record(self, order: Order, change: Callable[[Order], Change]) -> Order:
        return record(self.ledger, order, lambda order: caught_up(change(order), self.clock()), about=_asked_about)


def _asked_about(order: Order) -> tuple[object, ...]:
    return order.payment.state, order.payment.intent, order.payment.attempt, order.payment.cards
