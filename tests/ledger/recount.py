"""What the indexes and due sets have to say, recounted by a full scan of the orders."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import redis

from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import Headline, due_times, headline, holds_cart
from fallback.domain.order import Order, Queue
from fallback.ledger import keys
from fallback.ledger.redis_ledger import RedisLedger

Sets = dict[str, dict[str, float]]


def assert_indexes_agree(client: redis.Redis, ledger: RedisLedger) -> None:
    """The sorted sets and the strings that name an order are what the orders themselves say, no more and no less."""
    orders = _all_orders(client, ledger)
    assert _sets_in_redis(client) == _sets_of(orders, client)
    carts = {keys.cart(each.cart_id): each.ref for each in orders if holds_cart(each)}
    assert _names_in_redis(client, "cart:*") == carts
    intents = {keys.intent(each.payment.intent): each.ref for each in orders if each.payment.intent}
    assert intents.items() <= _names_in_redis(client, "intent:*").items()
    for order in orders:
        assert not order.customer or order.ref in ledger.refs_of_person("email", order.customer.email)


def _all_orders(client: redis.Redis, ledger: RedisLedger) -> list[Order]:
    return ledger.load_many([key.decode().removeprefix("order:") for key in client.scan_iter("order:*")])


def _sets_of(orders: list[Order], client: redis.Redis) -> Sets:
    sets: defaultdict[str, dict[str, float]] = defaultdict(dict)
    sequence: dict[str, float] = {ref.decode(): at for ref, at in client.zrange(keys.RECEIVED, 0, -1, withscores=True)}
    assert sorted(sequence.values()) == list(range(1, len(orders) + 1))
    for order in orders:
        sets[keys.RECEIVED][order.ref] = sets[keys.headline(headline(order))][order.ref] = sequence[order.ref]
        for hold in order.holds:
            sets[keys.hold(hold.code)][order.ref] = hold.next_word_by.timestamp()
        for queue, at in due_times(order).items():
            sets[keys.due(queue)][order.ref] = at.timestamp()
    return dict(sets)


def _sets_in_redis(client: redis.Redis) -> Sets:
    names = [keys.RECEIVED, *map(keys.headline, Headline), *map(keys.hold, HoldCode), *map(keys.due, Queue)]
    sets: dict[str, Any] = {name: client.zrange(name, 0, -1, withscores=True) for name in names}
    return {name: {ref.decode(): at for ref, at in entries} for name, entries in sets.items() if entries}


def _names_in_redis(client: redis.Redis, pattern: str) -> dict[str, str]:
    return {key.decode(): client.get(key).decode() for key in client.scan_iter(pattern)}
