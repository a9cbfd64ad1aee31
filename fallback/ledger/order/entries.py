"""Where an order stands besides its own key: indexes, due sets, counts and names, and what a commit changes there."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from fallback.domain.order import exposure
from fallback.domain.order.erasing import kept_since
from fallback.domain.order.grants import GIVEN
from fallback.domain.order.lifecycle import headline, holds_cart, is_over, next_word_by, promised
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Customer, Event, Order, Queue
from fallback.domain.order.refs import groups
from fallback.domain.payment.concerns import open_ones
from fallback.domain.support.late import is_help
from fallback.domain.support.owners import owner_of
from fallback.ledger.redis import keys

PART = 3
# By these alone shifts and webhooks find a drill, and drains leave it out.
OF_DRILLS = frozenset({keys.LATE, *map(keys.due, Queue)})

# (key, move, its figure): see scripts/commit.lua
Move = tuple[str, str, float | str]


def part_keys(ref: str) -> list[str]:
    """The index keys by which an order is found from one of the two groups of its ref, or the beginning of one.

    Three characters make sets that Redis stores packed (below 128 entries, up to two million orders): a tenth of the
    memory of one large set of all groups.
    """
    return [part_key(group) for group in groups(ref)]


def part_key(letters: str) -> str:
    """`letters`: at least three."""
    return keys.part(letters[:PART])


def number_key(number: str) -> str:
    """The same key for upper and lower case, and with the sign that shops put before the number."""
    return keys.number(number.strip().lstrip("#").casefold())


def sequence_keys(order: Order) -> tuple[str, str]:
    """The counter and the list of accepted orders; drills have their own, so that they appear in no list or count."""
    return (keys.DRILL_SEQUENCE, keys.DRILL_ORDERS) if order.drill else (keys.SEQUENCE, keys.RECEIVED)


class Entries(NamedTuple):
    """Where an order stands, besides the indexes of its customer and those that it never leaves.

    `listed`: sets in which it stands at its accept sequence. `scored`: sets in which it has a score of its own.
    `counted`: what it adds to the counts, by key and field; scripts/accept.lua adds the same. `cart`, `intent`: the
    strings that hold its ref, or ''.
    """

    listed: set[str]
    scored: dict[str, float]
    counted: Counter[tuple[str, str]]
    cart: str
    intent: str


def entries_of(order: Order) -> Entries:
    scored = {key: at.timestamp() for key, at in _times(order).items()} | _booked(order)
    cart, intent = keys.cart(order.cart_id) if holds_cart(order) else "", order.payment.intent
    named = (cart, keys.intent(intent) if intent else "")
    if order.drill:
        return Entries(set(), {key: scored[key] for key in scored.keys() & OF_DRILLS}, Counter(), *named)
    return Entries(_listed(order), scored, counted(order), *named)


def moves(old: Entries, new: Entries) -> Iterator[Move]:
    """The changes when `old` becomes `new`; none where both agree.

    An unchanged due entry is left alone, because a shift may have it on lease.
    """
    yield from ((key, "take", "") for key in old.listed - new.listed)
    yield from ((key, "list", "") for key in new.listed - old.listed)
    yield from ((key, "take", "") for key in old.scored.keys() - new.scored.keys())
    yield from ((key, "put", at) for key, at in new.scored.items() if at != old.scored.get(key))
    for key, field in old.counted.keys() | new.counted.keys():
        if by := new.counted[key, field] - old.counted[key, field]:
            yield key, "count", f"{by} {field}"
    # An order keeps the names of its earlier intents: news of them may still come. Where a refund of everything failed,
    # or a refunded order is to be cancelled, it has its cart again, unless another does.
    yield from ((key, "name", "") for key in {new.cart, new.intent} - {old.cart, old.intent, ""})
    if old.cart and not new.cart:
        yield old.cart, "free", ""


class AllEntries(NamedTuple):
    """`named`: strings that hold its ref."""

    listed: set[str]
    scored: dict[str, float]
    named: set[str]


def all_entries(order: Order, events: Sequence[Event]) -> AllEntries:
    """All that `accept` and the commits since have written for it; to be compared with what is there."""
    listed, scored, _, cart, intent = entries_of(order)
    named = {name for name in (cart, intent) if name}
    _, received = sequence_keys(order)
    if order.drill:
        return AllEntries({received}, scored, named)
    listed |= {received, *part_keys(order.ref)}
    return AllEntries(listed, scored | {key: float(at) for key, _, at in helped(events)}, named)


def ways_to_find(customer: Customer | None) -> list[tuple[str, str]]:
    """Kind and value of what the customer's indexes are built from: see crypto.blinds."""
    if customer is None:
        return []
    return [("email", customer.email), *([("phone", customer.phone)] if customer.phone else [])]


def helped(events: Sequence[Event]) -> Iterator[Move]:
    """An agent who helps a customer finds the order in the list of orders they helped with."""
    for event in events:
        if is_help(event):
            yield keys.helped(event.who), "put", event.at.timestamp()


def _listed(order: Order) -> set[str]:
    """The sets in which the order stands at its accept sequence, and which it may leave."""
    listed = {keys.headline(headline(order))}
    if order.placement.number:
        listed.add(number_key(order.placement.number))
    if not holds_cart(order) or order.payment.may_have_freed_cart:  # the name of the cart may lead to another order
        listed.add(keys.undone(order.cart_id))
    return listed


def counted(order: Order) -> Counter[tuple[str, str]]:
    added = Counter({(keys.STOCK, sku): pieces for sku, pieces in exposure.taken(order).items()})
    added[(keys.EXPOSURE, f"sum:{order.currency}")] = exposure.not_authorized(order)
    added[(keys.EXPOSURE, "late")] = int(bool(order.late) and exposure.lives(order))
    return added


def _times(order: Order) -> dict[str, datetime]:
    times = {keys.due(queue): at for queue, at in due_times(order).items()}
    times |= {keys.hold(hold.code): next_word_by(order) for hold in order.holds}
    if order.payment.capture_before:
        times[keys.CAPTURE_BEFORE] = order.payment.capture_before
    if doubted := open_ones(order):
        times[keys.CONCERNS] = min(concern.since for concern in doubted)
    if order.placement.late_since:
        times[keys.LATE] = order.placement.late_since
    kept, word, owner = kept_since(order), promised(order), owner_of(order)
    if kept:
        times[keys.KEPT] = kept
    if word:
        times[keys.NEXT_WORD] = word
    if owner:
        times[keys.owner(owner)] = next_word_by(order)
    if is_over(order):
        return times
    if order.handover:
        times[keys.handover(order.handover.to)] = order.handover.accept_by
    if order.callback:
        times[keys.CALLBACKS] = order.callback.at
    return times


def _booked(order: Order) -> dict[str, float]:
    """What was granted for the order, by kind and incident."""
    sums: defaultdict[str, float] = defaultdict(float)
    for grant in order.grants:
        if grant.state in GIVEN:
            sums[keys.booked(grant.kind, grant.incident, order.currency)] += grant.amount
    return sums
