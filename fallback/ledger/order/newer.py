"""Orders that a newer release wrote, and that this one leaves alone, and damaged ones: others do not wait for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import redis

from fallback.domain.errors import Damaged, WrittenByNewer
from fallback.domain.order.order import Order, Queue
from fallback.ledger.order import documents
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.runtime.logs import get_logger

MOST = 200

log = get_logger()


def load_others(ledger: RedisLedger, refs: Sequence[str]) -> list[Order]:
    """For lists; also without those that are damaged. Raises UnknownOrder as `load_many` does."""
    try:
        return ledger.load_many(refs)
    except (WrittenByNewer, Damaged):
        found, newer, damaged = [], 0, []
        for ref in refs:
            try:
                found.append(ledger.load(ref))
            except WrittenByNewer:
                newer += 1
            except Damaged:
                damaged.append(ref)
        if newer:
            log.warning("list_without_newer", count=newer)
        if damaged:
            log.error("list_without_damaged", refs=damaged)
        return found


def written_by_newer(client: redis.Redis) -> list[str]:
    """Their refs, among the orders that came last and those that a worker takes next."""
    pipeline = client.pipeline(transaction=False)
    pipeline.zrange(keys.RECEIVED, -MOST, -1)
    for queue in Queue:
        pipeline.zrange(keys.due(queue), 0, MOST - 1)
    with reachable():
        refs = sorted({ref.decode() for found in pipeline.execute() for ref in found})
        pipeline = client.pipeline(transaction=False)
        for ref in refs:
            pipeline.hget(keys.order(ref), "doc")
        stored = cast(list[bytes | None], pipeline.execute())
    return [ref for ref, document in zip(refs, stored, strict=True) if document and documents.is_newer(document)]
