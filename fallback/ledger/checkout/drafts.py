"""Drafts in Redis: encrypted, found by a blind index as orders are, and expired by Redis after a day.

They cannot be listed. A draft whose cart was ordered is deleted when it is next saved or searched, else when it
expires: accepting an order does not touch drafts.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import msgspec
import redis
from msgspec import structs

from fallback.domain import phones
from fallback.domain.checkout.drafts import LIFE, Draft, Look
from fallback.domain.errors import TryAgain
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

# At about 5 kB each they take 100 MB: memory that is reserved on top of what orders need.
MOST = 20_000
MOST_OF_ONE = 10
MOST_LOOKS = 10_000
_DRAFT = msgspec.json.Decoder(Draft)
_LOOK = msgspec.json.Decoder(Look)


class Drafts:
    """Each method raises TryAgain while Redis is away. The last save of a cart's draft wins."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def save(self, draft: Draft) -> None:
        """Store it for a day from its first save. Raises TryAgain while there are too many."""
        before = self.of_cart(draft.cart_id)
        if before is None:
            self._make_room(draft.seen_at)
        else:
            draft = structs.replace(draft, since=before.since)
        key = keys.draft(draft.cart_id)
        pipeline = self._redis.pipeline(transaction=True)
        if before is None or structs.replace(before, seen_at=draft.seen_at) != draft:
            pipeline.hset(key, "doc", self._crypto.seal(msgspec.json.encode(draft), sealed_as(draft.cart_id)))
            pipeline.zadd(keys.DRAFTS, {draft.cart_id: (draft.since + LIFE).timestamp()})
            for kind, value in _ways_to_find(draft):
                index = keys.drafting(self._crypto.blinds(kind, value)[0])
                pipeline.zadd(index, {draft.cart_id: draft.seen_at.timestamp()})
                pipeline.zremrangebyrank(index, 0, -MOST_OF_ONE - 1)
                pipeline.expire(index, LIFE)
        pipeline.hset(key, "seen", str(draft.seen_at.timestamp()))
        pipeline.expire(key, draft.since + LIFE - draft.seen_at)
        with reachable():
            pipeline.execute()

    def of_cart(self, cart_id: str) -> Draft | None:
        return self._load([cart_id])[0]

    def find(self, text: str) -> list[Draft]:
        """Drafts with this e-mail address or phone number, the most recently active first."""
        kind = "email" if "@" in text else "phone"
        wanted = self._crypto.blinds(kind, text)
        with reachable():
            carts = cast(list[bytes], self._redis.zunion([keys.drafting(digest) for digest in wanted]))
        drafts = [draft for draft in self._load([cart.decode() for cart in carts]) if draft]
        # The index may still contain drafts whose fields have changed since.
        found = [draft for draft in drafts if self._crypto.blinds(kind, getattr(draft, kind))[0] == wanted[0]]
        if kind == "phone":
            found = [draft for draft in found if phones.same(draft.phone, draft.locale[3:], phones.plain(text))]
        return sorted(found, key=lambda draft: draft.seen_at, reverse=True)

    def drop(self, cart_id: str) -> None:
        write(self._redis, ("DEL", keys.draft(cart_id)), ("ZREM", keys.DRAFTS, cart_id))

    def record(self, look: Look) -> None:
        new = msgspec.json.encode(look)
        write(self._redis, ("LPUSH", keys.LOOKS, new), ("LTRIM", keys.LOOKS, 0, MOST_LOOKS - 1))

    def looks(self, most: int) -> list[Look]:
        """The searches by agents, newest first."""
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.LOOKS, 0, most - 1))
        return [_LOOK.decode(line) for line in lines]

    def _make_room(self, now: datetime) -> None:
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.zremrangebyscore(keys.DRAFTS, "-inf", now.timestamp())
        pipeline.zcard(keys.DRAFTS)
        with reachable():
            _, count = pipeline.execute()
        if count >= MOST:
            raise TryAgain("too many forms are saved")

    def _load(self, carts: list[str]) -> list[Draft | None]:
        pipeline = self._redis.pipeline(transaction=False)
        for cart_id in carts:
            pipeline.hmget(keys.draft(cart_id), "doc", "seen")
        with reachable():
            rows = pipeline.execute()
        return [self._draft(cart_id, *row) for cart_id, row in zip(carts, rows, strict=True)]

    def _draft(self, cart_id: str, sealed: bytes | None, seen: bytes | None) -> Draft | None:
        if sealed is None or seen is None:
            return None
        draft = _DRAFT.decode(self._crypto.open(sealed, sealed_as(cart_id)))
        return structs.replace(draft, seen_at=datetime.fromtimestamp(float(seen), UTC))


def _ways_to_find(draft: Draft) -> list[tuple[str, str]]:
    return [(kind, value) for kind, value in (("email", draft.email), ("phone", draft.phone)) if value]


def sealed_as(cart_id: str) -> str:
    """The name that the ciphertext is bound to."""
    return f"draft of {cart_id}"
