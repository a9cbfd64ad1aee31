"""What on call wrote for customers, in Redis as one document: lines, and planned maintenance."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.order.record import TRIES
from fallback.domain.outage.public_status import PublicStatus
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

_STATUS = msgspec.json.Decoder(PublicStatus)


class RedisPublicStatuses:
    """Implements outage.ports.PublicStatuses."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def read(self) -> PublicStatus:
        return _decoded(self._document())

    def change(self, change: Callable[[PublicStatus], PublicStatus]) -> PublicStatus:
        for _ in range(TRIES):
            stood = self._document()
            changed = change(_decoded(stood))
            if write(
                self._redis,
                ("SET", keys.STATUS_PAGE, msgspec.json.encode(changed)),
                instead_of=(keys.STATUS_PAGE, stood),
            ):
                return changed
        raise Conflict(keys.STATUS_PAGE)

    def _document(self) -> bytes:
        with reachable():
            return cast(bytes | None, self._redis.get(keys.STATUS_PAGE)) or b""


def _decoded(document: bytes) -> PublicStatus:
    return _STATUS.decode(document) if document else PublicStatus()
