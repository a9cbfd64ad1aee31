"""The ledger in memory: it keeps its promises, and fails when told to."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import RLock
from typing import NamedTuple

import msgspec
from msgspec.structs import replace

from fallback.domain.clock import Clock
from fallback.domain.errors import AlreadyDone, Conflict, RefTaken, UnknownOrder
from fallback.domain.order import exposure
from fallback.domain.order.exposure import NO_LIMIT, NO_LIMITS, Exposure, PayFirst, SoldOut, Terms, WhenSoldOut
from fallback.domain.order.grants import GIVEN, Booked, GrantKind
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused, first_events, may_be_late
from fallback.domain.order.lifecycle import holds_cart
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Event, Order, PaymentState, Queue
from tests.builders import NOW


class Fault(NamedTuple):
    error: BaseException
    after_effect: bool


class Remembered(NamedTuple):
    fingerprint: str
    ref: str


def _ways(order: Order) -> set[str]:
    return {_plain(order.customer.email), _plain(order.customer.phone)} if order.customer else set()


def _plain(value: str | None) -> str:
    """An address in lower case, a number without its groups."""
    value = value or ""
    return value.strip().casefold() if "@" in value else "".join(filter(str.isdigit, value))


class FakeLedger:
    """The port Ledger. Thread safe.

    Orders are kept as the bytes of their documents, so what comes out was really written. `due` holds what the shifts
    see: for each queue the time at which each ref is looked at next.
    """

    def __init__(self, clock: Clock = lambda: NOW) -> None:
        self.clock = clock
        self.due: dict[Queue, dict[str, datetime]] = {queue: {} for queue in Queue}
        self.inbox: dict[str, bytes] = {}
        self.carts: dict[str, str] = {}
        self.exposure = Exposure()
        self.provider_answers = True
        self._counted_after = 0
        self._documents: dict[str, bytes] = {}
        self._timelines: dict[str, list[Event]] = {}
        self._keys: dict[str, Remembered] = {}
        self._intents: dict[str, str] = {}
        self._recorded: set[str] = set()
        self._faults: defaultdict[str, deque[Fault | None]] = defaultdict(deque)
        self._lock = RLock()

    # --- what a test does

    def fail_next(
        self, call: str, error: BaseException, after_effect: bool = False, times: int = 1, but: int = 0
    ) -> None:
        """After `but` calls of this name the next `times` raise `error`, before or after what they do was done."""
        self._faults[call].extend([None] * but + [Fault(error, after_effect)] * times)

    def keep(self, order: Order) -> Order:
        """The order stands in the ledger as it is, whatever brought it there."""
        with self._lock:
            self._put(None, replace(order, version=1))
            self._timelines[order.ref] = []
            return self.load(order.ref)

    def refs(self) -> list[str]:
        with self._lock:
            return list(self._documents)

    def count_anew(self) -> None:
        self._counted_after, self.exposure = len(self._documents), Exposure()

    # --- the port

    def accept(
        self, order: Order, key: str, fingerprint: str, terms: Terms = NO_LIMITS
    ) -> Accepted | KeyReused | CartTaken | SoldOut | PayFirst:
        with self._call("accept"):
            before = self.replay(key, fingerprint)
            if isinstance(before, Accepted):  # sent twice because the first answer was lost: that is no replay
                return replace(before, replayed=before.ref != order.ref)
            if before:
                return before
            if order.cart_id in self.carts:
                return CartTaken(self.carts[order.cart_id])
            if order.ref in self._documents:
                raise RefTaken(order.ref)
            short = self._short(order)
            if short and terms.sold_out is WhenSoldOut.REFUSE:
                self._refuse("sold_out", order.received_at)
                return SoldOut(short)
            if self._exceeds(order, terms):
                self._refuse("pay_first", order.received_at)
                return PayFirst(order.payment.state is PaymentState.PENDING)
            order = replace(order, late=tuple(short))
            self._keys[key] = Remembered(fingerprint, order.ref)
            self._timelines[order.ref] = first_events(order) + [may_be_late(order.received_at)] * bool(short)
            self._put(None, replace(order, version=1))
            if not order.drill:
                self._begin(order.received_at)
            return Accepted(order.ref, order.received_at, ring=tuple(due_times(order)), late=order.late)

    def replay(self, key: str, fingerprint: str) -> Accepted | KeyReused | None:
        with self._lock:
            before = self._keys.get(key)
            if before is None:
                return None
            if before.fingerprint != fingerprint:
                return KeyReused()
            return Accepted(before.ref, self.load(before.ref).received_at, replayed=True)

    def load(self, ref: str) -> Order:
        with self._call("load"):
            if ref not in self._documents:
                raise UnknownOrder(ref)
            return msgspec.json.decode(self._documents[ref], type=Order)

    def commit(
        self,
        old: Order,
        new: Order,
        events: Sequence[Event],
        once: str | None = None,
        booked: Booked | None = None,
    ) -> Order:
        with self._call("commit"):
            if old.ref not in self._documents:
                raise UnknownOrder(old.ref)
            there = msgspec.json.decode(self._documents[old.ref], type=Order)
            if there.version != old.version:
                raise Conflict(old.ref)
            if once in self._recorded:
                raise AlreadyDone(old.ref)
            if booked and booked != self.booked(booked.kind, booked.incident, booked.currency):
                raise Conflict(old.ref)
            if once:
                self._recorded.add(once)
            new = replace(new, version=old.version + 1)
            self._put(old, new)
            self._timelines[old.ref].extend(events)
            return new

    def ref_of_cart(self, cart_id: str) -> str | None:
        return self.carts.get(cart_id)

    def ref_of_intent(self, intent_id: str) -> str | None:
        return self._intents.get(intent_id)

    def booked(self, kind: GrantKind, incident: str, currency: str) -> Booked:
        with self._lock:
            orders = [msgspec.json.decode(document, type=Order) for document in self._documents.values()]
        grants = [grant for order in orders if order.currency == currency for grant in order.grants]
        mine = [grant for grant in grants if (grant.kind, grant.incident) == (kind, incident) and grant.state in GIVEN]
        return Booked(kind, incident, currency, sum(grant.amount for grant in mine))

    def load_many(self, refs: Sequence[str]) -> list[Order]:
        return [self.load(ref) for ref in refs]

    def refs_of_person(self, *, email: str | None = None, phone: str | None = None, limit: int) -> list[str]:
        with self._lock:
            orders = [msgspec.json.decode(document, type=Order) for document in self._documents.values()]
        asked = {_plain(email), _plain(phone)} - {""}
        return [order.ref for order in orders if asked & _ways(order)][::-1][:limit]

    def timeline(self, ref: str) -> list[Event]:
        if ref not in self._timelines:
            raise UnknownOrder(ref)
        return list(self._timelines[ref])

    def keep_unclaimed(self, event_id: str, payload: bytes) -> None:
        with self._call("keep_unclaimed"):
            self.inbox.setdefault(event_id, payload)

    def unclaimed(self) -> dict[str, bytes]:
        return dict(self.inbox)

    def drop_unclaimed(self, event_ids: Sequence[str]) -> None:
        for event_id in event_ids:
            self.inbox.pop(event_id, None)

    def claim_due(self, queue: Queue, lease: timedelta, limit: int) -> list[str]:
        with self._call("claim_due"):
            due, now = self.due[queue], self.clock()
            claimed = sorted((ref for ref in due if due[ref] <= now), key=lambda ref: self._turn(queue, ref))[:limit]
            due.update(dict.fromkeys(claimed, now + lease))
            return claimed

    def count_due(self, queue: Queue, ahead: timedelta = timedelta()) -> int:
        with self._call("count_due"):
            by = self.clock() + ahead
            return sum(at <= by for at in self.due[queue].values())

    # --- how it works

    def counted(self) -> list[Order]:
        """The orders in the counts."""
        documents = list(self._documents.values())[self._counted_after :]
        return [order for each in documents if not (order := msgspec.json.decode(each, type=Order)).drill]

    def _short(self, order: Order) -> dict[str, int]:
        available = exposure.available(order.lines)
        if order.drill or not available:
            return {}
        taken = Counter[str]()
        for other in self.counted():
            taken += exposure.taken(other)
        left = {sku: available[sku] - taken[sku] for sku in available}
        return {sku: max(left[sku], 0) for sku, wanted in exposure.taken(order).items() if wanted > left[sku]}

    def _exceeds(self, order: Order, terms: Terms) -> bool:
        wanted = exposure.not_authorized(order)
        secured = order.payment.state is PaymentState.PENDING and self.provider_answers
        if order.drill or secured or not wanted:
            return False
        mine = [other for other in self.counted() if other.currency == order.currency]
        open_now = wanted + sum(map(exposure.not_authorized, mine))
        return terms.must_pay_first(order.total) or open_now > terms.unpaid_incident.get(order.currency, NO_LIMIT)

    def _begin(self, at: datetime) -> None:
        self.exposure = replace(self.exposure, since=self.exposure.since or at)

    def _refuse(self, why: str, at: datetime) -> None:
        self._begin(at)
        refused = Counter(self.exposure.refused) + Counter([why])
        self.exposure = replace(self.exposure, refused=dict(refused))

    def _turn(self, queue: Queue, ref: str) -> tuple[bool, datetime, datetime]:
        lapses = self.load(ref).payment.capture_before if queue is Queue.PLACEMENT else None
        at = self.due[queue][ref]
        goes_first = lapses is not None and lapses >= self.clock()
        return not goes_first, lapses if goes_first and lapses else at, at

    def _put(self, old: Order | None, new: Order) -> None:
        self._documents[new.ref] = msgspec.json.encode(new)
        self._move_due(due_times(old) if old else {}, due_times(new), new.ref)
        if new.payment.intent:
            self._intents[new.payment.intent] = new.ref
        if holds_cart(new) and not (old and holds_cart(old)):
            self.carts.setdefault(new.cart_id, new.ref)
        elif not holds_cart(new) and self.carts.get(new.cart_id) == new.ref:
            del self.carts[new.cart_id]

    def _move_due(self, before: dict[Queue, datetime], after: dict[Queue, datetime], ref: str) -> None:
        """A due time that did not change is left alone: a shift may have the order on lease."""
        for queue in Queue:
            if queue not in after:
                self.due[queue].pop(ref, None)
            elif after[queue] != before.get(queue):
                self.due[queue][ref] = after[queue]

    @contextmanager
    def _call(self, name: str) -> Iterator[None]:
        with self._lock:
            faults = self._faults[name]
            fault = faults[0] if faults else None
            if fault and not fault.after_effect:
                raise faults.popleft().error
            yield  # a call that is refused has no effect, and leaves a fault after the effect to the next one
            if faults:
                faults.popleft()
            if fault:
                raise fault.error
