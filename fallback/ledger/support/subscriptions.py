"""Addresses that want to be told when the shop is back, in Redis: encrypted, bounded, and gone after a week."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

import msgspec
import redis
from redis.client import Pipeline

from fallback.domain.support.subscriptions import KEPT, LEASE, Changed, Subscription
from fallback.ledger.redis import daily, keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

_SUBSCRIPTION = msgspec.json.Decoder(Subscription)


class RedisSubscriptions:
    """Implements support.subscriptions.Subscriptions. The ids are keyed digests, which nobody can guess."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def name(self, email: str) -> str:
        return self._crypto.blinds("email", email)[0]

    def find(self, name: str) -> Subscription | None:
        with reachable():
            return self._opened(name, self._redis.hget(keys.SUBSCRIPTIONS, name))

    def change(self, name: str, change: Changed) -> Subscription | None:
        def write(pipe: Any) -> Subscription | None:
            changed = change(self._opened(name, pipe.hget(keys.SUBSCRIPTIONS, name)))
            pipe.multi()
            if changed is None:
                pipe.hdel(keys.SUBSCRIPTIONS, name)
            else:
                pipe.hset(keys.SUBSCRIPTIONS, name, self._crypto.seal(msgspec.json.encode(changed), name))
            if changed and changed.due_at:
                pipe.zadd(keys.SUBSCRIPTIONS_DUE, {name: changed.due_at.timestamp()})
            else:
                pipe.zrem(keys.SUBSCRIPTIONS_DUE, name)
            for key in (keys.SUBSCRIPTIONS, keys.SUBSCRIPTIONS_DUE):
                pipe.expire(key, KEPT)
            return changed

        with reachable():
            answer = self._redis.transaction(cast(Any, write), keys.SUBSCRIPTIONS, value_from_callable=True)
        return cast(Subscription | None, answer)

    def each(self) -> list[tuple[str, Subscription]]:
        with reachable():
            sealed = cast(dict[bytes, bytes], self._redis.hgetall(keys.SUBSCRIPTIONS))
        opened = ((name.decode(), self._opened(name.decode(), document)) for name, document in sealed.items())
        return [(name, each) for name, each in opened if each]

    def count(self) -> int:
        with reachable():
            return self._redis.hlen(keys.SUBSCRIPTIONS)

    def count_due(self, now: datetime) -> int:
        with reachable():
            return self._redis.zcount(keys.SUBSCRIPTIONS_DUE, "-inf", now.timestamp())

    def count_from(self, sender: str) -> int:
        return daily.count(self._redis, keys.daily(self._crypto.blinds("network", sender)[0]))

    def take(self, now: datetime, most: int) -> list[str]:
        names: list[bytes] = []

        def put_off(pipeline: Pipeline) -> None:
            nonlocal names
            due = pipeline.zrangebyscore(keys.SUBSCRIPTIONS_DUE, "-inf", now.timestamp(), 0, most)
            names = cast(list[bytes], due)
            pipeline.multi()
            if names:
                pipeline.zadd(keys.SUBSCRIPTIONS_DUE, dict.fromkeys(names, (now + LEASE).timestamp()))

        with reachable():
            self._redis.transaction(put_off, keys.SUBSCRIPTIONS_DUE)
        return [name.decode() for name in names]

    def _opened(self, name: str, sealed: object) -> Subscription | None:
        return _SUBSCRIPTION.decode(self._crypto.open(cast(bytes, sealed), name)) if sealed else None
