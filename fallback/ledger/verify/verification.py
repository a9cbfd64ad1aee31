"""Walks through everything in Redis once, in pages, and tells what cannot be read and which index is wrong.

Memory is bounded, however many orders there are: keys come from SCAN, and of each page only differences are kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import TypeVar, cast

import msgspec
import redis

from fallback.domain.errors import FallbackError
from fallback.domain.order.grants import GrantKind
from fallback.ledger.order import entries
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.ledger.verify.counts import Counts
from fallback.ledger.verify.difference import A_DOCUMENT, Difference
from fallback.ledger.verify.orders import Orders, by_ref
from fallback.ledger.verify.standing import ALWAYS

T = TypeVar("T")
# Reads what is stored under a key: its whole name, or what follows a beginning.
Readers = Mapping[str, Callable[[str], object]]

PAGE = 500
# So many of the last differences are kept, so that none is told twice: some 30 MB.
REMEMBERED = 100_000
_ORDER = keys.order("")
_CART, _INTENT = keys.cart(""), keys.intent("")
_OF_PEOPLE = (keys.person("email", ""), keys.person("phone", ""))
# Other sets of which there are many.
_FOUND_BY_NAME = (
    *(keys.part(""), keys.number(""), keys.undone("")),
    *(keys.owner(""), keys.handover(""), keys.helped("")),
    *(keys.booked(kind, "", "").rstrip(":") + ":" for kind in GrantKind),
)


class Verification:
    """`readers`: for all that is no order. `repair`: rebuild indexes from the documents, which stay as they are."""

    def __init__(
        self, client: redis.Redis, crypto: Crypto, damaged: DamagedOrders, readers: Readers, repair: bool
    ) -> None:
        self._redis = client
        self._orders = Orders(client, crypto, damaged, repair)
        self._counts = Counts(client, repair)
        self._readers = readers
        self._repair = repair

    def count(self) -> int:
        with reachable():
            return self._redis.dbsize()

    def keys(self) -> Iterator[str]:
        with reachable():
            for key in self._redis.scan_iter(count=PAGE):
                yield cast(bytes, key).decode(errors="replace")

    def differences(self, names: Iterable[str]) -> Iterator[Difference]:
        """`names`: from `keys`."""
        yield from self._counts.of_sequences()  # first: an order that has lost its number gets a free one
        yield from once(self._of_all(names))
        if self._repair:
            yield from self._counts.of_sequences()  # again: lists have their orders back
        yield from self._counts.differences()

    # --- details

    def _of_all(self, names: Iterable[str]) -> Iterator[Difference]:
        for page in _pages(names):
            yield from self._of_page(page)
        for key in ALWAYS:
            for members in _pages(self._members(key)):
                yield from self._orders.without_order({ref: [key] for ref in members})

    def _of_page(self, page: list[str]) -> Iterator[Difference]:
        yield from self._orders.differences(key.removeprefix(_ORDER) for key in page if key.startswith(_ORDER))
        yield from self._orders.without_order(self._held([key for key in page if key.startswith(_INTENT)]))
        yield from self._orders.of_carts(self._held([key for key in page if key.startswith(_CART)]))
        for found in _pages(self._listed([key for key in page if key.startswith(_OF_PEOPLE)])):
            yield from self._orders.of_people(by_ref(found))
        for found in _pages(self._listed([key for key in page if key.startswith(_FOUND_BY_NAME)])):
            by_letters = [(key, ref) for key, ref in found if key in entries.part_keys(ref)]
            yield from self._orders.without_order(by_ref(by_letters))
            yield from self._orders.misplaced(by_ref(set(found).difference(by_letters)))
        for key in page:
            yield from self._unreadable(key)

    def _held(self, names: list[str]) -> dict[str, set[str]]:
        """Refs that these strings hold, with the strings."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in names:
            pipeline.get(key)
        with reachable():
            refs = pipeline.execute()
        return by_ref((key, ref.decode()) for key, ref in zip(names, refs, strict=True) if ref)

    def _listed(self, names: list[str]) -> Iterator[tuple[str, str]]:
        """The members of these sets. Most of the sets have few; one that has more is read anew."""
        pipeline = self._redis.pipeline(transaction=False)
        for key in names:
            pipeline.zscan(key, count=PAGE)
        with reachable():
            answers = pipeline.execute()
        for key, (cursor, members) in zip(names, answers, strict=True):
            if cursor:
                yield from ((key, ref) for ref in self._members(key))
            else:
                yield from ((key, ref.decode()) for ref, _ in members)

    def _members(self, key: str) -> Iterator[str]:
        with reachable():
            for ref, _ in self._redis.zscan_iter(key, count=PAGE):
                yield cast(bytes, ref).decode()

    def _unreadable(self, key: str) -> Iterator[Difference]:
        beginning = f"{key.partition(':')[0]}:"
        for name, rest in ((key, key), (beginning, key.removeprefix(beginning))):
            try:
                if read := self._readers.get(name):
                    read(rest)
            except (msgspec.MsgspecError, Undecryptable, FallbackError, ValueError, redis.ResponseError) as error:
                yield Difference(key, "", A_DOCUMENT, str(error))


def once(found: Iterable[Difference]) -> Iterator[Difference]:
    """Each difference once: while Redis resizes a table, SCAN may return a key again soon after the first time."""
    told = OrderedDict[tuple[str, str], None]()
    for each in found:
        about = each.key, each.of
        if about not in told:
            told[about] = None
            yield each
        if len(told) > REMEMBERED:
            told.popitem(last=False)


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while page := list(islice(iterator, PAGE)):
        yield page
