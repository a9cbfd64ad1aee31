"""Optimistic concurrency for people: if another person acted first, nothing is written and the actor sees why.

What automation writes meanwhile (a notice was sent, the bank answered) is no reason to refuse: whether the request is
still possible is decided on the current order.
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
    """Another person acted first. `events`: what they did since, oldest first."""

    def __init__(self, ref: str, events: tuple[Event, ...]) -> None:
        super().__init__(f"{events[-1].who} was first: {events[-1].what}")
        self.ref = ref
        self.events = events


# Messages and other events that do not move the purchase, by the matter they are about.
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
# Events that an agent has to read before acting, whatever they are about to do.
TO_BE_READ = frozenset({"asked_for_a_person", "taken_over"})
# Events that help the customer only through what follows from them.
AMONG_US = frozenset({"noted", "owner_given", "handed_over", "handover_accepted", "taken_over", "erased"})


def act(ledger: Ledger, ref: str, who: str, seen: int, change: Callable[[Order], Change | None]) -> Order:
    """Commit `change(order)` for `who`. `seen`: how many timeline lines the person had seen. None changes nothing.

    Raises Late, UnknownOrder, TooMuch, and whatever `change` raises.
    """
    for _ in range(TRIES):
        order = ledger.load(ref)
        # Read after the order: if a line is newer than the order, the commit fails and we read again.
        since = ledger.timeline(ref)[seen:]
        _raise_if_late(ref, done_by_others(since, who))
        try:
            changed = change(order)
        except NotAllowedNow:
            _raise_if_late(ref, _by_others(since, who))  # another person has already done it
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
    """What other people did since the person looked and that they have to know before acting; oldest first.

    Messages block nobody, unless they are about the matter that the person is about to write about: the events `doing`.
    """
    matters = {TALK[what] for what in doing if what in TALK}

    def has_to_know(event: Event) -> bool:
        matter = TALK.get(event.what)
        return matter is None or matter in matters or (who != CUSTOMER and event.what in TO_BE_READ)

    return tuple(event for event in _by_others(since, who) if has_to_know(event))


def _by_others(since: Sequence[Event], who: str) -> tuple[Event, ...]:
    return tuple(event for event in since if event.who not in MACHINES | {who})


class Finish(Struct, frozen=True):
    """The customer took the last step, at `at`; `helped`: the agent who had helped them."""

    at: datetime
    helped: tuple[str, ...] = ()


def finished_by_customer(order: Order, timeline: Sequence[Event]) -> Finish | None:
    """Set if nothing is left to do (no question, no handover) and no other person acted after the customer."""
    return last_by_customer(timeline) if is_over(order) and not order.handover else None


def last_by_customer(timeline: Sequence[Event]) -> Finish | None:
    """The last event by a person that moved the purchase, if it was the customer's."""
    moved = [place for place, event in enumerate(timeline) if event.who not in MACHINES and event.what not in TALK]
    if not moved or timeline[moved[-1]].who != CUSTOMER:
        return None
    helped = dict.fromkeys(event.who for event in timeline[: moved[-1]] if is_help(event))
    return Finish(timeline[moved[-1]].at, tuple(helped))


def is_help(event: Event) -> bool:
    """Whether an agent did something for the customer."""
    return event.who not in MACHINES | {CUSTOMER} and event.what not in AMONG_US
