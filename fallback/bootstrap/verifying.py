"""What reads each kind of stored document besides orders, so that all of them can be tried."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from fallback.domain.payment import inbox
from fallback.ledger.redis import keys
from fallback.ledger.verify.verification import Readers

if TYPE_CHECKING:
    from fallback.bootstrap.container import Container

ALL = 10**6
SOME_DAY = datetime(9999, 1, 1, tzinfo=UTC)


def readers(built: Container) -> Readers:
    """By the key, or by what it begins with."""
    alone: dict[str, Callable[[], object]] = {
        keys.PEOPLE: built.people.all,
        keys.INBOX: lambda: list(map(inbox.unpack, built.ledger.unclaimed().values())),
        keys.MODE: built.modes.read,
        keys.MODE_LOG: built.modes.log,
        keys.PACE_LOG: built.pace.decided,
        keys.PACE_GOING: built.pace.going,
        keys.SIGHTING: built.observations.read,
        keys.ALERTS: built.outbox.memory,
        keys.ACKNOWLEDGED: built.outbox.acknowledged,
        keys.TELLINGS: lambda: built.outbox.due(SOME_DAY, ALL),
        keys.RECEIVERS_AWAY: built.announcements.away,
        keys.STATUS_PAGE: built.public_statuses.read,
        keys.SUBSCRIPTIONS: built.subscriptions.each,
        keys.REMARKS: lambda: built.remarks.newest(ALL),
        keys.REPLIES: built.saved_replies.read,
        keys.LOOKS: lambda: built.drafts.looks(ALL),
        keys.DRILLS: built.drills.newest,
        keys.MINUTES: lambda: built.minutes.noted(built.clock()),
        keys.HALT: built.halts.read,
        keys.AUDIT: built.books.last_audit,
        keys.TILL: built.books.last_running_totals,
    }
    many: dict[str, Callable[[str], object]] = {
        keys.incident(""): built.incidents.load,
        keys.balance(""): built.books.balance,
        keys.draft(""): built.drafts.of_cart,
        keys.invited(""): built.invitation_mails.of_cart,
        keys.claim(""): built.claims.current,
        keys.announcing(""): lambda to: built.announcements.due(to, SOME_DAY, ALL),
    }
    return {key: (lambda _, read=read: read()) for key, read in alone.items()} | many
