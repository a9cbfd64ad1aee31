"""Bookkeeping: requested counts at once, running totals each minute, the audit each hour, standby each day."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from fallback.bootstrap.container import Container
from fallback.domain.errors import UnknownIncident
from fallback.domain.incident import audit, running_totals, standby
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.outage.mode import hands_over
from fallback.runtime import logs
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.count_running_totals import count_running_totals

log = logs.get_logger(process="clock")


class Bookkeeping:
    def __init__(self, container: Container) -> None:
        self._container = container

    def once(self) -> None:
        """Raises TryAgain while the ledger is down."""
        self._count()
        self._count_running_totals()
        self._audit()

    def _count(self) -> None:
        books = self._container.books
        for incident_id in books.asked():
            with suppress(UnknownIncident):
                balance = count_balance(self._container, incident_id)
                log.info("counted", incident=incident_id, count=balance.captured.orders)
                if incident_id == NO_INCIDENT and balance.differences:
                    log.error("standby_does_not_balance", count=len(balance.differences))
            books.answered(incident_id)

    def _count_running_totals(self) -> None:
        last, now = self._container.books.last_running_totals(), self._container.clock()
        if last is None or now - last.counted_at >= running_totals.EVERY:
            count_running_totals(self._container)

    def _ask_for_standby(self, now: datetime) -> None:
        """The count of an incident is requested by a person; standby never ends, so it is counted on schedule."""
        container = self._container
        last = container.books.balance(NO_INCIDENT)
        if last and now - last.counted_at < standby.EVERY:
            return
        spans = incident_or_standby(NO_INCIDENT, container.incidents, container.books, now).spans
        if any(map(container.books.accepted, spans)):
            container.books.ask(NO_INCIDENT)

    def _audit(self) -> None:
        """The scheduled audit runs while orders are handed over: not in an outage, a pause or a halt."""
        container = self._container
        last, now = container.books.last_audit(), container.clock()
        if (last and now - last.at < audit.EVERY) or not self._hands_over():
            return
        self._ask_for_standby(now)
        found = audit_primary(container)
        if found.standing:
            log.error("stands_there_although_over", count=len(found.standing))
        if found.new:
            log.error("primary_regressed", count=found.new)
        else:
            log.info("audited", count=found.checked, reason=found.why_not or "nothing is missing")

    def _hands_over(self) -> bool:
        container = self._container
        goes_on = hands_over(container.modes.read().mode) and container.halts.read() is None
        return goes_on and not container.pace.rule().paused
