"""Orders that have been over for long enough forget whose they were."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial

from fallback.domain.clock import Clock
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.erasing import PersonalData, erase
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.record import record

# A round each minute: a year's orders of a large shop in a few hours, and nobody else waits for Redis.
MOST = 500


def erase_overdue(
    *, ledger: Ledger, personal: PersonalData, keep: timedelta, clock: Clock, clocks_agree: Callable[[], bool]
) -> None:
    """At most so many in one go; the rest waits for the next round. Several clocks may do it at once.

    Nothing is erased by a clock that may be wrong.
    """
    if not clocks_agree():
        return
    now = clock()
    for ref in personal.overdue(now - keep, MOST):
        with suppress(NotAllowedNow):  # somebody asked something in this moment, so it is open again
            record(ledger, ledger.load(ref), partial(erase, who="worker", now=now))
