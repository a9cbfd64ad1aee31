"""New orders are refused early enough that all accepted ones settle in the remaining memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_hex

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Event, Order, PaymentState, Queue
from fallback.ledger.redis.readiness import GROWTH, MEMORY_WATERMARK
from tests.builders import CUSTOMER
from tests.fakes.gateway import VISA, FakeGateway
from tests.fakes.mailer import FakeMailer
from tests.fakes.pace import UNBOUND, a_rule
from tests.fakes.primary import FakePrimary
from tests.ledger.world import a_container, a_new_order
from tests.redis_server import RedisServer
from workers.shifts import work
from workers.stopping import Stop

MEGABYTE = 2**20


@pytest.fixture
def house(mortal_redis: RedisServer, monkeypatch: pytest.MonkeyPatch) -> Container:
    """Everything but Redis is in memory."""
    monkeypatch.setattr("fallback.ledger.redis.readiness.CHECK_EVERY_SECONDS", -1.0)
    built = a_container(mortal_redis.url, fallback_shift_threads=2)
    built.clock = lambda: datetime.now(UTC)
    built.gateway, built.primary, built.mailer = FakeGateway(built.clock), FakePrimary(clock=built.clock), FakeMailer()
    built.bounds = UNBOUND
    built.pace.decide(a_rule(10_000, ramp=False))
    return built


def ordered(house: Container) -> Order:
    order = a_new_order(received_at=house.clock())
    customer = replace(CUSTOMER, email=f"{order.ref.lower()}@example.org")
    order = replace(order, customer=customer, payment=replace(order.payment, token=house.gateway.token(VISA)))
    house.ledger.accept(order, order.ref, "body")
    return order


def settle(house: Container, orders: list[Order]) -> None:
    for queue in (Queue.PAYMENT, Queue.PLACEMENT, Queue.NOTICE):
        work(house, queue, Stop())
    for order in orders:
        there = house.ledger.load(order.ref)
        assert headline(there) is Headline.SETTLED, there
        assert there.payment.state is PaymentState.CAPTURED


def used(server: RedisServer) -> int:
    return int(server.client.info("memory")["used_memory"])


def test_what_was_taken_until_it_stopped_settles_within_the_limit(house: Container, mortal_redis: RedisServer) -> None:
    limit = used(mortal_redis) + 2 * MEGABYTE
    mortal_redis.client.config_set("maxmemory", limit)
    orders = []
    while not (problems := house.readiness.problems()):
        orders.append(ordered(house))
    assert len(orders) > 20
    assert "to settle open orders" in problems[0]
    settle(house, orders)
    assert used(mortal_redis) < limit
    assert mortal_redis.client.info("errorstats").get("errorstat_OOM") is None
    assert house.readiness.problems() == ()  # there is room again


def test_the_page_of_sizes_counts_with_what_is_kept_for_an_order() -> None:
    page = (Path(__file__).parents[3] / "ops/docs/reference/sizing.md").read_text()
    kept = GROWTH // 1_000
    assert f"(2.0 + {kept}) / {MEMORY_WATERMARK} = {(2.0 + kept) / MEMORY_WATERMARK:.1f} kB each" in page


def test_an_order_takes_less_than_is_kept_for_it(house: Container, mortal_redis: RedisServer) -> None:
    orders = [ordered(house) for _ in range(100)]
    before = used(mortal_redis)
    settle(house, orders)
    # Less than half as much was seen where buffers of connections had gone meanwhile.
    assert 0 < (used(mortal_redis) - before) / len(orders) < 0.7 * GROWTH


def test_an_order_with_much_trouble_takes_no_more_than_is_kept_for_it(
    house: Container, mortal_redis: RedisServer
) -> None:
    """Each of its events has words of its own, which compression leaves."""
    orders = [ordered(house) for _ in range(150)]
    before = used(mortal_redis)
    settle(house, orders)
    for order in orders:
        for number in range(10):
            facts = {"payment": f"pi_{token_hex(12)}", "attempt": str(number)}
            event = Event(house.clock() + timedelta(minutes=number), "payment_declined", "worker", facts)
            house.ledger.commit(there := house.ledger.load(order.ref), there, (event,))
    assert (used(mortal_redis) - before) / len(orders) < GROWTH
