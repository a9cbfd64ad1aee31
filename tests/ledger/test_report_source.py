"""The report's orders, from a real Redis: those of the asked time, page by page, and no personal data."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.bootstrap import Container
from fallback.domain.fairness import Way
from fallback.domain.order import Event
from fallback.ledger import report_source
from fallback.ledger.remarks import Remark
from tests.builders import NOW
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

HOUR = timedelta(hours=1)


@pytest.fixture
def container(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


def received_hourly(container: Container, count: int) -> None:
    for number in range(count):
        accepted(container.ledger, a_new_order(received_at=NOW + number * HOUR))


def test_the_orders_of_a_time_are_found(container: Container) -> None:
    received_hourly(container, 10)
    period = container.report_source.period(NOW + 2 * HOUR, NOW + 5 * HOUR, most=100)
    assert (period.first, period.end, period.left_out) == (2, 5, 0)
    assert len(list(container.report_source.stories(period))) == 3


def test_where_nothing_was_received_there_is_nothing(container: Container) -> None:
    assert container.report_source.period(NOW, NOW + HOUR, most=100).orders == 0
    received_hourly(container, 2)
    for since in (NOW - 5 * HOUR, NOW + 5 * HOUR):
        assert container.report_source.period(since, since + HOUR, most=100).orders == 0


def test_of_too_many_the_newest_are_looked_at_and_the_others_counted(container: Container) -> None:
    received_hourly(container, 10)
    period = container.report_source.period(NOW, NOW + 8 * HOUR, most=3)
    assert (period.first, period.end, period.left_out) == (5, 8, 5)


def test_pages_leave_no_order_out_and_take_none_twice(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(report_source, "PAGE", 3)
    received_hourly(container, 10)
    period = container.report_source.period(NOW, NOW + 10 * HOUR, most=100)
    assert len(list(container.report_source.stories(period))) == 10


def test_a_story_is_told_by_the_timeline(container: Container) -> None:
    order = accepted(container.ledger, a_new_order())
    events = [Event(NOW + HOUR, "escalated", "worker"), Event(NOW + 2 * HOUR, "notice_sent", "worker")]
    container.ledger.commit(order, order, events)
    [story] = container.report_source.stories(container.report_source.period(NOW, NOW + HOUR, most=1))
    assert (story.way, story.word_in, story.currency) == (Way.ESCALATED, 2 * HOUR, "EUR")


def test_an_order_whose_personal_data_cannot_be_read_is_counted_all_the_same(
    container: Container, redis_server: RedisServer
) -> None:
    accepted(container.ledger)
    other = a_container(redis_server.url, secret_key=("another-secret-of-the-report-tests-0123",))
    assert len(list(other.report_source.stories(other.report_source.period(NOW, NOW + HOUR, most=9)))) == 1


def test_remarks_are_kept_newest_first_and_cannot_be_read_in_redis(
    container: Container, redis_server: RedisServer
) -> None:
    remarks = [Remark(NOW, "ann", "Slots run out by noon."), Remark(NOW + HOUR, "ben", "The same card is declined.")]
    for remark in remarks:
        container.remarks.add(remark)
    assert container.remarks.newest(10) == remarks[::-1]
    assert b"noon" not in b"".join(redis_server.client.lrange("remarks", 0, -1))
