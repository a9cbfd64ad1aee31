"""What the indexes and due sets have to say, recounted by a full scan of the orders."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import Any

import redis

from fallback.domain.order.erasing import kept_since
from fallback.domain.order.exposure import lives, not_authorized, taken
from fallback.domain.order.grants import GrantState
from fallback.domain.order.lifecycle import headline, holds_cart, is_over, next_word_by, promised
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Order
from fallback.domain.payment.concerns import open_ones
from fallback.domain.support.late import is_help
from fallback.domain.support.owners import owner_of
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys

Sets = dict[str, dict[str, float]]


def assert_indexes_agree(client: redis.Redis, ledger: RedisLedger) -> None:
    """The sorted sets and the strings that name an order are what the orders themselves say, no more and no less."""
    orders = _all_orders(client, ledger)
    assert _sets_in_redis(client) == _sets_of(orders, client, ledger)
    assert_counts_agree(client, orders)
    carts = {keys.cart(each.cart_id): each.ref for each in orders if holds_cart(each)}
    assert _names_in_redis(client, "cart:*") == carts
    intents = {keys.intent(each.payment.intent): each.ref for each in orders if each.payment.intent}
    assert intents.items() <= _names_in_redis(client, "intent:*").items()
    assert not client.exists("")  # what has no cart or no intent
    for order in orders:
        assert not order.customer or order.ref in ledger.refs_of_person(email=order.customer.email, limit=len(orders))


def assert_counts_agree(client: redis.Redis, orders: list[Order]) -> None:
    assert _counts_in_redis(client) == _counts_of(orders, client)


def _counts_of(orders: list[Order], client: redis.Redis) -> dict[str, dict[str, int]]:
    """The pieces and sums of all orders since the counts began, as their documents say."""
    noted = client.hget(keys.EXPOSURE, "")
    began = float("inf") if noted is None else int(noted)
    stock: Counter[str] = Counter()
    exposed: Counter[str] = Counter()
    for order in orders:
        if client.zscore(keys.RECEIVED, order.ref) > began:
            stock += taken(order)
            exposed[f"sum:{order.currency}"] += not_authorized(order)
            exposed["late"] += bool(order.late) and lives(order)
    return {keys.STOCK: dict(+stock), keys.EXPOSURE: dict(+exposed)}


def _counts_in_redis(client: redis.Redis) -> dict[str, dict[str, int]]:
    counts: dict[str, Any] = {key: client.hgetall(key) for key in (keys.STOCK, keys.EXPOSURE)}
    apart = {b"", b"since"}
    return {
        key: {
            field.decode(): int(figure)
            for field, figure in fields.items()
            if field not in apart and not field.startswith(b"refused:") and int(figure)
        }
        for key, fields in counts.items()
    }


def _all_orders(client: redis.Redis, ledger: RedisLedger) -> list[Order]:
    return ledger.load_many([key.decode().removeprefix("order:") for key in client.scan_iter("order:*")])


def _sets_of(orders: list[Order], client: redis.Redis, ledger: RedisLedger) -> Sets:
    sets: defaultdict[str, dict[str, float]] = defaultdict(dict)
    sequence: dict[str, float] = {ref.decode(): at for ref, at in client.zrange(keys.RECEIVED, 0, -1, withscores=True)}
    assert sorted(sequence.values()) == list(range(1, len(orders) + 1))
    for order in orders:
        sets[keys.RECEIVED][order.ref] = sets[keys.headline(headline(order))][order.ref] = sequence[order.ref]
        for key in _found_by(order):
            sets[key][order.ref] = sequence[order.ref]
        for hold in order.holds:
            sets[keys.hold(hold.code)][order.ref] = next_word_by(order).timestamp()
        if order.payment.capture_before:
            sets[keys.CAPTURE_BEFORE][order.ref] = order.payment.capture_before.timestamp()
        if order.placement.late_since:
            sets[keys.LATE][order.ref] = order.placement.late_since.timestamp()
        if doubted := open_ones(order):
            sets[keys.CONCERNS][order.ref] = min(concern.since for concern in doubted).timestamp()
        if kept := kept_since(order):
            sets[keys.KEPT][order.ref] = kept.timestamp()
        if promised(order):
            sets[keys.NEXT_WORD][order.ref] = next_word_by(order).timestamp()
        if owner_of(order):
            sets[keys.owner(owner_of(order))][order.ref] = next_word_by(order).timestamp()
        if order.handover and not is_over(order):
            sets[keys.handover(order.handover.to)][order.ref] = order.handover.accept_by.timestamp()
        if order.callback and not is_over(order):
            sets[keys.CALLBACKS][order.ref] = order.callback.at.timestamp()
        for event in filter(is_help, ledger.timeline(order.ref)):
            sets[keys.helped(event.who)][order.ref] = event.at.timestamp()
        for grant in order.grants:
            if grant.state in (GrantState.GRANTED, GrantState.MADE, GrantState.FAILED):
                booked = sets[keys.booked(grant.kind, grant.incident, order.currency)]
                booked[order.ref] = booked.get(order.ref, 0) + grant.amount
        for queue, at in due_times(order).items():
            sets[keys.due(queue)][order.ref] = at.timestamp()
    return dict(sets)


def _found_by(order: Order) -> list[str]:
    """The sets that the desk looks into: by each group of the ref, by the shop's number, by a cart that was let go."""
    found = [keys.part(order.ref[3:6]), keys.part(order.ref[8:11])]
    if order.placement.number:
        found.append(keys.number(order.placement.number.lower().lstrip("#")))
    let_go = not holds_cart(order) or order.payment.may_have_freed_cart
    return [*found, keys.undone(order.cart_id)] if let_go else found


def _sets_in_redis(client: redis.Redis) -> Sets:
    """All but those of persons, whose names the orders do not tell."""
    names = [key.decode() for key in client.scan_iter(_type="zset") if not key.startswith((b"email:", b"phone:"))]
    sets: dict[str, Any] = {name: client.zrange(name, 0, -1, withscores=True) for name in names}
    return {name: {ref.decode(): at for ref, at in entries} for name, entries in sets.items()}


def _names_in_redis(client: redis.Redis, pattern: str) -> dict[str, str]:
    return {key.decode(): client.get(key).decode() for key in client.scan_iter(pattern)}
