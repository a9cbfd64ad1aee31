"""Held orders by the hundreds, two workers and a real Redis: the pace at the primary, and the forecast, on a watch."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from statistics import median
from threading import Lock
from time import monotonic, sleep

import pytest
from msgspec.structs import replace

from fallback.domain.money import Money
from fallback.domain.order.order import Order, Queue
from fallback.domain.outage.drain import DrainState
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import Duplicates, Health
from fallback.ledger.redis.clock import wall
from fallback.usecases.outage.drain_status import drain_status
from tests.builders import CUSTOMER, a_primary_order, an_order
from tests.fakes.pace import UNBOUND, a_rule
from tests.ledger.world import a_container
from tests.redis_server import RedisServer
from workers.shifts import work
from workers.stopping import Stop

ORDERS = 300
PACE = 10.0  # an eighth of what one core does, so that a busy machine keeps to it as well
WINDOW = 5.0
THREADS = 4  # of each worker; a call that has its turn may be held up on the way to the shop


class StubShop:
    """Takes what a shop takes for each call, and notes when an order came."""

    available = True

    def __init__(self, seconds_a_call: float = 0.02) -> None:
        self.came: list[float] = []
        self._seconds = seconds_a_call
        self._orders: dict[str, PrimaryOrder] = {}
        self._lock = Lock()

    def health(self) -> Health:
        return Health(Duplicates.ENFORCED)

    def find(self, ref: str) -> PrimaryOrder | None:
        return self._orders.get(ref)

    def rivals(self, *_: object) -> Iterable[PrimaryOrder]:
        sleep(self._seconds)
        return ()

    def place(self, order: Order) -> PrimaryOrder:
        with self._lock:
            self.came.append(monotonic())
            self._orders[order.ref] = a_primary_order(order)
        sleep(self._seconds)
        return self._orders[order.ref]

    def read(self, ref: str) -> PrimaryOrder:
        sleep(self._seconds)
        return self._orders[ref]


class StubStripe:
    available = True

    def capture(self, intent_id: str, amount: Money, _: str) -> Intent:
        return Intent(intent_id, IntentState.CAPTURED, amount.amount, amount.currency, captured=amount.amount)


def most_in_a_window(came: list[float]) -> int:
    return max(bisect_left(came, at + WINDOW) - place for place, at in enumerate(came))


def test_held_orders_drain_at_the_pace_and_the_forecast_is_right(redis_server: RedisServer) -> None:
    shop = StubShop()
    workers = [a_container(redis_server.url, fallback_shift_threads=THREADS) for _ in range(2)]
    for worker in workers:
        worker.clock, worker.bounds = wall, UNBOUND
        worker.primary, worker.gateway = shop, StubStripe()
    engineer = workers[0]
    engineer.pace.decide(a_rule(PACE, ramp=False))
    for number in range(ORDERS):
        customer = replace(CUSTOMER, email=f"customer-{number}@example.org")
        order = an_order(received_at=datetime.now(UTC), customer=customer)
        engineer.ledger.accept(order, order.ref, "-")
    began = monotonic()
    forecasts: list[tuple[float, float]] = []
    with ThreadPoolExecutor(2) as threads:
        shifts = [threads.submit(work, worker, Queue.PLACEMENT, Stop()) for worker in workers]
        while not all(shift.done() for shift in shifts):
            now = drain_status(engineer)
            if now.seconds_left is not None and now.state is DrainState.GOING:
                forecasts.append((monotonic() - began, now.seconds_left))
            sleep(0.5)
    for shift in shifts:
        shift.result()
    took = shop.came[-1] - began
    assert len(shop.came) == ORDERS
    assert most_in_a_window(shop.came) <= PACE * WINDOW * 1.05 + 2 * THREADS
    assert most_in_a_window(shop.came) >= PACE * WINDOW * 0.9
    assert took >= ORDERS / PACE * 0.98
    early = [left / (took - at) for at, left in forecasts if at < took * 0.75]
    assert len(early) > 5
    assert median(early) == pytest.approx(1, rel=0.2)
