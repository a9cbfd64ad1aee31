"""Orders as Redis holds them: the document in JSON without personal data, and what the indexes say about it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec import structs

from fallback.domain.grants import GIVEN
from fallback.domain.lifecycle import due_times, headline, holds_cart
from fallback.domain.order import Event, Order, Queue
from fallback.ledger import keys

_ORDER = msgspec.json.Decoder(Order)
_EVENT = msgspec.json.Decoder(Event)

# (key, what to do, its figure): see scripts/commit.lua
Move = tuple[str, str, float | str]


def encode(order: Order) -> bytes:
    return msgspec.json.encode(structs.replace(order, customer=None, version=0))


def decode(document: bytes, version: int) -> Order:
    return structs.replace(_ORDER.decode(document), version=version)


def encode_events(events: Sequence[Event]) -> bytes:
    """JSON, a line each: the timeline grows by appending."""
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


def decode_events(lines: bytes) -> list[Event]:
    return [_EVENT.decode(line) for line in lines.splitlines()]


def moves(old: Order, new: Order) -> Iterator[Move]:
    """What changes in indexes and due sets when `old` becomes `new`; nothing where both say the same.

    A due entry that did not change is left alone, because a shift may have it on lease.
    """
    was, is_ = headline(old), headline(new)
    if was is not is_:
        yield keys.headline(was), "take", ""
        yield keys.headline(is_), "list", ""
    holds_before = {hold.code: hold.next_word_by for hold in old.holds}
    holds_now = {hold.code: hold.next_word_by for hold in new.holds}
    for code in holds_before.keys() | holds_now.keys():
        if code not in holds_now:
            yield keys.hold(code), "take", ""
        elif holds_now[code] != holds_before.get(code):
            yield keys.hold(code), "put", holds_now[code].timestamp()
    due_before, due_now = due_times(old), due_times(new)
    for queue in Queue:
        if queue in due_now and due_now[queue] != due_before.get(queue):
            yield keys.due(queue), "put", due_now[queue].timestamp()
        elif queue in due_before and queue not in due_now:
            yield keys.due(queue), "take", ""
    if new.payment.intent and new.payment.intent != old.payment.intent:
        yield keys.intent(new.payment.intent), "name", ""
    yield from _bookings(old, new)
    if holds_cart(old) and not holds_cart(new):
        yield keys.cart(new.cart_id), "free", ""


def _bookings(old: Order, new: Order) -> Iterator[Move]:
    """What was granted for the order, under the incidents that it is booked to; what is granted is never taken back."""
    booked = _booked(old)
    for key, amount in _booked(new).items():
        if amount != booked.get(key):
            yield key, "put", amount


def _booked(order: Order) -> Counter[str]:
    sums: Counter[str] = Counter()
    for grant in order.grants:
        if grant.state in GIVEN:
            sums[keys.booked(grant.kind, grant.incident, order.currency)] += grant.amount
    return sums
