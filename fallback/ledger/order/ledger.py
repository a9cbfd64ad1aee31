"""The ledger in Redis: `accept` and `commit` are the two ways to write an order, each one script and one round trip."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import chain
from secrets import token_hex
from typing import Any, cast

import redis
from msgspec import structs

from fallback.domain.clock import Clock
from fallback.domain.errors import AlreadyDone, Conflict, UnknownOrder
from fallback.domain.order.exposure import NO_LIMITS, Terms
from fallback.domain.order.grants import Booked, GrantKind
from fallback.domain.order.ledger import Accepted, KeyReused, Outcome, first_events
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Customer, Event, Order, Queue
from fallback.ledger.order import accepting, documents, entries
from fallback.ledger.order.announcements import Telling
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.entries import Move
from fallback.ledger.redis import keys
from fallback.ledger.redis.clock import BOUND, RedisClock
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable
from fallback.ledger.redis.group_commit import GroupCommit
from fallback.ledger.redis.in_loop import InLoop
from fallback.ledger.scripts import ACCEPT, CLAIM_DUE, COMMIT, REPLAY
from fallback.runtime.logs import get_logger

EVENT_LIFE_MS = int(timedelta(days=7).total_seconds() * 1000)
BELL_LIFE_MS = 2_000
INBOX_ROOM = 1_000
# More than are under way or put off at a time; all others are sorted by age.
MOST_AHEAD = 500
# The order whose authorization lapses first is handed over first.
_GO_FIRST = {Queue.PLACEMENT: (keys.CAPTURE_BEFORE,)}

log = get_logger()


class RedisLedger:
    """Implements order.ledger.Ledger. Thread safe. `replicas`: how many must have an order before the response.

    `receivers`: the names of those to whom orders are announced. `damaged`: shared by all that read orders.
    """

    def __init__(
        self,
        client: redis.Redis,
        crypto: Crypto,
        replicas: int = 0,
        clock: Clock | None = None,
        receivers: Sequence[str] = (),
        damaged: DamagedOrders | None = None,
    ) -> None:
        self.damaged = damaged or DamagedOrders(client)
        self.clock = clock or RedisClock(lambda: client)
        self._redis = client
        self._crypto = crypto
        self._telling = Telling(receivers, lambda: self.clock())
        self._new = GroupCommit(client, replicas)
        self._in_loop = InLoop(self._new)
        self._changed = GroupCommit(client)  # waits for no replica: known orders are worked on without one

    # --- writing

    def accept(self, order: Order, key: str, fingerprint: str, terms: Terms = NO_LIMITS) -> Outcome:
        due = due_times(order)
        with reachable():
            answer = ACCEPT(self._new.write, *self.accept_call(order, due, key, fingerprint, terms))
        return accepting.outcome(answer, order, fingerprint, due)

    async def accept_in_loop(self, order: Order, key: str, fingerprint: str, terms: Terms = NO_LIMITS) -> Outcome:
        """As `accept`, for an event loop. Raises NoScriptError if Redis does not know the script yet."""
        due = due_times(order)
        with reachable():
            answer = await self._in_loop.write(*ACCEPT.command(*self.accept_call(order, due, key, fingerprint, terms)))
        return accepting.outcome(answer, order, fingerprint, due)

    def accept_call(
        self, order: Order, due: Mapping[Queue, datetime], key: str, fingerprint: str, terms: Terms = NO_LIMITS
    ) -> tuple[list[str], list[Any]]:
        """The keys and arguments of scripts/accept.lua. `due`: from `due_times`."""
        sequence, *indexes = entries.sequence_keys(order)
        if not order.drill:
            indexes += [keys.headline(headline(order)), *entries.part_keys(order.ref)]
            indexes += self._person_keys(order.customer)
        names = [accepting.idempotency_key(key), keys.cart(order.cart_id), keys.order(order.ref), sequence]
        receivers, when, what = self._telling.of_new(order)
        names += [keys.EXPOSURE, keys.STOCK, keys.STRIPE, keys.TALLIES, *indexes, *receivers]
        for queue in due:
            names += (keys.due(queue), keys.bell(queue))
        arguments = [
            order.ref,
            *accepting.to_remember(order, fingerprint),
            documents.encode(order),
            self._sealed(order),
            documents.encode_events(first_events(order)),
            BELL_LIFE_MS,
            len(indexes),
            accepting.takes(order, terms),
            *(len(receivers), when, what),
            *(at.timestamp() for at in due.values()),
        ]
        return names, arguments

    def commit(
        self, old: Order, new: Order, events: Sequence[Event], once: str | None = None, booked: Booked | None = None
    ) -> Order:
        sealed = self._sealed(new) if new.customer != old.customer else b""
        moves = entries.moves(entries.entries_of(old), entries.entries_of(new))
        return self._write(old, new, events, sealed, chain(moves, self._moves_beside(old, new, events)), once, booked)

    def rewrap(self, ref: str) -> bool:
        """Encrypt its personal data with the newest key, and index it with that. False if it already is.

        Raises Conflict.
        """
        order = self.load(ref)
        with reachable():
            sealed = cast(bytes, self._redis.hget(keys.order(ref), "who"))
        if order.customer is None or self._crypto.is_newest(sealed):
            return False
        moves = () if order.drill else self._person_moves(order.customer, order.customer)
        self._write(order, order, [], self._sealed(order), moves)
        return True

    def _write(
        self,
        old: Order,
        new: Order,
        events: Sequence[Event],
        sealed: bytes,
        moves: Iterable[Move],
        once: str | None = None,
        booked: Booked | None = None,
    ) -> Order:
        """The only call of scripts/commit.lua."""
        name, (_, received) = keys.order(old.ref), entries.sequence_keys(old)
        sums = keys.booked(booked.kind, booked.incident, booked.currency) if booked else name
        names = [name, received, keys.event(once) if once else name, sums]
        arguments: list[Any] = [
            old.version,
            token_hex(8),
            documents.encode(new),
            sealed,
            documents.encode_events(events),
            old.ref,
            EVENT_LIFE_MS,
            booked.amount if booked else "",
        ]
        for key, move, figure in moves:
            names.append(key)
            arguments += (move, figure)
        with reachable():
            answer = COMMIT(self._changed.write, names, arguments)
        if answer == b"done":
            return structs.replace(new, version=old.version + 1)
        raise _REFUSALS[answer](old.ref)

    def _moves_beside(self, old: Order, new: Order, events: Sequence[Event]) -> Iterator[Move]:
        """Beside the order's own entries; a drill has none."""
        if new.drill:
            return
        yield from entries.helped(events)
        yield from self._telling.moves(old, new)
        if old.customer != new.customer:
            yield from self._person_moves(old.customer, new.customer)

    def keep_unclaimed(self, event_id: str, payload: bytes) -> None:
        """Beyond INBOX_ROOM nothing is added: Stripe lists its events for 30 days."""
        with reachable():
            if self._redis.hlen(keys.INBOX) < INBOX_ROOM:
                self._redis.hsetnx(keys.INBOX, event_id, self._crypto.seal(payload, event_id))
            else:
                log.warning("inbox_full", count=INBOX_ROOM)

    # --- reading

    def ask(self, *command: str) -> Any:
        """Over the connection that takes new orders, waiting as they do. Raises what redis-py raises."""
        return self._new.write(*command)

    def replay(self, key: str, fingerprint: str) -> Accepted | KeyReused | None:
        with reachable():
            remembered = REPLAY(self._new.write, [accepting.idempotency_key(key)], [])
        return None if remembered is None else accepting.remembered(remembered, fingerprint, "")

    def load(self, ref: str) -> Order:
        with reachable():  # in one round trip with what other threads read and write at the same moment
            row = self._changed.write("HMGET", keys.order(ref), "v", "doc", "who")
        return self._order(ref, *row)

    def load_many(self, refs: Sequence[str]) -> list[Order]:
        """One round trip for all. Raises UnknownOrder for the first that does not exist."""
        with reachable():
            pipeline = self._redis.pipeline(transaction=False)
            for ref in refs:
                pipeline.hmget(keys.order(ref), "v", "doc", "who")
            rows = pipeline.execute()
        return [self._order(ref, *row) for ref, row in zip(refs, rows, strict=True)]

    def ref_of_cart(self, cart_id: str) -> str | None:
        return self._ref(keys.cart(cart_id))

    def ref_of_intent(self, intent_id: str) -> str | None:
        return self._ref(keys.intent(intent_id))

    def refs_of_person(self, *, email: str | None = None, phone: str | None = None, limit: int) -> list[str]:
        ways = (("email", email), ("phone", phone))
        pipeline = self._redis.pipeline(transaction=False)
        for index in (index for kind, value in ways if value for index in self.person_indexes(kind, value)):
            pipeline.zrevrange(index, 0, limit - 1, withscores=True)
        with reachable():
            answers = cast(list[list[tuple[bytes, float]]], pipeline.execute())
        sequence = {ref.decode(): at for found in answers for ref, at in found}
        return sorted(sequence, key=lambda ref: -sequence[ref])[:limit]

    def person_indexes(self, kind: str, value: str) -> list[str]:
        """The keys of the sets that contain this person, one for each secret key, newest first."""
        return [keys.person(kind, digest) for digest in self._crypto.blinds(kind, value)]

    def unclaimed(self) -> dict[str, bytes]:
        """The inbox: webhooks that belong to no order of ours, by event id."""
        with reachable():
            sealed = cast(dict[bytes, bytes], self._redis.hgetall(keys.INBOX))
        return {name.decode(): self._crypto.open(payload, name.decode()) for name, payload in sealed.items()}

    def drop_unclaimed(self, event_ids: Sequence[str]) -> None:
        """Delete these from the inbox."""
        if event_ids:
            with reachable():
                self._redis.hdel(keys.INBOX, *event_ids)

    def booked(self, kind: GrantKind, incident: str, currency: str) -> Booked:
        with reachable():
            sums = self._redis.zrange(keys.booked(kind, incident, currency), 0, -1, withscores=True)
        amount = sum(int(granted) for _, granted in cast(list[tuple[bytes, float]], sums))
        return Booked(kind, incident, currency, amount)

    def timeline(self, ref: str) -> list[Event]:
        with reachable():
            lines = cast(bytes | None, self._redis.hget(keys.order(ref), "log"))
        if lines is None:
            raise UnknownOrder(ref)
        with self.damaged.reading(ref):
            return documents.decode_events(lines)

    # --- due work

    def count_due(self, queue: Queue, ahead: timedelta = timedelta()) -> int:
        with reachable():
            return self._redis.zcount(keys.due(queue), "-inf", (self.clock() + ahead).timestamp())

    def claim_due(self, queue: Queue, lease: timedelta, limit: int) -> list[str]:
        names, now = [keys.due(queue), keys.bell(queue), *_GO_FIRST.get(queue, ())], self.clock().timestamp()
        arguments = [now, lease.total_seconds(), limit, BELL_LIFE_MS, MOST_AHEAD, BOUND.total_seconds()]
        with reachable():
            return [ref.decode() for ref in CLAIM_DUE(self._redis.execute_command, names, arguments)]

    # --- details

    def _person_keys(self, customer: Customer | None) -> list[str]:
        """The indexes that contain this person, by the newest key."""
        ways = entries.ways_to_find(customer)
        return [keys.person(kind, self._crypto.blinds(kind, value)[0]) for kind, value in ways]

    def _person_moves(self, old: Customer | None, new: Customer | None) -> Iterator[Move]:
        """A changed address is found only by its new value, whichever key the old one was indexed with."""
        now = self._person_keys(new)
        for kind, value in entries.ways_to_find(old):
            for digest in self._crypto.blinds(kind, value):
                if keys.person(kind, digest) not in now:
                    yield keys.person(kind, digest), "take", ""
        for key in now:
            yield key, "list", ""

    def _sealed(self, order: Order) -> bytes:
        return self._crypto.encrypt(order.customer, order.ref) if order.customer else ERASED

    def _order(self, ref: str, version: bytes | None, document: bytes | None, who: bytes | None) -> Order:
        if version is None:
            raise UnknownOrder(ref)
        with self.damaged.reading(ref):
            customer = None if who == ERASED else self._crypto.decrypt(who or b"", ref)
            return structs.replace(documents.decode(document, int(version)), customer=customer)

    def _ref(self, key: str) -> str | None:
        with reachable():
            ref = cast(bytes | None, self._redis.get(key))
        return ref.decode() if ref else None


ERASED = b"-"
_REFUSALS = {b"conflict": Conflict, b"missing": UnknownOrder, b"already": AlreadyDone}
