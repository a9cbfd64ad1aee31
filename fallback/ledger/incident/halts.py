"""The halt in Redis: while it is set, nothing is handed over to the shop, whatever the mode is."""

from __future__ import annotations

from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.incident.audit import Halt
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

_HALT = msgspec.json.Decoder(Halt)


class RedisHalts:
    """Implements incident.ports.Halts."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> Halt | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.HALT))
        return _HALT.decode(document) if document else None

    def halt(self, halt: Halt) -> bool:
        return write(self._redis, ("SET", keys.HALT, msgspec.json.encode(halt)), instead_of=(keys.HALT, b""))

    def lift(self, seen: str | None = None) -> bool:
        with reachable():
            if seen is None:
                return bool(self._redis.delete(keys.HALT))
            document = cast(bytes | None, self._redis.get(keys.HALT))
        if document is None:
            return False
        if _HALT.decode(document).tag != seen:
            raise Conflict(keys.HALT)
        return write(self._redis, ("DEL", keys.HALT), instead_of=(keys.HALT, document))
