"""A person's work: their orders, handovers to them, callbacks, customers they helped. From indexes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import chain
from typing import cast

import redis

from fallback.domain.errors import Damaged
from fallback.domain.order.lifecycle import ENDED, headline
from fallback.domain.order.order import Order
from fallback.domain.order.unread import Found, Unread
from fallback.domain.support.late import Finish, finished_by_customer
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.newer import load_readable
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# Nobody works on more than the first of them.
MOST = 200


class Worklists:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, ledger: RedisLedger) -> None:
        self._redis = client
        self._ledger = ledger

    def of(self, name: str) -> Found:
        """The orders that this person or team owns, by the time of the next update."""
        return self._orders(self._first(keys.owner(name)))

    def handed_to(self, names: Iterable[str]) -> Found:
        """Orders that wait for one of these to accept them."""
        return self._orders(chain.from_iterable(self._first(keys.handover(name)) for name in names))

    def calls(self) -> Found:
        return self._orders(self._first(keys.CALLBACKS))

    def finished_with(self, name: str, since: datetime) -> tuple[list[tuple[Order, Finish]], Unread]:
        """Orders that customers finished after this person had helped them since then; the newest help first.

        Unread are all that this person helped with and that cannot be read: they may be finished.
        """
        with reachable():
            refs = cast(
                list[bytes],
                self._redis.zrange(
                    keys.helped(name), "+inf", since.timestamp(), desc=True, byscore=True, offset=0, num=MOST
                ),
            )
        helped, unread = self._orders(ref.decode() for ref in refs)
        finishes = self._finishes([order for order in helped if headline(order) in ENDED], unread)
        return [(order, finish) for order, finish in finishes if finish and name in finish.helped], unread

    def _finishes(self, ended: Iterable[Order], unread: Unread) -> Iterator[tuple[Order, Finish | None]]:
        """Adds those to `unread` whose timeline cannot be read."""
        for order in ended:
            try:
                yield order, finished_by_customer(order, self._ledger.timeline(order.ref))
            except Damaged:  # logged by then
                unread.damaged.append(order.ref)

    def _first(self, key: str) -> Iterator[str]:
        with reachable():
            refs = cast(list[bytes], self._redis.zrange(key, 0, MOST - 1))
        return (ref.decode() for ref in refs)

    def _orders(self, refs: Iterable[str]) -> Found:
        return load_readable(self._ledger, list(refs))
