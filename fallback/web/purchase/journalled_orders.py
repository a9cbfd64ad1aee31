"""Finds an order that the ledger does not show: in this machine's journal, or under the ref that stands for it."""

from __future__ import annotations

from contextlib import suppress

from fallback.domain.checkout.journal import CancelAsked, Journalled
from fallback.domain.errors import TryAgain
from fallback.web.http.auth import container, has_order_link


def in_journal(ref: str) -> Journalled | None:
    journal = container().journal
    return journal.of_ref(ref) if journal else None


def cancel(found: Journalled) -> None:
    """It is done when the ledger has the order. Repeating it changes nothing. Raises TryAgain: the journal is full."""
    journal = container().journal
    if journal and not found.cancel_asked:
        journal.keep(CancelAsked(found.taken.ref, container().clock()))


def first_of(ref: str) -> str | None:
    """The ref of the order that stands for the purchase, for who has the link of this one."""
    if container().journal and has_order_link(ref):
        with suppress(TryAgain):
            return container().second_refs.first_of(ref)
    return None
