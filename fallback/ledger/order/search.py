"""Finding orders by whatever a person has at hand: a ref or half of it, an e-mail address, a phone number, a cart, the
shop's order number. What a text is, is guessed from its shape; where it may be several things, all of them are tried.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import cast

import redis

from fallback.domain import phones
from fallback.domain.checkout.mail_addresses import readable
from fallback.domain.order.order import Order
from fallback.domain.order.refs import GROUP, LEAST_PART, groups, parse_parts, parse_ref
from fallback.domain.order.unread import Found, Unread
from fallback.domain.plain_text import visible
from fallback.ledger.order import entries
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.newer import load_readable
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# E.164 has at least 7 digits including the country's; some countries have numbers of 6 without it.
_PHONE = re.compile(r"[\s(]*\+?(?:[\s().\-/]*\d){6,17}[\s)]*")
# No address is longer (RFC 5321), nor is a shop's cart id.
LONGEST = 254
# Both groups have enough characters to search for each.
_OF_BOTH = GROUP + LEAST_PART


class Search:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, ledger: RedisLedger) -> None:
        self._redis = client
        self._ledger = ledger

    def find(self, text: str, limit: int = 50) -> Found:
        """Newest first, at most `limit`.

        A complete ref with the right check character matches one order and nothing else: its own, or the one that
        stands for the purchase.

        A ref with a misheard character finds the orders that share one of its groups.

        For an e-mail address or a phone number, all orders that are known to be unreadable count as unread: each may be
        the one that is looked for. So they do in a list by e-mail address (views.py).
        """
        text = visible(text).strip()[:LONGEST]
        with reachable():
            ref = parse_ref(text)
            if ref:  # one that cannot be read is not 'not found'
                return self._of_ref(ref)
            by_index, anybodys = self._by_index(text, limit)
            newest = self._newest([*self._by_part(text), *by_index], limit)
        found, unread = load_readable(self._ledger, newest)
        unread.damaged.extend(ref for ref in self._ledger.damaged.of_customers(anybodys) if ref not in newest)
        return Found([order for order in found if not _is_anothers(order, text)], unread)

    def _of_ref(self, ref: str) -> Found:
        refs = [ref] if self._redis.exists(keys.order(ref)) else self._led_to_by(ref)
        if refs:
            return Found(self._ledger.load_many(refs), Unread([], []))
        return load_readable(self._ledger, self._newest([ref], 1))  # one that is gone is not 'not found' either

    def _led_to_by(self, ref: str) -> list[str]:
        first = cast(bytes | None, self._redis.get(keys.second(ref)))
        return [first.decode()] if first else []

    def _by_part(self, text: str) -> Iterator[str]:
        read = parse_parts(text)
        heard = [part for letters in read for part in _groups(letters)]
        pipeline = self._redis.pipeline(transaction=False)
        for part in heard:
            pipeline.zrange(entries.part_key(part), 0, -1)
        refs = [ref.decode() for found in pipeline.execute() for ref in found]
        exact = [ref for ref in refs if _has(ref, read)]
        yield from exact or (ref for ref in refs if _has(ref, heard))

    def _by_index(self, text: str, limit: int) -> tuple[list[str], list[str]]:
        """The refs of the indexes and the order that has the cart; and those unreadable ones that may be anybody's."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in self._indexes(text):
            pipeline.zrevrange(key, 0, limit - 1)
        pipeline.zrange(keys.DAMAGED, 0, -1)
        pipeline.get(keys.cart(text))
        *found, damaged, ref = pipeline.execute()
        by_index = [each.decode() for refs in found for each in refs]
        anybodys = damaged if "@" in text or _is_phone(text) else []
        return [*by_index, *([ref.decode()] if ref else [])], [each.decode() for each in anybodys]

    def _indexes(self, text: str) -> list[str]:
        if "@" in text:
            with suppress(ValueError):
                text = readable(text)
            return self._ledger.person_indexes("email", text)
        indexes = [keys.undone(text), entries.number_key(text)]
        if _is_phone(text):
            indexes += self._ledger.person_indexes("phone", text)
        return indexes

    def _newest(self, refs: Iterable[str], limit: int) -> list[str]:
        """Those that exist, once each."""
        several = list(dict.fromkeys(refs))
        if not several:
            return []
        sequences = self._redis.zmscore(keys.RECEIVED, several)
        there = sorted(((at, ref) for at, ref in zip(sequences, several, strict=True) if at), reverse=True)
        return [ref for _, ref in there[:limit]]


def _is_phone(text: str) -> bool:
    return bool(_PHONE.fullmatch(phones.plain(text)))


def _is_anothers(order: Order, text: str) -> bool:
    """Whether it was found by a phone number that only has the same ending."""
    customer, asked = order.customer, phones.plain(text)
    if not customer or not customer.phone or not _is_phone(text) or text in (order.cart_id, order.placement.number):
        return False
    ends_so = phones.last_digits(customer.phone) == phones.last_digits(asked)
    return ends_so and not phones.same(customer.phone, customer.address.country, asked)


def _groups(letters: str) -> list[str]:
    """Each of which may be right if not all of the letters are."""
    return [letters[:GROUP], letters[GROUP : 2 * GROUP]] if len(letters) >= _OF_BOTH else [letters]


def _has(ref: str, read: Iterable[str]) -> bool:
    return any(group.startswith(letters) for group in groups(ref) for letters in read)
