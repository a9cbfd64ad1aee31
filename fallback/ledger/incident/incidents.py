"""Incidents in Redis, encrypted, because people write free text in their timelines."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict, UnknownIncident
from fallback.domain.incident.incident import QUIET, Incident
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.record import TRIES
from fallback.ledger.order.sequence import accepted_before
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

_INCIDENT = msgspec.json.Decoder(Incident)


class RedisIncidents:
    """Implements incident.ports.Incidents. Thread safe."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def open(self, incident: Incident) -> Incident:
        listed = ("ZADD", keys.INCIDENTS, incident.after, incident.id)
        self._put(incident, b"", listed)  # one that is there stays as it is
        return self.load(incident.id)

    def change(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        for _ in range(TRIES):
            stood = self._sealed(incident_id)
            incident = change(self._opened(incident_id, stood))
            if self._put(incident, stood or b""):
                return incident
        raise Conflict(incident_id)

    def load(self, incident_id: str) -> Incident:
        return self._opened(incident_id, self._sealed(incident_id))

    def last(self) -> Incident | None:
        return next(iter(self.newest(1)), None)

    def newest(self, limit: int) -> list[Incident]:
        with reachable():
            names = cast(list[bytes], self._redis.zrevrange(keys.INCIDENTS, 0, limit - 1))
            sealed = self._redis.mget([keys.incident(name.decode()) for name in names]) if names else []
        found = zip(names, cast(list[bytes | None], sealed), strict=True)
        return [self._opened(name.decode(), each) for name, each in found]

    def of(self, ref: str) -> str:
        with reachable():
            sequence = self._redis.zscore(keys.RECEIVED, ref)
            if sequence is None:
                return NO_INCIDENT
            found = self._redis.zrevrangebyscore(keys.INCIDENTS, f"({sequence!r}", "-inf", start=0, num=1)
        if not found:
            return NO_INCIDENT
        incident = self.load(cast(list[bytes], found)[0].decode())
        return incident.id if incident.upto is None or sequence <= incident.upto else NO_INCIDENT

    def accepted_before(self, moment: datetime) -> int:
        with reachable():
            return accepted_before(self._redis, moment)

    def shop_failed(self, now: datetime) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.set(keys.SHOP_FAILS, now.isoformat(), nx=True)
        pipeline.expire(keys.SHOP_FAILS, QUIET)
        with reachable():
            pipeline.execute()

    def shop_failing_since(self) -> datetime | None:
        with reachable():
            since = cast(bytes | None, self._redis.get(keys.SHOP_FAILS))
        return datetime.fromisoformat(since.decode()) if since else None

    def _put(self, incident: Incident, instead_of: bytes, *besides: tuple[str | int, ...]) -> bool:
        key, sealed = keys.incident(incident.id), self._crypto.seal(msgspec.json.encode(incident), incident.id)
        return write(self._redis, ("SET", key, sealed), *besides, instead_of=(key, instead_of))

    def _sealed(self, incident_id: str) -> bytes | None:
        with reachable():
            return cast(bytes | None, self._redis.get(keys.incident(incident_id)))

    def _opened(self, incident_id: str, sealed: bytes | None) -> Incident:
        if sealed is None:
            raise UnknownIncident(incident_id)
        return _INCIDENT.decode(self._crypto.open(sealed, incident_id))
