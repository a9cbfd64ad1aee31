"""The ledger in Redis: accept and commit are the two ways to write an order, each one script and one round trip."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any, cast

import redis
from msgspec import structs
from redis.exceptions import ConnectionError as LostConnection
from redis.exceptions import OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as NoAnswer

from fallback.domain.errors import AlreadyDone, Conflict, TryAgain, UnknownOrder
from fallback.domain.lifecycle import due_times, headline
from fallback.domain.order import Event, Order, Queue
from fallback.domain.ports import Accepted, CartTaken, KeyReused
from fallback.ledger import documents, keys
from fallback.ledger.crypto import Crypto
from fallback.ledger.scripts import ACCEPT, CLAIM_DUE, COMMIT
from fallback.ledger.together import Together, TooFewReplicas

KEY_LIFE_MS = int(timedelta(hours=48).total_seconds() * 1000)
EVENT_LIFE_MS = int(timedelta(days=7).total_seconds() * 1000)
BELL_LIFE_MS = 2_000
REPLICA_PATIENCE_MS = 2_000


class RedisLedger:
    """Implements ports.Ledger. Thread safe. `replicas`: how many must have an accepted order before it is answered."""

    def __init__(self, client: redis.Redis, crypto: Crypto, replicas: int = 0) -> None:
        self._redis = client
        self._crypto = crypto
        self._together = Together(client, replicas, REPLICA_PATIENCE_MS)

    # --- writing

    def accept(self, order: Order, key: str, fingerprint: str) -> Accepted | KeyReused | CartTaken:
        with _reachable():
            answer = ACCEPT(self._together.write, *self.accept_call(order, key, fingerprint))
        if answer[0] == b"cart":
            return CartTaken(answer[1].decode())
        if answer[0] == b"key":
            return _remembered(answer[1], fingerprint, order.ref)
        ring = tuple(queue for queue, needed in zip(due_times(order), answer[1:], strict=True) if needed)
        return Accepted(order.ref, order.received_at, ring=ring)

    def accept_call(self, order: Order, key: str, fingerprint: str) -> tuple[list[str], list[Any]]:
        """The keys and arguments of scripts/accept.lua."""
        due = due_times(order)
        indexes = [keys.RECEIVED, keys.headline(headline(order)), *self._person_keys(order)]
        names = [_idempotency_key(key), keys.cart(order.cart_id), keys.order(order.ref), keys.SEQUENCE, *indexes]
        for queue in due:
            names += (keys.due(queue), keys.bell(queue))
        arguments = [
            order.ref,
            f"{fingerprint} {order.ref} {order.received_at.isoformat()}",
            KEY_LIFE_MS,
            documents.encode(order),
            self._sealed(order),
            documents.encode_events([Event(order.received_at, "received", "customer")]),
            BELL_LIFE_MS,
            len(indexes),
            *(at.timestamp() for at in due.values()),
        ]
        return names, arguments

    def commit(self, old: Order, new: Order, events: Sequence[Event], once: str | None = None) -> Order:
        names = [keys.order(old.ref), keys.RECEIVED, keys.event(once) if once else ""]
        sealed = self._sealed(new) if new.customer != old.customer else b""
        arguments: list[Any] = [
            old.version,
            token_hex(8),
            documents.encode(new),
            sealed,
            documents.encode_events(events),
            old.ref,
            EVENT_LIFE_MS,
        ]
        for key, move, figure in documents.moves(old, new):
            names.append(key)
            arguments += (move, figure)
        with _reachable():
            answer = COMMIT(self._redis.execute_command, names, arguments)
        if answer == b"done":
            return structs.replace(new, version=old.version + 1)
        raise _REFUSALS[answer](old.ref)

    def keep_unclaimed(self, event_id: str, payload: bytes) -> None:
        with _reachable():
            self._redis.hsetnx(keys.INBOX, event_id, payload)

    # --- reading

    def replay(self, key: str, fingerprint: str) -> Accepted | KeyReused | None:
        with _reachable():
            remembered = cast(bytes | None, self._redis.get(_idempotency_key(key)))
        return None if remembered is None else _remembered(remembered, fingerprint, "")

    def load(self, ref: str) -> Order:
        return self.load_many([ref])[0]

    def load_many(self, refs: Sequence[str]) -> list[Order]:
        """One round trip for all. Raises UnknownOrder for the first that is not there."""
        with _reachable():
            pipeline = self._redis.pipeline(transaction=False)
            for ref in refs:
                pipeline.hmget(keys.order(ref), "v", "doc", "who")
            rows = pipeline.execute()
        return [self._order(ref, *row) for ref, row in zip(refs, rows, strict=True)]

    def ref_of_cart(self, cart_id: str) -> str | None:
        return self._ref(keys.cart(cart_id))

    def ref_of_intent(self, intent_id: str) -> str | None:
        return self._ref(keys.intent(intent_id))

    def timeline(self, ref: str) -> list[Event]:
        with _reachable():
            lines = cast(bytes | None, self._redis.hget(keys.order(ref), "log"))
        if lines is None:
            raise UnknownOrder(ref)
        return documents.decode_events(lines)

    # --- due work

    def count_due(self, queue: Queue, now: datetime) -> int:
        with _reachable():
            return self._redis.zcount(keys.due(queue), "-inf", now.timestamp())

    def claim_due(self, queue: Queue, now: datetime, lease: timedelta, limit: int) -> list[str]:
        arguments = [now.timestamp(), (now + lease).timestamp(), limit, BELL_LIFE_MS]
        with _reachable():
            refs = CLAIM_DUE(self._redis.execute_command, [keys.due(queue), keys.bell(queue)], arguments)
        return [ref.decode() for ref in refs]

    # --- details

    def _person_keys(self, order: Order) -> Iterator[str]:
        if order.customer:
            yield keys.person("email", self._crypto.blind_email(order.customer.email))
            if order.customer.phone:
                yield keys.person("phone", self._crypto.blind_phone(order.customer.phone))

    def _sealed(self, order: Order) -> bytes:
        return self._crypto.encrypt(order.customer, order.ref) if order.customer else ERASED

    def _order(self, ref: str, version: bytes | None, document: bytes, who: bytes) -> Order:
        if version is None:
            raise UnknownOrder(ref)
        customer = None if who == ERASED else self._crypto.decrypt(who, ref)
        return structs.replace(documents.decode(document, int(version)), customer=customer)

    def _ref(self, key: str) -> str | None:
        with _reachable():
            ref = cast(bytes | None, self._redis.get(key))
        return ref.decode() if ref else None


ERASED = b"-"
_REFUSALS = {b"conflict": Conflict, b"missing": UnknownOrder, b"already": AlreadyDone}


@contextmanager
def _reachable() -> Iterator[None]:
    """Redis away, full or demoted is the same to everybody above: try again."""
    try:
        yield
    except (LostConnection, NoAnswer, OutOfMemoryError, ReadOnlyError, TooFewReplicas) as error:
        raise TryAgain(f"the ledger cannot be written or read: {type(error).__name__}") from error


def _idempotency_key(key: str) -> str:
    return keys.idempotency(urlsafe_b64encode(sha256(key.encode()).digest()[:16]).rstrip(b"=").decode())


def _remembered(record: bytes, fingerprint: str, own_ref: str) -> Accepted | KeyReused:
    then, ref, received_at = record.decode().split(" ")
    if then != fingerprint:
        return KeyReused()
    # Our own ref comes back when the script was sent twice because its first answer was lost: that is no replay.
    return Accepted(ref, datetime.fromisoformat(received_at), replayed=ref != own_ref)
