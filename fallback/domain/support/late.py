"""A person acts on what she saw: if another person was first, she is told what was done, and nothing is written.

What machines write meanwhile (a notice went out, the bank answered) is no reason to refuse her: whether her wish is
still possible is decided on the order as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime

from msgspec import Struct

from fallback.domain.errors import Conflict, FallbackError, NotAllowedNow
from fallback.domain.order.actors import CUSTOMER, MACHINES
from fallback.domain.order.bounded import check_room
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import is_over
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.record import TRIES
from fallback.domain.support.owner_mail import known_to


class Late(FallbackError):
    """Another person acted first. `events`: what she did since, oldest first."""

    def __init__(self, ref: str, events: tuple[Event, ...]) -> None:
        super().__init__(f"{events[-1].who} was first: {events[-1].what}")
        self.ref = ref
        self.events = events


# What people write in the timeline without moving the purchase, by the matter it is about.
TALK = {
    "noted": "note",
    "rated": "rating",
    "links_renewed": "link",
    "payment_link_sent": "link",
    "asked_for_a_person": "question",
    "answered": "question",
    "call_arranged": "call",
    "called": "call",
    "owner_given": "owner",
    "handed_over": "owner",
    "handover_accepted": "owner",
    "taken_over": "claim",
    "erased": "data",
}
# What an agent has to read before she goes on, whatever she is about to do.
TO_BE_READ = frozenset({"asked_for_a_person", "taken_over"})
# What helps the customer only by what follows from it.
AMONG_US = frozenset({"noted", "owner_given", "handed_over", "handover_accepted", "taken_over", "erased"})


def act(ledger: Ledger, ref: str, who: str, seen: int, change: Callable[[Order], Change | None]) -> Order:
    """Commit `change(order)` for `who`. `seen`: how many lines the timeline had when she decided. None changes nothing.

    Raises Late, UnknownOrder, TooMuch, and what `change` raises.
    """
    for _ in range(TRIES):
        order = ledger.load(ref)
        # Read after the order: a line that is newer than it makes the commit fail, and we look again.
        since = ledger.timeline(ref)[seen:]
        _raise_if_late(ref, done_by_others(since, who))
        try:
            changed = change(order)
        except NotAllowedNow:
            _raise_if_late(ref, _by_others(since, who))  # who has done it already
            raise
        if changed is None:
            return order
        _raise_if_late(ref, done_by_others(since, who, [event.what for event in changed.events]))
        check_room(order, changed.events)
        after = known_to(changed.order, who) if changed.order.owner == who else changed.order
        with suppress(Conflict):
            return ledger.commit(order, after, changed.events, booked=changed.booked)
    raise Conflict(ref)


def _raise_if_late(ref: str, others: tuple[Event, ...]) -> None:
    if others:
        raise Late(ref, others)


def done_by_others(since: Sequence[Event], who: str, doing: Sequence[str] = ()) -> tuple[Event, ...]:
    """What she has to know before she acts, of what other people did since she looked; oldest first.

    Talk keeps nobody off, unless it is about the matter that she is about to write of herself: the words `doing`.
    """
    matters = {TALK[what] for what in doing if what in TALK}

    def has_to_know(event: Event) -> bool:
        matter = TALK.get(event.what)
        return matter is None or matter in matters or (who != CUSTOMER and event.what in TO_BE_READ)

    return tuple(event for event in _by_others(since, who) if has_to_know(event))


def _by_others(since: Sequence[Event], who: str) -> tuple[Event, ...]:
    return tuple(event for event in since if event.who not in MACHINES | {who})


class Finish(Struct, frozen=True):
    """The customer did the last thing that was to be done, at `at`; `helped`: who of ours had helped her to it."""

    at: datetime
    helped: tuple[str, ...] = ()


def finished_by_customer(order: Order, timeline: Sequence[Event]) -> Finish | None:
    """If nobody has anything left to do (no question, no hand-over), and no other person acted after the customer."""
    return last_by_customer(timeline) if is_over(order) and not order.handover else None


def last_by_customer(timeline: Sequence[Event]) -> Finish | None:
    """What moved the purchase last by a person's doing, if it was hers."""
    moved = [place for place, event in enumerate(timeline) if event.who not in MACHINES and event.what not in TALK]
    if not moved or timeline[moved[-1]].who != CUSTOMER:
        return None
    helped = dict.fromkeys(event.who for event in timeline[: moved[-1]] if is_help(event))
    return Finish(timeline[moved[-1]].at, tuple(helped))


def is_help(event: Event) -> bool:
    """Whether a person of ours did something for the customer."""
    return event.who not in MACHINES | {CUSTOMER} and event.what not in AMONG_US
