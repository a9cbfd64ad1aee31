"""A healthy installation, where a fake reports trouble only if a test asks for it."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Queue
from fallback.ledger.oncall.metrics_store import MetricsStore
from fallback.ledger.redis.bells import Bells
from fallback.ledger.redis.durability import Keeping
from fallback.ledger.redis.readiness import Headroom, Readiness
from tests.builders import NOW
from tests.fakes.bells import FakeBells
from tests.fakes.metrics_store import FakeMetricsStore
from tests.fakes.readiness import FakeReadiness
from tests.ledger.world import accepted


def test_the_fake_and_the_real_readiness_report_no_problem(house: Container) -> None:
    house.config = replace(house.config, keeping=Keeping(min_free_disk_mb=0))
    readiness: Readiness | FakeReadiness = house.readiness
    assert readiness.problems() == ()
    assert isinstance(readiness.headroom(), Headroom)


def test_nothing_failed_and_no_service_is_kept_back(house: Container) -> None:
    metrics_store: MetricsStore | FakeMetricsStore = house.metrics_store
    seen = metrics_store.read()
    assert (seen.accepted, seen.lapses_at, seen.kept_back) == (0, None, frozenset())
    assert {spread.seconds for spread in seen.spreads.values()} == {0}


def test_orders_and_the_next_authorization_to_lapse_are_seen(house: Container) -> None:
    lapses = [NOW + timedelta(days=days) for days in (7, 2)]
    for at in lapses:
        order = accepted(house.ledger)
        house.ledger.commit(order, replace(order, payment=replace(order.payment, capture_before=at)), [])
    seen = house.metrics_store.read()
    assert (seen.accepted, seen.lapses_at) == (2, lapses[1].timestamp())


def test_a_bell_may_be_rung_twice(house: Container) -> None:
    bells: Bells | FakeBells = house.bells
    for queue in (*Queue, *Queue):
        bells.ring(queue)
