"""Orders that a newer release wrote, and that this one leaves alone, and damaged ones: others do not wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import msgspec
import redis

from fallback.domain.errors import Damaged, UnknownOrder, Unreadable, WrittenByNewer
from fallback.domain.order.order import Order, Queue
from fallback.ledger.order import documents
from fallback.ledger.order.ledger import ERASED, RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.runtime.logs import get_logger

MOST = 200

log = get_logger()


def load_others(ledger: RedisLedger, refs: Sequence[str]) -> list[Order]:
    """For lists; also without those that are damaged, and those that are in an index only."""
    try:
        return ledger.load_many(refs)
    except (UnknownOrder, Unreadable, Undecryptable):
        found, newer = [], 0
        for ref in refs:
            try:
                found.append(ledger.load(ref))
            except WrittenByNewer:
                newer += 1
            except Damaged:  # logged by then
                continue
            except UnknownOrder:
                log.error("order_missing", ref=ref)
            except Undecryptable as error:
                log.error("order_damaged", ref=ref, reason=str(error))
        if newer:
            log.warning("list_without_newer", count=newer)
        return found


class Unread(NamedTuple):
    """Refs of orders that this release leaves alone."""

    newer: list[str]
    damaged: list[str]


def unread(client: redis.Redis, crypto: Crypto) -> Unread:
    """Among the orders that came last and those that a worker takes next."""
    pipeline = client.pipeline(transaction=False)
    pipeline.zrange(keys.RECEIVED, -MOST, -1)
    for queue in Queue:
        pipeline.zrange(keys.due(queue), 0, MOST - 1)
    with reachable():
        refs = sorted({ref.decode() for found in pipeline.execute() for ref in found})
        pipeline = client.pipeline(transaction=False)
        for ref in refs:
            pipeline.hmget(keys.order(ref), "doc", "who")
        stored = cast(list[tuple[bytes | None, bytes | None]], pipeline.execute())
    found = Unread([], [])
    for ref, (document, who) in zip(refs, stored, strict=True):
        if document is who is None:
            continue
        try:
            documents.decode(document or b"", 0)
            if who != ERASED:
                crypto.decrypt(who or b"", ref)
        except WrittenByNewer:
            found.newer.append(ref)
        except (msgspec.MsgspecError, Undecryptable):
            found.damaged.append(ref)
    return found
