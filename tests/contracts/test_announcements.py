"""Announcements that wait for their receivers, in memory and in Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import NamedTuple

import pytest

from fallback.domain.order.announcements import Announcement, Announcements, Away, announced
from fallback.ledger.order.announcements import RedisAnnouncements
from fallback.notices.names import name_of
from tests.builders import NOW
from tests.fakes.announcements import FakeAnnouncements
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

DESK = "https://desk.example.org/hook"
TO, SOON = name_of(DESK), NOW + timedelta(seconds=5)


class Waiting(NamedTuple):
    """`add` makes an announcement of a new order wait for the receiver TO."""

    announcements: Announcements
    add: Callable[[], Announcement]


@pytest.fixture(params=["fake", "redis"])
def waiting(request: pytest.FixtureRequest) -> Waiting:
    if request.param == "fake":
        fake = FakeAnnouncements()

        def add() -> Announcement:
            said = announced(None, a_new_order(), NOW)
            assert said is not None
            fake.add(TO, said)
            return said

        return Waiting(fake, add)
    server: RedisServer = request.getfixturevalue("redis_server")
    secrets = ("an-order-secret-0123456789-abcdefgh",)
    built = a_container(server.url, fallback_order_webhook_urls=(DESK,), fallback_order_webhook_secret=secrets)

    def accept() -> Announcement:
        said = announced(None, accepted(built.ledger), NOW)
        assert said is not None
        return said

    return Waiting(RedisAnnouncements(server.client), accept)


def test_it_is_due_at_once_and_after_it_was_put_off_later(waiting: Waiting) -> None:
    announcements, said = waiting.announcements, waiting.add()
    [due] = announcements.due(TO, NOW, 10)
    assert (due.announcement, due.tries) == (said, 0)
    later = announcements.put_off(TO, due, SOON)
    assert (later.announcement, later.tries) == (said, 1)
    assert announcements.due(TO, NOW, 10) == []
    assert announcements.due(TO, SOON, 10) == [later]
    announcements.sent(TO, due)  # as it was before: that is another entry
    assert announcements.count(TO) == 1
    announcements.sent(TO, later)
    assert announcements.count(TO) == 0


def test_the_one_that_is_due_for_longest_comes_first(waiting: Waiting) -> None:
    first = waiting.add()
    [due] = waiting.announcements.due(TO, NOW, 1)
    waiting.announcements.put_off(TO, due, SOON)
    second = waiting.add()
    assert [each.announcement for each in waiting.announcements.due(TO, SOON, 2)] == [second, first]
    assert [each.announcement for each in waiting.announcements.due(TO, SOON, 1)] == [second]
    assert waiting.announcements.due("another", SOON, 2) == []


def test_who_is_away_is_noted_until_they_are_back_or_gone(waiting: Waiting) -> None:
    announcements = waiting.announcements
    away = Away("desk.example.org", NOW, "answered 503", 2, SOON)
    announcements.note_away(TO, away)
    announcements.note_away("other", away)
    assert announcements.away() == {TO: away, "other": away}
    announcements.keep_only([TO])
    assert announcements.away() == {TO: away}
    announcements.note_away(TO, None)
    announcements.keep_only([])
    assert announcements.away() == {}
