"""One announcement to one receiver: when it is tried again and when it is given up, and how long its receiver rests."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import FallbackError, Refused, TryAgain
from fallback.domain.order.announcements import GIVEN_UP_AFTER, Announcement, Away, DueAnnouncement, announced
from fallback.usecases.order.send_announcement import is_given_up, note_away, send_announcement
from tests.builders import NOW, an_order, deps
from tests.fakes.announcements import FakeAnnouncements

SECOND = timedelta(seconds=1)


class Latest(Random):
    """Whoever waits by it waits as long as may be."""

    def random(self) -> float:
        return 1.0


class Desk:
    """A receiver of the shop with one announcement that waits for it."""

    name, host = "desk", "desk.example.org"

    def __init__(self) -> None:
        self.now = NOW
        self.fails: FallbackError | None = None
        self.heard: list[Announcement] = []
        self.waiting = FakeAnnouncements()
        said = announced(None, an_order(), NOW)
        assert said
        self.said = said
        self.waiting.add(self.name, said)
        self.deps = deps(announcements=self.waiting, clock=lambda: self.now, random=Latest())

    def tell(self, announcement: Announcement) -> None:
        if self.fails:
            raise self.fails
        self.heard.append(announcement)

    def reach(self) -> None: ...

    def due(self) -> list[DueAnnouncement]:
        return self.waiting.due(self.name, self.now, 10)

    def is_told(self) -> str | None:
        [due] = self.due()
        return send_announcement(self.deps, self, due)

    def gives_up(self) -> bool:
        [due] = self.due()
        return is_given_up(self.deps, self, due)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def test_what_the_receiver_took_waits_no_longer(desk: Desk) -> None:
    assert desk.is_told() is None
    assert (desk.heard, desk.waiting.count("desk")) == ([desk.said], 0)


@pytest.mark.parametrize("error", [TryAgain("it answered 503"), Refused("it answered 410")], ids=["away", "refused"])
def test_what_it_did_not_take_is_tried_ever_more_seldom_and_the_log_says_why(desk: Desk, error: FallbackError) -> None:
    desk.fails = error
    for tries, pause in ((1, 2 * SECOND), (2, 4 * SECOND), (3, 8 * SECOND)):
        with capture_logs() as logs:
            assert desk.is_told() == str(error)
        [line] = logs
        assert (line["event"], line["ref"], line["kind"]) == ("announcement_put_off", desk.said.ref, "order.captured")
        assert (line["tries"], line["exc_info"]) == (tries, error)
        desk.now += pause - SECOND / 10
        assert desk.due() == []
        desk.now += SECOND / 10
        assert desk.due() == [DueAnnouncement(desk.said, tries)]


def test_after_three_days_it_is_given_up_and_the_log_says_so(desk: Desk) -> None:
    desk.now += GIVEN_UP_AFTER
    with capture_logs() as logs:
        assert (desk.gives_up(), desk.waiting.count("desk"), logs) == (False, 1, [])
    desk.fails = TryAgain("it answered 503")
    desk.is_told()
    desk.now += 2 * SECOND
    with capture_logs() as logs:
        assert (desk.gives_up(), desk.waiting.count("desk")) == (True, 0)
    about = {"ref": desk.said.ref, "kind": "order.captured", "tries": 1}
    assert logs == [{"event": "announcement_given_up", "log_level": "error"} | about]


def test_a_receiver_that_takes_nothing_rests_ever_longer_until_it_is_back(desk: Desk) -> None:
    for tries, pause in ((1, 2 * SECOND), (2, 4 * SECOND), (3, 8 * SECOND)):
        note_away(desk.deps, desk, "it answered 503")
        away = Away("desk.example.org", NOW, "it answered 503", tries, desk.now + pause)
        assert desk.waiting.away() == {"desk": away}
        desk.now += pause
    with capture_logs() as logs:
        for _ in range(2):
            note_away(desk.deps, desk, None)
    assert logs == [{"event": "receiver_is_back", "log_level": "info", "code": "desk"}]
    assert desk.waiting.away() == {}
