"""Look whether the shop still has what it had. What it lost is held for a person, and nothing more is handed over."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from fallback.domain.audit import LOOKS_BACK, Audit, Halt
from fallback.domain.comparing import CLOCK_SKEW, really_missing
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.incident import ITSELF, Entry, Happened, told
from fallback.domain.losses import is_known, lost_by_shop, should_be_there
from fallback.domain.oncall_ports import Books, Halts, Incidents
from fallback.domain.ports import Clock, Ledger, Primary
from fallback.domain.recording import record


def audit_primary(
    since: datetime | None = None,
    *,
    books: Books,
    ledger: Ledger,
    primary: Primary,
    incidents: Incidents,
    halts: Halts,
    clock: Clock,
    desk: str,
) -> Audit:
    """Of the orders received since then; by itself as far back as LOOKS_BACK. Raises TryAgain while the ledger is away.

    The drain is halted before the first order is held: what is handed over to a shop that forgets is lost with it.
    """
    now = clock()
    since = since or now - LOOKS_BACK
    expected = {order.ref for order, _ in books.scan(books.since(since)) if should_be_there(order)}
    checked = len(expected)
    try:
        expected.difference_update(there.ref for there in primary.placed_since(since - CLOCK_SKEW) if there.ref)
        missing = list(really_missing(primary, sorted(expected)))
    except (TryAgain, OutcomeUnknown, Refused) as error:
        audit = Audit(now, since, checked, why_not=str(error))
        books.keep_audit(audit)
        return audit
    orders = [order for order in map(ledger.load, missing) if should_be_there(order)]
    news = [order for order in orders if not is_known(order)]
    if news:
        _halt(len(news), now, incidents, halts)
    for order in news:
        record(ledger, order, partial(lost_by_shop, now=now, owner=desk))
    audit = Audit(now, since, checked, tuple(order.ref for order in orders), len(news))
    books.keep_audit(audit)
    return audit


def _halt(count: int, now: datetime, incidents: Incidents, halts: Halts) -> None:
    reason = f"The shop has lost {count} of the orders that it had. Was an older backup restored?"
    last = incidents.last()
    if halts.halt(Halt(now, ITSELF, reason)) and last:
        incidents.change(last.id, partial(told, entry=Entry(now, Happened.HALTED, ITSELF, reason)))
