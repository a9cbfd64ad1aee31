"""One order as its document says where it stands, beside what Redis has; compared without any call to Redis."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Customer, Event, Order, Queue
from fallback.domain.order.patience import LEASE
from fallback.ledger.order import entries
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.verify.difference import Difference

# Sets that there are always, or may be; each order is looked up in all of them.
ALWAYS = (
    *(keys.RECEIVED, keys.DRILL_ORDERS, keys.NEXT_WORD, keys.CALLBACKS),
    *(keys.CAPTURE_BEFORE, keys.LATE, keys.CONCERNS, keys.KEPT),
    *map(keys.headline, Headline),
    *map(keys.hold, HoldCode),
    *map(keys.due, Queue),
)
_DUE = frozenset(map(keys.due, Queue))
A_SEQUENCE = "an accept sequence"


class Standing(Struct, frozen=True):
    """Where an order must stand. `version`: of the document that says so; empty: there is no such order.

    `people`: for each way to find its customer the keys of which at least one has it. `cart`: the one that it holds, or
    held. `shared`: those of `named` that may be free or hold another order.
    """

    version: str = ""
    received: str = ""
    listed: frozenset[str] = frozenset()
    scored: Mapping[str, float] = {}
    named: frozenset[str] = frozenset()
    people: Sequence[Sequence[str]] = ()
    cart: str = ""
    shared: frozenset[str] = frozenset()

    @property
    def sets(self) -> set[str]:
        """Those in which it may stand."""
        return {*self.listed, *self.scored, *(key for each in self.people for key in each)}


class There(Struct, frozen=True):
    """What Redis has of an order at one moment. `now`: Redis' time. Names that are not there are None."""

    version: str
    now: float
    scores: Mapping[str, float | None]
    names: Mapping[str, str | None]


def standing(order: Order, events: Sequence[Event], crypto: Crypto) -> Standing:
    found = entries.all_entries(order, events)
    return Standing(
        version=str(order.version),
        received=entries.sequence_keys(order)[1],
        listed=frozenset(found.listed),
        scored=found.scored,
        named=frozenset(found.named),
        people=people_keys(None if order.drill else order.customer, crypto),
        cart=keys.cart(order.cart_id),
        shared=frozenset({keys.cart(order.cart_id)} if order.payment.may_have_freed_cart else ()),
    )


def people_keys(customer: Customer | None, crypto: Crypto) -> list[list[str]]:
    """For each way to find the customer, one for each secret key."""
    ways = entries.ways_to_find(customer)
    return [[keys.person(kind, digest) for digest in crypto.blinds(kind, value)] for kind, value in ways]


def compare(ref: str, wanted: Standing, there: There) -> Iterator[Difference]:
    """Both are of the same version."""
    scores = there.scores
    sequence = _sequence(wanted, scores)
    for key in sorted(wanted.listed):
        if scores[key] is None or scores[key] != sequence:
            yield Difference(key, ref, A_SEQUENCE if sequence is None else sequence, scores[key])
    for group in wanted.people:
        if sequence is None or sequence not in [scores[key] for key in group]:
            yield Difference(group[0], ref, A_SEQUENCE if sequence is None else sequence, scores[group[0]])
    for key, score in wanted.scored.items():
        if not _agrees(key, score, scores[key], there.now):
            yield Difference(key, ref, score, scores[key])
    for key in sorted(scores.keys() - wanted.sets):
        if scores[key] is not None:
            yield Difference(key, ref, None, scores[key])
    for key, name in there.names.items():
        if key in wanted.named - wanted.shared and name != ref:
            yield Difference(key, ref, ref, name)
        if key not in wanted.named and name == ref:
            yield Difference(key, ref, None, ref)


def _sequence(wanted: Standing, scores: Mapping[str, float | None]) -> float | None:
    """If the list of all orders has lost it, another index still has it."""
    indexes = (wanted.received, *sorted(wanted.listed))
    return next((score for score in map(scores.get, indexes) if score is not None), None)


def _agrees(key: str, wanted: float, found: float | None, now: float) -> bool:
    """A shift that works on an order has put its due time off by a lease."""
    on_lease = key in _DUE and found is not None and wanted < found <= now + LEASE.total_seconds()
    return found == wanted or on_lease
