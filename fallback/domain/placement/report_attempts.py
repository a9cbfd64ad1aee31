"""Telling the primary how the payment of an order stands, and of a withdrawal, as write-ahead attempts."""

from __future__ import annotations

from collections.abc import Callable, Collection

from fallback.domain import retries
from fallback.domain.call_deadline import leaving_by
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Change, Order, PlacementState
from fallback.domain.order.patience import LEAVES_WITHIN
from fallback.domain.order.record import record
from fallback.domain.order.reporting import stands
from fallback.domain.placement import contract_withdrawal, payment_reports
from fallback.domain.placement.primary import OUTDATED, PAYMENTS, WITHDRAWALS
from fallback.domain.placement.primary_calls import PrimaryCalls


class ReportAttempts(PrimaryCalls):
    def report_payment(self, order: Order, can: Collection[str]) -> Order:
        """Tell it; a report without an answer is repeated, a few times. Raises Conflict if another report came first.

        A primary that refuses to hear it, or never answers, is told by a person. Nothing of the order waits for that.
        """
        told, now, report = stands(order), self.clock(), order.placement.report
        assert report is not None
        if PAYMENTS not in can:
            return self._record_report(order, lambda order: payment_reports.unwanted(order, told))
        if retries.is_poison(report.tries):
            return self._record_report(
                order, lambda order: payment_reports.not_reported(order, told, "no_answer", now, self.desk)
            )
        order = self._record_report(order, lambda order: payment_reports.begun(order, now))
        told = stands(order)  # another write may have come before the one that began it
        try:
            with leaving_by(now + LEAVES_WITHIN, self.clock):
                self.primary.payment_changed(order)
        except TryAgain as error:
            return self._turned_away(order, error.after)
        except OutcomeUnknown as error:
            if error.after is not None:
                return self._turned_away(order, error.after)
            until = retries.backoff(report.tries + 1, self.clock(), self.random)
            return self._record_report(order, lambda order: payment_reports.lost(order, until))
        except Refused as refusal:
            if refusal.code != OUTDATED:  # else a later report came before this one
                code = refusal.code
                return self._record_report(
                    order, lambda order: payment_reports.not_reported(order, told, code, self.clock(), self.desk)
                )
        return self._record_report(order, lambda order: payment_reports.reported(order, told, self.clock()))

    def _turned_away(self, order: Order, after: float | None) -> Order:
        until = retries.when_back(self.clock(), self.random, after)
        return self._record_report(order, lambda order: payment_reports.turned_away(order, until))

    def report_withdrawal(self, order: Order, can: Collection[str]) -> Order:
        """Tell it that the customer withdrew from the contract. Raises Conflict if another report came first.

        Where it cannot hear, refuses, never answers, or has the purchase under an order of its own, a person tells it.
        """
        now, before = self.clock(), order.withdrawal
        assert before is not None
        asks = WITHDRAWALS in can and order.placement.state is not PlacementState.MERGED
        if not asks or retries.is_poison(before.tries):
            return self._record_withdrawal(order, lambda order: contract_withdrawal.by_hand(order, now, self.desk))
        order = self._record_withdrawal(order, lambda order: contract_withdrawal.begun(order, now))
        try:
            with leaving_by(now + LEAVES_WITHIN, self.clock):
                self.primary.withdrawn(order)
        except TryAgain as error:
            return self._withdrawal_turned_away(order, error.after)
        except OutcomeUnknown as error:
            if error.after is not None:
                return self._withdrawal_turned_away(order, error.after)
            until = retries.backoff(before.tries + 1, self.clock(), self.random)
            return self._record_withdrawal(order, lambda order: contract_withdrawal.lost(order, until))
        except Refused as refusal:
            if refusal.code != OUTDATED:
                return self._record_withdrawal(
                    order, lambda order: contract_withdrawal.by_hand(order, self.clock(), self.desk)
                )
        return self._record_withdrawal(order, lambda order: contract_withdrawal.told(order, self.clock()))

    def _withdrawal_turned_away(self, order: Order, after: float | None) -> Order:
        until = retries.when_back(self.clock(), self.random, after)
        return self._record_withdrawal(order, lambda order: contract_withdrawal.turned_away(order, until))

    def _record_withdrawal(self, order: Order, change: Callable[[Order], Change | None]) -> Order:
        return record(self.ledger, order, change, about=lambda order: order.withdrawal)

    def _record_report(self, order: Order, change: Callable[[Order], Change | None]) -> Order:
        return record(self.ledger, order, change, about=lambda order: order.placement.report)
