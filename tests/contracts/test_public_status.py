"""What on call wrote for customers, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from fallback.domain.errors import Invalid
from fallback.domain.outage.ports import PublicStatuses
from fallback.domain.outage.public_status import PublicStatus, announced, noted
from fallback.ledger.outage.public_status import RedisPublicStatuses
from tests.builders import NOW
from tests.fakes.public_status import FakePublicStatuses
from tests.redis_server import RedisServer

HOUR = timedelta(hours=1)
note = partial(noted, who="Omar", next_in=HOUR, now=NOW)


@pytest.fixture(params=["in memory", "on redis"])
def statuses(request: pytest.FixtureRequest) -> PublicStatuses:
    if request.param == "in memory":
        return FakePublicStatuses()
    return RedisPublicStatuses(request.getfixturevalue("redis_server").client)


def test_at_first_there_is_nothing(statuses: PublicStatuses) -> None:
    assert statuses.read() == PublicStatus()


def test_what_was_written_stands_as_it_was_written(statuses: PublicStatuses) -> None:
    statuses.change(partial(note, text="We are on it."))
    times = (NOW + HOUR, NOW + 2 * HOUR)
    written = statuses.change(partial(announced, who="Omar", times=times, text="A new till.", now=NOW))
    assert statuses.read() == written
    assert [each.text for each in written.notes] == ["We are on it."]
    assert [(each.begins, each.ends, each.text) for each in written.maintenance] == [(*times, "A new till.")]


def test_a_change_that_is_refused_writes_nothing(statuses: PublicStatuses) -> None:
    with pytest.raises(Invalid):
        statuses.change(partial(note, text=" "))
    assert statuses.read() == PublicStatus()


def test_two_who_write_at_once_both_stand(redis_server: RedisServer) -> None:
    statuses, other = (RedisPublicStatuses(redis_server.client) for _ in range(2))
    late = iter([True])

    def after_the_other(status: PublicStatus) -> PublicStatus:
        if next(late, False):
            other.change(partial(note, text="First."))
        return note(status, text="Second.")

    assert [each.text for each in statuses.change(after_the_other).notes] == ["Second.", "First."]
