"""The books: what people asked for, the till each minute, the audit once an hour."""

from __future__ import annotations

from contextlib import suppress

from fallback import logs
from fallback.bootstrap import Container
from fallback.domain import audit, till
from fallback.domain.errors import UnknownIncident
from fallback.domain.mode import hands_over

log = logs.get_logger(process="clock")


class Bookkeeping:
    def __init__(self, container: Container) -> None:
        self._container = container

    def once(self) -> None:
        """Raises TryAgain while the ledger is away."""
        self._count()
        self._count_till()
        self._audit()

    def _count(self) -> None:
        books = self._container.books
        for incident_id in books.asked():
            with suppress(UnknownIncident):
                balance = self._container.count_balance(incident_id)
                log.info("counted", incident=incident_id, count=balance.captured.orders)
            books.answered(incident_id)

    def _count_till(self) -> None:
        last, now = self._container.books.last_till(), self._container.clock()
        if last is None or now - last.counted_at >= till.EVERY:
            self._container.count_till()

    def _audit(self) -> None:
        """A primary that is thought down is not asked what it has."""
        container = self._container
        last, now = container.books.last_audit(), container.clock()
        if (last and now - last.at < audit.EVERY) or not hands_over(container.modes.read().mode):
            return
        found = container.audit_primary()
        if found.new:
            log.error("primary_regressed", count=found.new)
        else:
            log.info("audited", count=found.checked, reason=found.why_not or "nothing is missing")
