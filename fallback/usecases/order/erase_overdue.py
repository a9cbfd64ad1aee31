"""Erase the personal data of orders that have been over for long enough."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import Protocol

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.erasing import PersonalData, erase
from fallback.domain.order.record import record
from fallback.runtime.one_by_one import others_go_on
from fallback.usecases.deps import OrderDeps

# One round each minute: a year's orders of a large shop in a few hours, without blocking Redis for others.
MOST = 500


class Deps(OrderDeps, Protocol):
    @property
    def clocks_agree(self) -> Callable[[], bool]: ...

    @property
    def keep_personal_for(self) -> timedelta: ...

    @property
    def personal(self) -> PersonalData: ...


def erase_overdue(deps: Deps) -> None:
    """Handles at most MOST orders; the rest waits for the next round. Several clock processes may do it at once.

    Nothing is erased by a clock that may be wrong.
    """
    if not deps.clocks_agree():
        return
    now = deps.clock()
    for ref in deps.personal.overdue(now - deps.keep_personal_for, MOST):
        with (
            others_go_on("order"),
            suppress(NotAllowedNow),
        ):  # the customer asked something at this moment, so it is open again
            record(deps.ledger, deps.ledger.load(ref), partial(erase, who="worker", now=now))
