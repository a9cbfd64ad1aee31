"""Observations of the primary: customers that it failed, results of calls to Stripe, and the monitor's conclusion.

None of it is needed to keep an order right, so all but the last conclusion expires within minutes.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import msgspec
import redis

from fallback.domain.outage.failover import WINDOW, Customers, Observation
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

SLOT = timedelta(seconds=10)
KEPT = timedelta(minutes=2)
# A payment worker reports every few seconds while it has work; without work nothing is known.
STRIPE_KNOWN_FOR = timedelta(minutes=1)
_SIGHTING = msgspec.json.Decoder(Observation)


class RedisObservations:
    """Implements outage.ports.Observations."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def count(self, reason: str, head: str, now: datetime) -> None:
        """Customers are counted by a HyperLogLog: a few hundred bytes, from which nobody can be identified."""
        slot = _slot(now)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.hincrby(keys.failed(slot), reason)
        pipeline.pfadd(keys.heads(slot), head)
        pipeline.expire(keys.failed(slot), KEPT)
        pipeline.expire(keys.heads(slot), KEPT)
        with reachable():
            pipeline.execute()

    def customers(self, now: datetime) -> Customers:
        slots = [_slot(now) - back for back in range(WINDOW // SLOT)]
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.pfcount(*map(keys.heads, slots))
        for slot in slots:
            pipeline.hgetall(keys.failed(slot))
        with reachable():
            heads, *counts = pipeline.execute()
        requests = sum(int(count) for slot in counts for count in slot.values())
        return Customers(heads, requests, sum(int(slot.get(b"maybe_taken", 0)) for slot in counts))

    def note_provider(self, answers: bool) -> None:
        write(self._redis, ("SET", keys.STRIPE, int(answers), "EX", int(STRIPE_KNOWN_FOR.total_seconds())))

    def provider(self) -> bool | None:
        with reachable():
            noted = cast(bytes | None, self._redis.get(keys.STRIPE))
        return None if noted is None else noted == b"1"

    def read(self) -> Observation | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.SIGHTING))
        return _SIGHTING.decode(document) if document else None

    def write(self, observation: Observation) -> None:
        write(self._redis, ("SET", keys.SIGHTING, msgspec.json.encode(observation)))


def _slot(now: datetime) -> int:
    return int(now.timestamp() // SLOT.total_seconds())
