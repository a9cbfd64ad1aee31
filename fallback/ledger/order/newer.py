"""Orders that a newer release wrote, and that this one leaves alone: they are no reason to keep others waiting."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import cast

import redis

from fallback.domain.errors import WrittenByNewer
from fallback.domain.order.order import Order, Queue
from fallback.ledger.order import documents
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.runtime.logs import get_logger

MOST = 200

log = get_logger()


def load_others(ledger: RedisLedger, refs: Sequence[str]) -> list[Order]:
    """For lists. Raises UnknownOrder as `load_many` does."""
    try:
        return ledger.load_many(refs)
    except WrittenByNewer:
        found = []
        for ref in refs:
            with suppress(WrittenByNewer):
                found.append(ledger.load(ref))
        log.warning("list_without_newer", count=len(refs) - len(found))
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
