"""Orders that a newer release wrote, and that this one leaves alone, and damaged ones: others do not wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import msgspec
import redis

from fallback.domain.errors import UnknownOrder, Unreadable, WrittenByNewer
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.unread import Found, Unread
from fallback.ledger.order import documents
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.ledger import ERASED, RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.runtime.logs import get_logger

MOST = 200
Parts = tuple[bytes | None, bytes | None, bytes | None]

log = get_logger()


def load_readable(ledger: RedisLedger, refs: Sequence[str]) -> Found:
    """For lists: those of these orders that can be read, and which cannot: newer, damaged, or in an index only."""
    found, unread = list[Order](), Unread([], [])
    try:
        return Found(ledger.load_many(refs), unread)
    except (UnknownOrder, Unreadable):
        for ref in refs:
            try:
                found.append(ledger.load(ref))
            except WrittenByNewer:
                unread.newer.append(ref)
            except Unreadable:  # logged by then
                unread.damaged.append(ref)
            except UnknownOrder:
                ledger.damaged.met(ref, "order_missing")
                unread.damaged.append(ref)
        if unread.newer:
            log.warning("list_without_newer", count=len(unread.newer))
        return Found(found, unread)


class LookingAgain:
    """Finds orders that cannot be read, without a scan. Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, crypto: Crypto, damaged: DamagedOrders) -> None:
        self._redis = client
        self._crypto = crypto
        self._damaged = damaged

    def once(self) -> None:
        """Lists those that are damaged, and no others."""
        listed = self._damaged.listed()  # one that is met from now on is looked at the next time
        self._damaged.confirm(self._unread({*listed, *self._next()}).damaged, listed)

    def unread(self) -> Unread:
        """Among the orders that came last, those that a worker takes next, and those that somebody could not read."""
        return self._unread({*self._damaged.listed(), *self._next()})

    def _unread(self, among: set[str]) -> Unread:
        refs = sorted(among)
        pipeline = self._redis.pipeline(transaction=False)
        for ref in refs:
            pipeline.zscore(keys.RECEIVED, ref)
            pipeline.hmget(keys.order(ref), "doc", "who", "log")
        with reachable():
            answers = pipeline.execute()
        found = Unread([], [])
        for ref, score, parts in zip(refs, answers[::2], answers[1::2], strict=True):
            if score is None and not any(parts):
                continue  # it is not there, and nothing says that it was
            try:
                self._read(ref, *cast(Parts, tuple(parts)))
            except WrittenByNewer:
                found.newer.append(ref)
            except (msgspec.MsgspecError, Undecryptable, ValueError):
                found.damaged.append(ref)
        return found

    def _next(self) -> set[str]:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zrange(keys.RECEIVED, -MOST, -1)
        for queue in Queue:
            pipeline.zrange(keys.due(queue), 0, MOST - 1)
        with reachable():
            return {ref.decode() for found in pipeline.execute() for ref in found}

    def _read(self, ref: str, document: bytes | None, who: bytes | None, lines: bytes | None) -> None:
        documents.decode(document, 0)
        documents.decode_events(lines)
        if lines is None:
            raise ValueError  # a part of it is not there
        if who != ERASED:
            self._crypto.decrypt(who or b"", ref)
