"""Figures of all processes are one sum in Redis, which survives every restart."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.observed_port import CallOutcome
from fallback.domain.order.order import PaymentState
from fallback.ledger.oncall.metrics_store import BUCKETS, MetricsStore
from fallback.runtime.metrics import ACCEPT, MOST, Metrics, Service
from tests.builders import NOW, a_payment
from tests.demo.waiting import eventually
from tests.ledger.world import a_ledger, accepted
from tests.redis_server import RedisServer


def counted(metrics_store: MetricsStore, series: str) -> dict[str, int]:
    return dict(zip(BUCKETS, metrics_store.read().spreads[series].counts, strict=True))


class Shop:
    """A port that does what the test says."""

    available = True

    def __init__(self, act: Callable[[], str] = lambda: "done") -> None:
        self.act = act

    def place(self) -> str:
        return self.act()


def raising(error: Exception) -> Callable[[], str]:
    def act() -> str:
        raise error

    return act


def test_the_figures_of_all_processes_are_one_sum(redis_server: RedisServer) -> None:
    one, other = Metrics(), Metrics()
    for metrics in (one, other):
        metrics.accepted(0.004)
        metrics.accepted(0.3)
        MetricsStore(redis_server.client, metrics).write()

    metrics_store = MetricsStore(redis_server.client, Metrics())
    upto = counted(metrics_store, ACCEPT)

    assert [upto[bound] for bound in ("0.002", "0.005", "0.2", "0.5", "+Inf")] == [0, 2, 2, 4, 4]
    assert metrics_store.read().spreads[ACCEPT].seconds == pytest.approx(0.608)


def test_the_authorization_that_lapses_first_is_known(redis_server: RedisServer) -> None:
    ledger = a_ledger(redis_server.url)
    metrics_store = MetricsStore(redis_server.client, Metrics())
    assert (metrics_store.read().accepted, metrics_store.read().lapses_at) == (0, None)
    assert set(metrics_store.read().refused.values()) == {0}
    for days in (3, 2):
        order = accepted(ledger)
        held = a_payment(PaymentState.AUTHORIZED, capture_before=NOW + timedelta(days=days))
        ledger.commit(order, replace(order, payment=held), [])
    seen = metrics_store.read()
    assert (seen.accepted, seen.lapses_at) == (2, (NOW + timedelta(days=2)).timestamp())
    assert seen.spreads[ACCEPT].seconds == 0


def test_nothing_is_written_twice(redis_server: RedisServer) -> None:
    metrics = Metrics()
    metrics_store = MetricsStore(redis_server.client, metrics)
    metrics.accepted(60.0)
    metrics_store.write()
    metrics_store.write()
    assert counted(metrics_store, ACCEPT) == dict.fromkeys(BUCKETS, 0) | {"+Inf": 1}
    assert metrics_store.read().spreads[ACCEPT].seconds == 60


def test_what_redis_did_not_take_is_written_when_it_is_back(mortal_redis: RedisServer) -> None:
    metrics = Metrics()
    metrics_store = MetricsStore(mortal_redis.client, metrics)
    metrics.accepted(0.001)
    mortal_redis.kill()
    with pytest.raises(TryAgain):
        metrics_store.write()
    metrics.accepted(0.001)
    mortal_redis.start()
    metrics_store.write()
    assert counted(metrics_store, ACCEPT)["+Inf"] == 2
    assert metrics_store.read().spreads[ACCEPT].seconds == 0.002


def test_memory_is_bounded_while_nobody_writes() -> None:
    metrics = Metrics()
    for _ in range(MOST + 10):
        metrics.accepted(0.001)
    assert len(metrics.taken()[ACCEPT]) == MOST


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (TryAgain("away"), CallOutcome.AWAY),
        (OutcomeUnknown("lost"), CallOutcome.UNKNOWN),
        (Refused("out_of_stock"), CallOutcome.REFUSED),
    ],
)
def test_a_call_counts_by_how_it_ended(error: Exception, outcome: CallOutcome) -> None:
    metrics = Metrics()
    shop = metrics.over(Service.PRIMARY, Shop(raising(error)))
    with pytest.raises(type(error)):
        shop.place()
    assert list(metrics.taken()) == [f"primary:{outcome}"]


def test_a_call_that_went_well_answers_as_without_the_metrics() -> None:
    metrics = Metrics()
    assert metrics.over(Service.PRIMARY, Shop()).place() == "done"
    assert list(metrics.taken()) == ["primary:done"]


def test_a_breaker_that_is_open_in_one_process_is_seen_by_all(redis_server: RedisServer) -> None:
    metrics, shop = Metrics(), Shop()
    metrics.over(Service.PRIMARY, shop)
    metrics_store = MetricsStore(redis_server.client, metrics)
    metrics_store.write()
    assert metrics_store.read().kept_back == set()
    shop.available = False
    metrics_store.write()
    assert MetricsStore(redis_server.client, Metrics()).read().kept_back == {Service.PRIMARY}


def test_what_a_process_sees_is_written_by_itself_and_the_last_of_it_at_its_end(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.oncall.metrics_store.WRITE_EVERY", 0.01)
    metrics = Metrics()
    metrics_store = MetricsStore(redis_server.client, metrics)
    end = keeps_writing(metrics_store, monkeypatch)
    assert {thread.daemon for thread in threading.enumerate() if thread.name == "metrics"} == {True}
    metrics.accepted(0.001)
    eventually(lambda: counted(metrics_store, ACCEPT)["+Inf"] == 1)
    monkeypatch.setattr("fallback.ledger.oncall.metrics_store.WRITE_EVERY", 60.0)
    metrics.accepted(0.001)
    end()
    assert counted(metrics_store, ACCEPT)["+Inf"] == 2


def keeps_writing(metrics_store: MetricsStore, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Returns what is done at the end of the process."""
    ends: list[Callable[[], None]] = []
    monkeypatch.setattr(
        "fallback.ledger.oncall.metrics_store.atexit.register", lambda end, *with_: ends.append(partial(end, *with_))
    )
    metrics_store.keep_writing()
    [end] = ends
    return end


def test_a_write_that_hangs_keeps_no_process_from_its_end(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.oncall.metrics_store.WRITE_EVERY", 0.01)
    metrics_store, writes, goes_on = MetricsStore(redis_server.client, Metrics()), threading.Event(), threading.Event()

    def write() -> None:
        if threading.current_thread().name == "metrics":
            writes.set()
            goes_on.wait(10)

    monkeypatch.setattr(metrics_store, "write", write)
    end = keeps_writing(metrics_store, monkeypatch)
    assert writes.wait(10)
    [thread] = [thread for thread in threading.enumerate() if thread.name == "metrics"]
    end()
    assert thread.is_alive()
    goes_on.set()
    thread.join()
