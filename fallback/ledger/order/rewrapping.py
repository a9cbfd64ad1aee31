"""Re-encrypts everything with the newest key of SECRET_KEY, so that older keys can be removed.

It may run during normal operation, and again after an interruption: what has the newest key is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any, cast

import redis
from redis.client import Pipeline

from fallback.domain.errors import Conflict, Damaged
from fallback.ledger.checkout import drafts
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable
from fallback.ledger.support import people, remarks, renewals, saved_replies

PAGE = 500


class Rewrapping:
    """Each method returns how much it re-encrypted. May raise TryAgain, and Undecryptable: a key is missing."""

    def __init__(self, client: redis.Redis, crypto: Crypto, ledger: RedisLedger) -> None:
        self._redis = client
        self._crypto = crypto
        self._ledger = ledger

    def orders(self) -> int:
        return sum(self.each_order())

    def each_order(self) -> Iterator[bool]:
        """Whether each needed it, as it is done. Raises Damaged once the others are done."""
        first: Damaged | None = None
        for ref in self._refs():
            try:
                yield self._order(ref)
            except Damaged as error:
                first = first or error
        if first:
            raise first

    def count(self) -> int:
        """How many orders there are."""
        with reachable():
            return self._redis.zcard(keys.RECEIVED) + self._redis.zcard(keys.DRILL_ORDERS)

    def the_rest(self) -> int:
        """Accounts, incidents, forms, and texts that people wrote."""
        done = self._hash(keys.PEOPLE, people.sealed_as) + self._hash(keys.INBOX, str)
        done += self._hash(keys.SUBSCRIPTIONS, str)
        done += self._list(keys.REMARKS, remarks.NAME) + self._list(keys.RENEWALS, renewals.NAME)
        done += self._string(keys.REPLIES, saved_replies.NAME)
        done += sum(self._string(keys.incident(each), each) for each in self._members(keys.INCIDENTS))
        return done + sum(map(self._form, self._members(keys.DRAFTS)))

    def _refs(self) -> Iterator[str]:
        """All present refs; later orders are encrypted with the newest key already."""
        for received in (keys.RECEIVED, keys.DRILL_ORDERS):
            for start in range(0, self._redis.zcard(received), PAGE):
                with reachable():
                    page = cast(list[bytes], self._redis.zrange(received, start, start + PAGE - 1))
                yield from (ref.decode() for ref in page)

    def _order(self, ref: str) -> bool:
        while True:
            with suppress(Conflict):  # another write came at this moment
                return self._ledger.rewrap(ref)

    def _form(self, cart_id: str) -> int:
        """Until it expires it is found by an older key's index; its link and its page need no index."""
        return self._hash(keys.draft(cart_id), lambda _: drafts.sealed_as(cart_id), only=b"doc")

    def _members(self, key: str) -> list[str]:
        with reachable():
            return [each.decode() for each in cast(list[bytes], self._redis.zrange(key, 0, -1))]

    def _hash(self, key: str, bound_to: Callable[[str], str], only: bytes | None = None) -> int:
        def write(pipe: Pipeline) -> int:
            kept = cast(dict[bytes, bytes], pipe.hgetall(key))
            old = {name: each for name, each in kept.items() if self._is_old(each) and only in (None, name)}
            pipe.multi()
            for name, each in old.items():
                pipe.hset(key, cast(str, name), cast(str, self._crypto.rewrap(each, bound_to(name.decode()))))
            return len(old)

        return self._write(key, write)

    def _list(self, key: str, name: str) -> int:
        def write(pipe: Pipeline) -> int:
            kept = cast(list[bytes], pipe.lrange(key, 0, -1))
            old = {place: each for place, each in enumerate(kept) if self._is_old(each)}
            pipe.multi()
            for place, each in old.items():
                pipe.lset(key, place, cast(str, self._crypto.rewrap(each, name)))
            return len(old)

        return self._write(key, write)

    def _string(self, key: str, name: str) -> int:
        def write(pipe: Pipeline) -> int:
            kept = cast(bytes | None, pipe.get(key))
            old = kept is not None and self._is_old(kept)
            pipe.multi()
            if kept and old:
                pipe.set(key, self._crypto.rewrap(kept, name))
            return int(old)

        return self._write(key, write)

    def _is_old(self, sealed: bytes) -> bool:
        return not self._crypto.is_newest(sealed)

    def _write(self, key: str, write: Callable[[Pipeline], int]) -> int:
        """Decides again if another write came first."""
        with reachable():
            return cast(int, self._redis.transaction(cast(Any, write), key, value_from_callable=True))
