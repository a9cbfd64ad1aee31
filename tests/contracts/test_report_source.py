"""Orders for the report: those of a period; in Redis page by page, and without personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event
from fallback.domain.support.fairness import Way
from fallback.ledger.support import report_source
from fallback.ledger.support.remarks import Remark, Remarks
from fallback.ledger.support.report_source import ReportSource
from tests.builders import NOW
from tests.fakes.report import FakeRemarks, FakeReportSource
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

HOUR = timedelta(hours=1)


@pytest.fixture
def source(house: Container) -> ReportSource | FakeReportSource:
    return house.report_source


def received_hourly(container: Container, count: int) -> None:
    for number in range(count):
        accepted(container.ledger, a_new_order(received_at=NOW + number * HOUR))


def test_the_orders_of_a_time_are_found(house: Container, source: ReportSource | FakeReportSource) -> None:
    received_hourly(house, 10)
    period = source.period(NOW + 2 * HOUR, NOW + 5 * HOUR, most=100)
    assert (period.first, period.end, period.left_out) == (2, 5, 0)
    assert len(list(source.stories(period))) == 3


def test_a_period_without_orders_has_an_empty_report(house: Container, source: ReportSource | FakeReportSource) -> None:
    assert source.period(NOW, NOW + HOUR, most=100).orders == 0
    received_hourly(house, 2)
    for since in (NOW - 5 * HOUR, NOW + 5 * HOUR):
        assert source.period(since, since + HOUR, most=100).orders == 0


def test_a_large_period_reads_the_newest_orders_and_counts_the_others(
    house: Container, source: ReportSource | FakeReportSource
) -> None:
    received_hourly(house, 10)
    period = source.period(NOW, NOW + 8 * HOUR, most=3)
    assert (period.first, period.end, period.left_out) == (5, 8, 5)


def test_the_report_reads_how_an_order_went_from_its_timeline(
    house: Container, source: ReportSource | FakeReportSource
) -> None:
    order = accepted(house.ledger, a_new_order())
    events = [Event(NOW + HOUR, "escalated", "worker"), Event(NOW + 2 * HOUR, "notice_sent", "worker")]
    house.ledger.commit(order, order, events)
    [story] = source.stories(source.period(NOW, NOW + HOUR, most=1))
    assert (story.way, story.word_in, story.currency) == (Way.ESCALATED, 2 * HOUR, "EUR")


def test_remarks_stand_newest_first(house: Container) -> None:
    remarks: Remarks | FakeRemarks = house.remarks
    said = [Remark(NOW, "ann", "Slots run out by noon."), Remark(NOW + HOUR, "ben", "The same card is declined.")]
    for remark in said:
        remarks.add(remark)
    assert remarks.newest(10) == said[::-1]
    assert remarks.newest(1) == said[1:]


# --- in Redis


def test_pages_leave_no_order_out_and_take_none_twice(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    container = a_container(redis_server.url)
    monkeypatch.setattr(report_source, "PAGE", 3)
    received_hourly(container, 10)
    period = container.report_source.period(NOW, NOW + 10 * HOUR, most=100)
    assert len(list(container.report_source.stories(period))) == 10


def test_an_order_whose_personal_data_cannot_be_read_is_counted_all_the_same(
    redis_server: RedisServer,
) -> None:
    accepted(a_container(redis_server.url).ledger)
    other = a_container(redis_server.url, secret_key=("another-secret-of-the-report-tests-0123",))
    assert len(list(other.report_source.stories(other.report_source.period(NOW, NOW + HOUR, most=9)))) == 1


def test_remarks_cannot_be_read_in_redis(redis_server: RedisServer) -> None:
    a_container(redis_server.url).remarks.add(Remark(NOW, "ann", "Slots run out by noon."))
    assert b"noon" not in b"".join(redis_server.client.lrange("remarks", 0, -1))
