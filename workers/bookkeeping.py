"""The books, in a thread of the clock process: what people asked for, the till each minute, the audit once an hour."""

from __future__ import annotations

from contextlib import suppress

from fallback import logs
from fallback.bootstrap import Container
from fallback.domain import audit, till
from fallback.domain.errors import TryAgain, UnknownIncident
from fallback.domain.mode import hands_over
from fallback.ledger.leases import Leases

LEASE = "books"
# Longer than a count takes; after a clock that died in the middle of one, another waits so long before it counts.
LEASE_SECONDS = 600.0
LOOK_SECONDS = 2.0

log = logs.get_logger(process="clock")


class Bookkeeping:
    """Several clocks may run; one of them keeps the books."""

    def __init__(self, container: Container, leases: Leases) -> None:
        self._container = container
        self._leases = leases

    def once(self) -> None:
        """Raises TryAgain while the ledger is away."""
        if not self._leases.hold(LEASE, LEASE_SECONDS):
            return
        try:
            self._count()
            self._count_till()
            self._audit()
        finally:
            with suppress(TryAgain):
                self._leases.release(LEASE)

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
            log.info("audited", count=found.checked, why=found.why_not or "nothing is missing")
