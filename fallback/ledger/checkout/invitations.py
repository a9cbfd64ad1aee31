"""Mails to the customers of drafts in Redis: the state of each, and when it is due."""

from __future__ import annotations

from datetime import datetime
from typing import cast

import msgspec
import redis
from redis.client import Pipeline

from fallback.domain.checkout.drafts import LIFE
from fallback.domain.checkout.invitations import LEASE, Invited
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

_INVITED = msgspec.json.Decoder(Invited)


class RedisInvitationMails:
    """Implements checkout.invitations.InvitationMails."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def keep(self, cart_id: str, invited: Invited) -> None:
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.set(keys.invited(cart_id), msgspec.json.encode(invited), ex=LIFE)
        if invited.is_open:
            pipeline.zadd(keys.INVITATIONS, {cart_id: invited.due_at.timestamp()})
        else:
            pipeline.zrem(keys.INVITATIONS, cart_id)
        with reachable():
            pipeline.execute()

    def of_cart(self, cart_id: str) -> Invited | None:
        with reachable():
            kept = cast(bytes | None, self._redis.get(keys.invited(cart_id)))
        return _INVITED.decode(kept) if kept else None

    def count_due(self, now: datetime) -> int:
        with reachable():
            return self._redis.zcount(keys.INVITATIONS, "-inf", now.timestamp())

    def take(self, now: datetime, most: int) -> list[str]:
        carts: list[bytes] = []

        def put_off(pipeline: Pipeline) -> None:
            nonlocal carts
            carts = cast(list[bytes], pipeline.zrangebyscore(keys.INVITATIONS, "-inf", now.timestamp(), 0, most))
            pipeline.multi()
            if carts:
                pipeline.zadd(keys.INVITATIONS, dict.fromkeys(carts, (now + LEASE).timestamp()))

        with reachable():
            self._redis.transaction(put_off, keys.INVITATIONS)
        return [cart.decode() for cart in carts]
