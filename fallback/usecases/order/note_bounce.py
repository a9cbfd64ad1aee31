"""A mail that was accepted did not arrive: the order hears of it, and a person if the customer waits for the mail."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.errors import UnknownOrder
from fallback.domain.order.links import Links
from fallback.domain.order.record import record
from fallback.domain.order.refused_mail import Bounce, returned
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def desk(self) -> str: ...

    @property
    def links(self) -> Links: ...


def note_bounce(deps: Deps, bounce: Bounce) -> str | None:
    """The ref of the order; None if the mail was not ours, or nobody can tell: anybody can write such a report.

    `desk` owns the hold that it causes. Raises TryAgain while the mail is still being handed over.
    """
    named = deps.links.mails.read(bounce.mail)
    if named is None:
        return None
    ref, id = named
    try:
        order = deps.ledger.load(ref)
    except UnknownOrder:
        return None
    record(deps.ledger, order, lambda order: returned(order, id, bounce, deps.clock(), deps.desk))
    return ref
