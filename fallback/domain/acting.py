"""A person acts on what she saw: if another person was first, she is told what was done, and nothing is written.

What machines write meanwhile (a notice went out, the bank answered) is no reason to refuse her: whether her wish is
still possible is decided on the order as it is now.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from fallback.domain.claims import CUSTOMER
from fallback.domain.errors import Conflict, FallbackError
from fallback.domain.lifecycle import ENDED, headline
from fallback.domain.order import Change, Event, Order
from fallback.domain.ports import Ledger
from fallback.domain.recording import TRIES

MACHINES = frozenset({"worker", "stripe", "primary"})


class Late(FallbackError):
    """Another person acted first. `events`: what she did since, oldest first."""

    def __init__(self, ref: str, events: tuple[Event, ...]) -> None:
        super().__init__(f"{events[-1].who} was first: {events[-1].what}")
        self.ref = ref
        self.events = events


def act(ledger: Ledger, ref: str, who: str, seen: int, change: Callable[[Order], Change | None]) -> Order:
    """Commit `change(order)` for `who`. `seen`: how many lines the timeline had when she decided. None changes nothing.

    Raises Late, UnknownOrder, and what `change` raises.
    """
    for _ in range(TRIES):
        order = ledger.load(ref)
        # Read after the order: a line that is newer than it makes the commit fail, and we look again.
        others = done_by_others(ledger.timeline(ref), seen, who)
        if others:
            raise Late(ref, others)
        changed = change(order)
        if changed is None:
            return order
        with suppress(Conflict):
            return ledger.commit(order, changed.order, changed.events, booked=changed.booked)
    raise Conflict(ref)


def done_by_others(timeline: Sequence[Event], seen: int, who: str) -> tuple[Event, ...]:
    """What other people than `who` did after the first `seen` lines, oldest first."""
    return tuple(event for event in timeline[seen:] if event.who not in MACHINES | {who})


# What people write in the timeline without moving the order.
TALK = frozenset({"said", "asked_for_a_person", "answered", "rated", "next_word", "taken_over", "handover_returned"})


def finished_by_customer(order: Order, timeline: Sequence[Event]) -> Event | None:
    """What the customer did last, if the order has ended and no other person did anything for that after her."""
    done = [event for event in timeline if event.who not in MACHINES and event.what not in TALK]
    hers = bool(done) and done[-1].who == CUSTOMER
    return done[-1] if hers and headline(order) in ENDED else None
