"""Finding orders by whatever a person has at hand: a ref or half of it, an e-mail address, a phone number, a cart, the
shop's order number. What a text is, is guessed from its shape; where it may be several things, all of them are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import redis

from fallback.domain.order import Order
from fallback.domain.refs import GROUP, LEAST_PART, groups, parse_part, parse_ref
from fallback.ledger import documents, keys
from fallback.ledger.reachable import reachable
from fallback.ledger.redis_ledger import RedisLedger

# E.164 has at least 7 digits with the country's; some countries have numbers of 6 without it.
_PHONE = re.compile(r"\+?(?:[\s().\-/]*\d){6,15}[\s)]*")
# No address is longer (RFC 5321), nor is what a shop names its carts.
LONGEST = 254
# Of both groups there is enough to look for each by itself.
_OF_BOTH = GROUP + LEAST_PART


class Search:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, ledger: RedisLedger) -> None:
        self._redis = client
        self._ledger = ledger

    def find(self, text: str, limit: int = 50) -> list[Order]:
        """Newest first, at most `limit`. A ref in full, its check letter right, names one order and nothing else.

        Who misheard a letter of a ref finds the orders that share one of its groups.
        """
        text = text.strip()[:LONGEST]
        with reachable():
            ref = parse_ref(text)
            if ref:
                newest = [ref] if self._redis.exists(keys.order(ref)) else []
            else:
                newest = self._newest([*self._by_part(text), *self._by_index(text, limit)], limit)
        return self._ledger.load_many(newest)

    def _by_part(self, text: str) -> Iterator[str]:
        letters = parse_part(text)
        if letters is None:
            return
        heard = [letters[:GROUP], letters[GROUP : 2 * GROUP]] if len(letters) >= _OF_BOTH else [letters]
        pipeline = self._redis.pipeline(transaction=False)
        for part in heard:
            pipeline.zrange(documents.part_key(part), 0, -1)
        refs = [ref.decode() for found in pipeline.execute() for ref in found]
        exact = [ref for ref in refs if _has(ref, letters)]
        yield from exact or (ref for ref in refs if any(_has(ref, part) for part in heard))

    def _by_index(self, text: str, limit: int) -> Iterator[str]:
        """What is scored by accept sequence; and the order that stands for a cart."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._indexes(text):
            pipeline.zrevrange(key, 0, limit - 1)
        pipeline.get(keys.cart(text))
        *found, ref = pipeline.execute()
        yield from (ref.decode() for refs in found for ref in refs)
        if ref:
            yield ref.decode()

    def _indexes(self, text: str) -> list[str]:
        if "@" in text:
            return self._ledger.person_indexes("email", text)
        indexes = [keys.undone(text), documents.number_key(text)]
        if _PHONE.fullmatch(text):
            # Who dials 00 means the plus with which she wrote it.
            spellings = {text, text.removeprefix("00")}
            indexes += [key for each in spellings for key in self._ledger.person_indexes("phone", each)]
        return indexes

    def _newest(self, refs: Iterable[str], limit: int) -> list[str]:
        """Those that there are, once each."""
        several = list(dict.fromkeys(refs))
        if not several:
            return []
        sequences = self._redis.zmscore(keys.RECEIVED, several)
        there = sorted(((at, ref) for at, ref in zip(sequences, several, strict=True) if at), reverse=True)
        return [ref for _, ref in there[:limit]]


def _has(ref: str, letters: str) -> bool:
    return any(group.startswith(letters) for group in groups(ref))
