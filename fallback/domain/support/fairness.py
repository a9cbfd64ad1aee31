"""Compares customers who wait, who ask and who complain: is each group served equally fast?

Everything is read from timelines.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median, quantiles

from msgspec import Struct

from fallback.domain.order.actors import MACHINES
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.order import Event
from fallback.domain.support.late import last_by_customer

# Actors whose timeline lines are not help by a person.
ALONE = MACHINES | {"customer"}
ASKED = "asked_for_a_person"
AGREED = frozenset({"refund_granted", "refund_approved"})
WORDS_TO_CUSTOMER = frozenset({"notice_sent", "notice_unknown"})
# An order has ended when one event of each pair has happened: goods and money are where they belong.
ENDS = (
    (frozenset({"verified"}), frozenset({"captured", "captured_in_part"})),
    (frozenset({"merged", "cancelled"}), frozenset({"voided", "refunded"})),
)

MILLISECOND = timedelta(milliseconds=1)


class Way(StrEnum):
    """How an order was resolved.

    `self`: no person touched it. `waited`: it waited for a person, and the customer did not ask for one. `asked`: the
    customer asked for one, or a person acted on an order that was not on hold, as after a call. `escalated`: it was
    escalated.
    """

    SELF = "self"
    WAITED = "waited"
    ASKED = "asked"
    ESCALATED = "escalated"


class Story(Struct, frozen=True):
    """One order in figures. `settled_in`, `word_in`: time since it was received; None while that has not happened.

    `refunded` is what went back to the card, including goodwill; `goodwill` what was granted. Minor units of
    `currency`. `finished`: whether the customer took the last step; `helped`: whether an agent had helped.
    """

    way: Way
    currency: str
    settled_in: timedelta | None = None
    word_in: timedelta | None = None
    refunded: int = 0
    goodwill: int = 0
    finished: bool = False
    helped: bool = False


class WaitSpread(Struct, frozen=True):
    """Durations in seconds: of `count` orders, half took at most `median`, nine of ten at most `p90`."""

    count: int
    median: float | None = None
    p90: float | None = None


class Group(Struct, frozen=True):
    """The orders that were resolved in one way. Amounts by currency, in minor units.

    `finished`: how many their customers finished themselves, `with_help`: how many of these with an agent's help.
    """

    way: Way
    orders: int
    open: int
    settled: WaitSpread
    word: WaitSpread
    refunded: dict[str, int]
    goodwill: dict[str, int]
    finished: int = 0
    with_help: int = 0


class Report(Struct, frozen=True):
    """Orders received from `since` until before `until`. `left_out`: how many of the oldest were not evaluated.

    `unread`: how many of the others could not be read.
    """

    since: datetime
    until: datetime
    groups: tuple[Group, ...]
    left_out: int = 0
    unread: int = 0

    @property
    def orders(self) -> int:
        return sum(each.orders for each in self.groups)


def tell(received_at: datetime, currency: str, timeline: Sequence[Event]) -> Story:
    """The figures of one order. `timeline`: oldest first."""
    ended, heard = _ended_at(timeline), _first(timeline, WORDS_TO_CUSTOMER)
    refunds = [event for event in timeline if event.what == "refunded"]
    came_back = [event for event in timeline if event.what == "refund_failed"]
    goodwill = [event for event in timeline if event.what in AGREED and event.data.get("kind") == GrantKind.GOODWILL]
    finish = last_by_customer(timeline) if ended else None
    return Story(
        way=way_of(timeline),
        currency=currency,
        settled_in=_since(received_at, ended),
        word_in=_since(received_at, heard),
        refunded=max(0, _sum(refunds) - _sum(came_back)),
        goodwill=_sum(goodwill),
        finished=finish is not None,
        helped=bool(finish and finish.helped),
    )


def way_of(timeline: Iterable[Event]) -> Way:
    waited = asked = helped = False
    for event in timeline:
        if event.what == "escalated":
            return Way.ESCALATED
        if ASKED in (event.what, event.data.get("code")):
            asked = True
        elif event.what == "on_hold":
            waited = True
        elif event.who not in ALONE:
            helped = True
    if asked or (helped and not waited):
        return Way.ASKED
    return Way.WAITED if waited else Way.SELF


def group(stories: Iterable[Story]) -> tuple[Group, ...]:
    """One group for each way, even if no order went that way."""
    told = list(stories)
    return tuple(_group(way, [story for story in told if story.way is way]) for way in Way)


def _group(way: Way, stories: Sequence[Story]) -> Group:
    refunded: Counter[str] = Counter()
    goodwill: Counter[str] = Counter()
    for story in stories:
        refunded[story.currency] += story.refunded
        goodwill[story.currency] += story.goodwill
    return Group(
        way=way,
        orders=len(stories),
        open=sum(story.settled_in is None for story in stories),
        settled=spread(story.settled_in for story in stories),
        word=spread(story.word_in for story in stories),
        refunded=dict(+refunded),
        goodwill=dict(+goodwill),
        finished=sum(story.finished for story in stories),
        with_help=sum(story.helped for story in stories),
    )


def spread(durations: Iterable[timedelta | None]) -> WaitSpread:
    """Ignores unknown durations."""
    # Whole numbers: between two equal floats, `quantiles` may interpolate a larger value than both.
    taken = [duration // MILLISECOND for duration in durations if duration is not None]
    if not taken:
        return WaitSpread(0)
    p90 = quantiles(taken, n=10, method="inclusive")[-1] if len(taken) > 1 else taken[0]
    return WaitSpread(len(taken), median(taken) / 1000, p90 / 1000)


def _ended_at(timeline: Sequence[Event]) -> datetime | None:
    ends = [[_first(timeline, words) for words in both] for both in ENDS]
    return min((max(filter(None, moments)) for moments in ends if all(moments)), default=None)


def _first(timeline: Iterable[Event], words: frozenset[str]) -> datetime | None:
    return next((event.at for event in timeline if event.what in words), None)


def _since(start: datetime, end: datetime | None) -> timedelta | None:
    """Never negative: the clocks of two computers may differ slightly."""
    return None if end is None else max(end - start, timedelta())


def _sum(events: Iterable[Event]) -> int:
    return sum(int(event.data.get("amount", 0)) for event in events)
