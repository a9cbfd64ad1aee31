"""Alerts: what was notified before, and what is still to be sent to which channel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import cast

import msgspec
import redis
from msgspec import Struct

from fallback.domain.oncall.alerts import Acknowledged, Acknowledgements, Alert, Due, Memory, Notification
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import ACKNOWLEDGE

# People read each notification; a channel that was down for a day does not need more.
ROOM = 1_000
_MEMORY = msgspec.json.Decoder(Memory)
_ACKNOWLEDGED = msgspec.json.Decoder(Acknowledged)


class _Waiting(Struct, frozen=True, rename={"notification": "telling"}):
    notification: Notification
    to: str
    tries: int


_WAITING = msgspec.json.Decoder(_Waiting)


class RedisOutbox:
    """Implements oncall.alerts.Outbox.

    Beyond ROOM nothing is added: a channel that never answers cannot fill the memory.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def memory(self) -> Memory:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.ALERTS))
        return _MEMORY.decode(document) if document else Memory()

    def remember(self, memory: Memory, due: Sequence[Due], now: datetime) -> None:
        with reachable():
            room = max(0, ROOM - self._redis.zcard(keys.TELLINGS))
        added = [("ZADD", keys.TELLINGS, now.timestamp(), _document(each)) for each in due[:room]]
        write(self._redis, ("SET", keys.ALERTS, msgspec.json.encode(memory)), *added)

    def acknowledged(self) -> Acknowledgements:
        with reachable():
            documents = cast(dict[bytes, bytes], self._redis.hgetall(keys.ACKNOWLEDGED))
        return {Alert(alert.decode()): _ACKNOWLEDGED.decode(document) for alert, document in documents.items()}

    def acknowledge(self, alert: Alert, acknowledged: Acknowledged) -> Acknowledged | None:
        began, document = msgspec.to_builtins(acknowledged.began), msgspec.json.encode(acknowledged)
        with reachable():
            taken = ACKNOWLEDGE(self._redis.execute_command, [keys.ALERTS, keys.ACKNOWLEDGED], [alert, began, document])
        return _ACKNOWLEDGED.decode(taken) if taken else None

    def due(self, now: datetime, most: int) -> list[Due]:
        with reachable():
            entries = self._redis.zrangebyscore(keys.TELLINGS, "-inf", now.timestamp(), 0, most)
        waiting = map(_WAITING.decode, cast(list[bytes], entries))
        return [Due(each.notification, each.to, each.tries) for each in waiting]

    def sent(self, due: Due) -> None:
        with reachable():
            self._redis.zrem(keys.TELLINGS, _document(due))

    def put_off(self, due: Due, until: datetime) -> Due:
        later = due._replace(tries=due.tries + 1)
        notifications = keys.TELLINGS
        write(
            self._redis,
            ("ZREM", notifications, _document(due)),
            ("ZADD", notifications, until.timestamp(), _document(later)),
        )
        return later


def _document(due: Due) -> bytes:
    return msgspec.json.encode(_Waiting(due.notification, due.to, due.tries))
