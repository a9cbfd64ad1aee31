"""Drain held orders: our shifts, compared with a loop that records nothing and with one RQ job per order.

The shop and Stripe are stubs that take 50 ms per call. All three make the same calls for each order. The more orders
are in flight, the more the records cost: the loop only waits.
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import cached_property
from uuid import uuid4

import redis
from msgspec import structs
from rq import Queue as JobQueue
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.money import Money
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Event, Order, PaymentState, Queue
from fallback.domain.payment.gateway import Intent, IntentState, PaymentGateway
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryLine, PrimaryOrder
from fallback.domain.placement.primary import Duplicates, Health, Primary
from fallback.ledger.redis import keys
from ops.bench.customers import an_order
from ops.bench.servers import redis_server, settings
from workers.shifts import work
from workers.stopping import Stop

ORDERS = 2_000
IN_FLIGHT = (16, 24, 32, 64)
USUAL = 24  # the default of FALLBACK_SHIFT_THREADS; one job per order is compared with it
CALL_SECONDS = 0.05
# One job per order is so slow that a few orders are enough to measure it.
JOBS = 60


def measure() -> dict[str, float]:
    figures: dict[str, float] = {}
    with redis_server() as client:
        jobs = _one_job_per_order(client)
        for threads in IN_FLIGHT:
            client.flushall()  # else these orders would be those of the same people once more, and wait for their word
            memory, file = _sizes(client)
            os.environ.update(settings(client, FALLBACK_SHIFT_THREADS=str(threads)))
            loop = _loop_without_books(threads)
            rate, cpu = shifts(SlowWorld(Config.from_env()))
            if not figures:  # before the file is rewritten
                figures["bytes_per_settled_order"] = (_sizes(client)[0] - memory) / ORDERS
                figures["file_bytes_per_settled_order"] = (_sizes(client)[1] - file) / ORDERS
            figures |= {
                f"loop_{threads}_per_second": loop,
                f"drain_{threads}_per_second": rate,
                f"drain_{threads}_cpu_ms": cpu,
                f"drain_to_loop_{threads}": rate / loop,
            }
    usual = figures[f"drain_{USUAL}_per_second"]
    return figures | {"rq_jobs_per_second": jobs, "drain_to_rq_jobs": usual / jobs}


class SlowShop:
    """A primary whose calls take 50 ms and always succeed."""

    available = True

    def health(self) -> Health:
        return Health(Duplicates.ENFORCED)

    def rivals(self, *_: object) -> list[PrimaryOrder]:
        time.sleep(CALL_SECONDS)
        return []

    def place(self, order: Order) -> PrimaryOrder:
        time.sleep(CALL_SECONDS)
        return _there(order)

    def read(self, ref: str) -> PrimaryOrder:
        time.sleep(CALL_SECONDS)
        return structs.replace(_AGREED, ref=ref, cart_id=ref)


class SlowStripe:
    available = True

    def capture(self, intent_id: str, amount: Money, _: str) -> Intent:
        time.sleep(CALL_SECONDS)
        return Intent(intent_id, IntentState.CAPTURED, amount.amount, amount.currency, captured=amount.amount)


class SlowWorld(Container):
    @cached_property
    def primary(self) -> Primary:
        return SlowShop()  # type: ignore[return-value]

    @cached_property
    def gateway(self) -> PaymentGateway:
        return SlowStripe()  # type: ignore[return-value]


def _there(order: Order) -> PrimaryOrder:
    return PrimaryOrder(
        id=order.ref,
        number=order.ref,
        cart_id=order.cart_id,
        currency=order.currency,
        lines=tuple(PrimaryLine(line.sku, line.quantity, line.unit_price) for line in order.lines),
        delivery=PrimaryDelivery(order.delivery.id, order.delivery.slot.id if order.delivery.slot else None),
        total=order.payment.amount,
        status="placed",
        ref=order.ref,
    )


_AGREED = _there(an_order(0))


def shifts(container: Container) -> tuple[float, float]:
    """Orders per second, from the first claim to the last commit, with the code that workers run.

    Also the milliseconds of a processor that each order takes in the worker.
    """
    hold_authorized(container)
    began, worked = time.perf_counter(), time.process_time()
    while container.ledger.count_due(Queue.PLACEMENT, timedelta(hours=1)):
        work(container, Queue.PLACEMENT, Stop())
    if container.redis.zcard(keys.headline(Headline.SETTLED)) != ORDERS:
        raise RuntimeError("not all orders were placed and captured")
    return ORDERS / (time.perf_counter() - began), (time.process_time() - worked) / ORDERS * 1000


def hold_authorized(container: Container) -> None:
    for number in range(ORDERS):
        order = an_order(number)
        order = structs.replace(order, cart_id=order.ref, notices=())
        container.ledger.accept(order, uuid4().hex, "-")
        payment = structs.replace(
            order.payment,
            state=PaymentState.AUTHORIZED,
            intent=f"pi_{number}",
            token=None,
            authorized=order.payment.amount,
        )
        held = structs.replace(order, version=1)
        now = Event(order.received_at, "authorized", "stripe")
        container.ledger.commit(held, structs.replace(held, payment=payment), [now])


def _sizes(client: redis.Redis) -> tuple[int, int]:
    """Bytes of Redis' memory and of its append-only file."""
    return client.info("memory")["used_memory"], client.info("persistence")["aof_current_size"]


def _loop_without_books(threads: int) -> float:
    orders = [an_order(number) for number in range(ORDERS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(_same_calls, orders):
            pass
    return ORDERS / (time.perf_counter() - began)


def _same_calls(order: Order) -> None:
    shop, stripe = SlowShop(), SlowStripe()
    shop.rivals()
    shop.place(order)
    shop.read(order.ref)
    stripe.capture("pi", order.total, order.ref)


def one_job(number: int) -> None:
    """The job of a design with one job per order."""
    _same_calls(an_order(number))


def _one_job_per_order(client: redis.Redis) -> float:
    queue = JobQueue("bench", connection=client, serializer=JSONSerializer)
    for number in range(JOBS):
        queue.enqueue(one_job, number, result_ttl=0)
    worker = SimpleWorker([queue], connection=client, serializer=JSONSerializer)
    began = time.perf_counter()
    worker.work(burst=True, logging_level="WARNING")
    return JOBS / (time.perf_counter() - began)
