"""Announcements of orders that wait for their receivers, in Redis. `accept` and `commit` add them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import cast

import msgspec
import redis
from msgspec import Struct

from fallback.domain.clock import Clock
from fallback.domain.order.announcements import Announcement, Away, DueAnnouncement, announced
from fallback.domain.order.order import Order
from fallback.ledger.order.entries import Move
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable


class _Waiting(Struct, frozen=True):
    announcement: Announcement
    tries: int


_WAITING = msgspec.json.Decoder(_Waiting)
_AWAY = msgspec.json.Decoder(Away)


class Telling:
    """The entries by which `accept` and `commit` announce an order to these receivers: due at once."""

    def __init__(self, receivers: Sequence[str], clock: Clock) -> None:
        self._keys = [keys.announcing(name) for name in receivers]
        self._clock = clock

    def of_new(self, order: Order) -> tuple[list[str], str, bytes]:
        """The sets of the receivers, the score there, and the entry."""
        said = announced(None, order, order.received_at) if self._keys else None
        return (self._keys, *_entry(said)) if said else ([], "", b"")

    def moves(self, old: Order, new: Order) -> Iterator[Move]:
        said = announced(old, new, self._clock()) if self._keys else None
        if said:
            when, what = _entry(said)
            for key in self._keys:
                yield key, "tell", f"{when} {what.decode()}"


def _entry(announcement: Announcement) -> tuple[str, bytes]:
    return f"{announcement.at.timestamp():.6f}", _document(DueAnnouncement(announcement, 0))


class RedisAnnouncements:
    """Implements order.announcements.Announcements."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def due(self, to: str, now: datetime, most: int) -> list[DueAnnouncement]:
        with reachable():
            entries = self._redis.zrangebyscore(keys.announcing(to), "-inf", now.timestamp(), 0, most)
        waiting = map(_WAITING.decode, cast(list[bytes], entries))
        return [DueAnnouncement(each.announcement, each.tries) for each in waiting]

    def count(self, to: str) -> int:
        with reachable():
            return self._redis.zcard(keys.announcing(to))

    def sent(self, to: str, due: DueAnnouncement) -> None:
        with reachable():
            self._redis.zrem(keys.announcing(to), _document(due))

    def put_off(self, to: str, due: DueAnnouncement, until: datetime) -> DueAnnouncement:
        later, key = due._replace(tries=due.tries + 1), keys.announcing(to)
        write(self._redis, ("ZREM", key, _document(due)), ("ZADD", key, until.timestamp(), _document(later)))
        return later

    def away(self) -> Mapping[str, Away]:
        with reachable():
            found = cast(dict[bytes, bytes], self._redis.hgetall(keys.RECEIVERS_AWAY))
        return {name.decode(): _AWAY.decode(document) for name, document in found.items()}

    def note_away(self, to: str, away: Away | None) -> None:
        if away:
            write(self._redis, ("HSET", keys.RECEIVERS_AWAY, to, msgspec.json.encode(away)))
        else:
            self._forget([to])

    def keep_only(self, names: Sequence[str]) -> None:
        self._forget([name for name in self.away() if name not in names])

    def _forget(self, names: Sequence[str]) -> None:
        if names:
            with reachable():
                self._redis.hdel(keys.RECEIVERS_AWAY, *names)


def _document(due: DueAnnouncement) -> bytes:
    return msgspec.json.encode(_Waiting(due.announcement, due.tries))
