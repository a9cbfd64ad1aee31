"""/metrics: metrics for Prometheus.

All metrics but those of the journal come from the ledger, so every process returns the same figures: scrape one of
each machine. While the ledger is away only those of the journal are there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime

from flask import Blueprint, Response
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector, CollectorRegistry

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalState
from fallback.domain.errors import TryAgain
from fallback.domain.observed_port import CallOutcome
from fallback.domain.oncall.drill import DrillOutcome
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import pace_now
from fallback.ledger.oncall.metrics_store import BUCKETS, Seen, Spread
from fallback.runtime.metrics import ACCEPT, Service
from fallback.web.http.auth import Rule, allow, container

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
@allow(Rule.METRICS)
def metrics() -> Response:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures(container()))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Figures(Collector):
    def __init__(self, built: Container) -> None:
        self._built = built

    def collect(self) -> Iterator[Metric]:
        now = self._built.clock()
        if self._built.journal is None:
            yield from self._of_ledger(now)
            return
        yield from _journal(self._built.journal.state(), now)
        with suppress(TryAgain):
            yield from list(self._of_ledger(now))

    def _of_ledger(self, now: datetime) -> Iterator[Metric]:
        yield from self._orders()
        yield from self._waiting(now)
        yield from self._room()
        yield from self._exposure()
        yield from _work(self._built.metrics_store.read(), now)

    def _orders(self) -> Iterator[Metric]:
        counts = self._built.views.counts()
        orders = GaugeMetricFamily("fallback_orders", "Orders by headline.", labels=["headline"])
        for headline, count in counts.headlines.items():
            orders.add_metric([headline], count)
        holds = GaugeMetricFamily("fallback_holds", "Orders on hold, by reason.", labels=["code"])
        for code, count in counts.holds.items():
            holds.add_metric([code], count)
        yield from (orders, holds)

    def _exposure(self) -> Iterator[Metric]:
        counted = self._built.exposures.read()
        sums = GaugeMetricFamily(
            "fallback_not_authorized_minor_units", "Open orders that no bank has authorized.", labels=["currency"]
        )
        for currency, amount in counted.open.items():
            sums.add_metric([currency], amount)
        yield sums
        yield _gauge("fallback_maybe_late_orders", "Orders for which the stock may not suffice.", counted.late)

    def _waiting(self, now: datetime) -> Iterator[Metric]:
        snapshot = self._built.overview.see(now)
        mode = GaugeMetricFamily("fallback_mode", "1 for the current mode.", labels=["mode"])
        for each in Mode:
            mode.add_metric([each], each is snapshot.mode.mode)
        due = GaugeMetricFamily("fallback_due", "Due orders.", labels=["queue"])
        late = GaugeMetricFamily("fallback_due_oldest_seconds", "Age of the oldest due order.", labels=["queue"])
        for queue in Queue:
            due.add_metric([queue], self._built.ledger.count_due(queue))
            late.add_metric([queue], _age(snapshot.oldest_due.get(queue), now))
        oldest = _age(snapshot.oldest_waiting, now)
        yield from (mode, due, late)
        yield _gauge("fallback_oldest_waiting_seconds", "Age of the oldest order that waits for the primary.", oldest)
        yield _gauge("fallback_ready", "1 if orders can be accepted safely.", not snapshot.not_ready)
        yield _gauge("fallback_damaged_orders", "Orders whose record cannot be read.", snapshot.damaged)
        differences = "Differences on the last balance sheet of standby."
        yield _gauge("fallback_standby_differences", differences, snapshot.differences)
        if snapshot.drill:
            passed = snapshot.drill.outcome is DrillOutcome.PASSED
            yield _gauge("fallback_drill_passed", "1 if the last drill passed.", passed)
            yield _gauge("fallback_drill_age_seconds", "Age of the last drill.", _age(snapshot.drill.began, now))
        rule, going = self._built.pace.rule(), self._built.pace.going()
        pace = 0.0 if rule.paused else pace_now(going, rule, self._built.bounds)
        yield _gauge("fallback_pace_orders_per_second", "Current pace of the hand-over.", pace)

    def _room(self) -> Iterator[Metric]:
        """Unknown values are left out, so that Prometheus' `absent` finds them."""
        room = self._built.readiness.headroom()
        if room is None:
            return
        for name, text, value in (
            ("memory_used", "Memory that Redis uses.", room.memory_used),
            ("memory_limit", "Memory limit of Redis.", room.memory_limit),
            ("disk_free", "Free space on the disk of Redis.", room.disk_free),
        ):
            if value is not None:
                yield _gauge(f"fallback_redis_{name}_bytes", text, value)


def _journal(state: JournalState, now: datetime) -> Iterator[Metric]:
    for name, text, value in (
        ("entries", "Orders in the journal of this machine.", state.entries),
        ("oldest_seconds", "Age of the oldest of them.", _age(state.oldest, now)),
        ("bytes", "Size of the journal.", state.size),
        ("free_bytes", "How much it can still take.", state.free),
        ("unread", "Parts that could not be read.", state.set_aside + state.unreadable),
    ):
        yield _gauge(f"fallback_journal_{name}", text, value)


def _work(seen: Seen, now: datetime) -> Iterator[Metric]:
    yield CounterMetricFamily("fallback_orders_accepted", "Accepted orders.", seen.accepted)
    refused = CounterMetricFamily("fallback_orders_refused", "Refused requests, by code.", labels=["code"])
    for code, count in seen.refused.items():
        refused.add_metric([code], count)
    yield refused
    accepts = HistogramMetricFamily("fallback_accept_seconds", "Duration of accepting an order.")
    accepts.add_metric([], *_buckets(seen.spreads[ACCEPT]))
    calls = HistogramMetricFamily(
        "fallback_outside_call_seconds", "Calls to other systems by outcome.", labels=["service", "outcome"]
    )
    kept_back = GaugeMetricFamily(
        "fallback_calls_kept_back", "1 while the circuit breaker is open.", labels=["service"]
    )
    for service in Service:
        kept_back.add_metric([service], service in seen.kept_back)
        for outcome in CallOutcome:
            calls.add_metric([service, outcome], *_buckets(seen.spreads[f"{service}:{outcome}"]))
    yield from (accepts, calls, kept_back)
    if seen.lapses_at is not None:
        left = seen.lapses_at - now.timestamp()
        yield _gauge("fallback_capture_deadline_seconds", "Time until the next authorization expires.", left)


def _buckets(spread: Spread) -> tuple[list[tuple[str, float]], float]:
    return list(zip(BUCKETS, spread.counts, strict=True)), spread.seconds


def _age(since: datetime | None, now: datetime) -> float:
    return max(0.0, (now - since).total_seconds()) if since else 0.0


def _gauge(name: str, documentation: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, documentation, value)
