"""Pieces and sums of open orders, and the number of all: recounted, and put right."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import redis
from msgspec.structs import replace

from fallback.domain.order.exposure import Terms
from fallback.domain.order.order import Order
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.verify.counts import MOVES
from fallback.ledger.verify.difference import Difference
from tests.builders import BOOK
from tests.ledger.recount import assert_counts_agree
from tests.ledger.verify.verifying import cancelled, found
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer


def counted(ledger: RedisLedger) -> Order:
    order = a_new_order(lines=(replace(BOOK, available=5),))
    ledger.accept(order, f"key-{order.ref}", "print", Terms())
    return ledger.load(order.ref)


def test_pieces_and_sums_are_recounted_and_corrected(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = counted(ledger)
    sku, pieces = order.lines[0].sku, int(client.hget(keys.STOCK, order.lines[0].sku) or 0)
    assert found(redis_server) == []
    client.hset(keys.STOCK, sku, pieces + 7)
    client.hdel(keys.EXPOSURE, f"sum:{order.currency}")
    assert set(found(redis_server, repair=True)) == {
        Difference(keys.STOCK, sku, pieces, pieces + 7, mended=True),
        Difference(keys.EXPOSURE, f"sum:{order.currency}", order.payment.amount, 0, mended=True),
    }
    assert_counts_agree(client, [order])


def test_a_count_that_was_lost_goes_on_where_it_was(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    order = counted(ledger)
    client.delete(keys.STOCK)
    assert found(redis_server, repair=True)
    cancelled(ledger, order)
    assert client.hget(keys.STOCK, order.lines[0].sku) == b"0"
    assert found(redis_server) == []


def another_order(ledger: RedisLedger, _: Order) -> None:
    accepted(ledger)  # of which no piece is counted


def a_change(ledger: RedisLedger, order: Order) -> None:
    order = ledger.load(order.ref)
    ledger.commit(order, order, [])


@pytest.mark.parametrize("comes", [another_order, a_change])
def test_counts_that_move_meanwhile_are_not_corrected(
    redis_server: RedisServer,
    client: redis.Redis,
    ledger: RedisLedger,
    monkeypatch: pytest.MonkeyPatch,
    comes: Callable[[RedisLedger, Order], None],
) -> None:
    order = counted(ledger)
    client.hincrby(keys.STOCK, order.lines[0].sku, 7)
    counts = a_container(redis_server.url).verification(repair=True)._counts
    look, before = counts._found, client.hget(keys.STOCK, order.lines[0].sku)

    def meanwhile() -> object:
        comes(ledger, order)
        return look()

    monkeypatch.setattr(counts, "_found", meanwhile)
    assert list(counts.differences()) == [Difference(keys.EXPOSURE, "", MOVES, None)]
    assert client.hget(keys.STOCK, order.lines[0].sku) == before


def test_the_number_of_the_last_order_is_known_again(
    redis_server: RedisServer, client: redis.Redis, ledger: RedisLedger
) -> None:
    for _ in range(3):
        accepted(ledger)
    client.set(keys.SEQUENCE, 2)
    assert found(redis_server, repair=True) == [Difference(keys.SEQUENCE, "", 3, 2, mended=True)]
    assert client.get(keys.SEQUENCE) == b"3"
    client.delete(keys.SEQUENCE)
    assert found(redis_server) == [Difference(keys.SEQUENCE, "", 3, 0)]
