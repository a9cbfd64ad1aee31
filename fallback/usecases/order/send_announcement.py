"""Send one announcement of an order to one receiver, or say that the receiver is away."""

from __future__ import annotations

from random import Random
from typing import Protocol

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.order.announcements import GIVEN_UP_AFTER, Announcements, Away, DueAnnouncement, Receiver
from fallback.domain.retries import backoff
from fallback.runtime.logs import get_logger
from fallback.usecases.deps import ClockDeps

log = get_logger()


class Deps(ClockDeps, Protocol):
    @property
    def announcements(self) -> Announcements: ...

    @property
    def random(self) -> Random: ...


def is_given_up(deps: Deps, receiver: Receiver, due: DueAnnouncement) -> bool:
    """Whether it has waited for so long that it is dropped, which it is then."""
    said = due.announcement
    if deps.clock() - said.at <= GIVEN_UP_AFTER:
        return False
    log.error("announcement_given_up", ref=said.ref, kind=said.what, tries=due.tries)
    deps.announcements.sent(receiver.name, due)
    return True


def send_announcement(deps: Deps, receiver: Receiver, due: DueAnnouncement) -> str | None:
    """None if the receiver took it, else why not.

    An attempt is counted before it is made: what a crash interrupted is sent again, with the same id.
    """
    outbox, now, said = deps.announcements, deps.clock(), due.announcement
    tried = outbox.put_off(receiver.name, due, backoff(due.tries + 1, now, deps.random))
    try:
        receiver.tell(said)
    except (TryAgain, Refused) as error:
        log.warning("announcement_put_off", ref=said.ref, kind=said.what, tries=tried.tries, exc_info=error)
        return str(error)
    outbox.sent(receiver.name, tried)
    return None


def note_away(deps: Deps, receiver: Receiver, why: str | None) -> None:
    """Whether the receiver took the last announcement; `why` not, if it did not. It is left alone for a while then."""
    before, now = deps.announcements.away().get(receiver.name), deps.clock()
    if why is not None:
        tries = before.tries + 1 if before else 1
        since = before.since if before else now
        away = Away(receiver.host, since, why, tries, backoff(tries, now, deps.random))
        deps.announcements.note_away(receiver.name, away)
    elif before:
        log.info("receiver_is_back", code=receiver.name)
        deps.announcements.note_away(receiver.name, None)
