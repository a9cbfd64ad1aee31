"""People whom this process has no room for: how many wait, and for how long at the present rate.

Nobody is stored. Whoever waits comes back with each reload, so those who were refused within the time of one reload are
those who wait. See ops/decisions/door.md.
"""

from __future__ import annotations

from base64 import b64encode
from bisect import bisect_left
from collections import deque
from hashlib import sha256
from typing import NamedTuple

from flask import Response
from markupsafe import Markup

from fallback.domain.errors import TryAgain
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_, Voice

# Seconds to the next reload, from the first to the second: spread, so that they do not all come back at once.
SOONEST, LATEST = 10, 14
WINDOW = (SOONEST + LATEST) / 2
# What is said is rounded up to one of these, so that there are few pages to write.
PEOPLE = (5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000)
MINUTES = (1, 2, 3, 5, 10, 15, 20, 30, 45, 60)
# Written in the page, because a request for a style sheet might be refused too.
STYLE = (
    ":root{color-scheme:light dark}"
    "body{margin:0;padding:1.5rem 1rem;font:1.05rem/1.5 system-ui,sans-serif}"
    "main{max-width:34rem;margin:8vh auto}"
    "h1{font-size:1.6rem;line-height:1.2}"
    ".place{font-size:1.25rem;font-weight:600}"
    "a{display:inline-block;padding:.7rem 0}"
)
_DIGEST = b64encode(sha256(STYLE.encode()).digest()).decode()
POLICY = f"default-src 'none'; style-src 'sha256-{_DIGEST}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"


class Place(NamedTuple):
    """`people`: at most so many wait. `minutes`: None if nothing can be said."""

    people: int
    minutes: int | None


class Full(TryAgain):
    """There is no room for a page now."""

    def __init__(self, place: Place) -> None:
        super().__init__("too many requests are waiting")
        self.place = place


class _Second(NamedTuple):
    at: int
    refused: int
    let_in: int


class Waiting:
    """Counts requests for pages by the second. Not thread safe. `processes`: how many serve on this machine."""

    def __init__(self, processes: int = 1) -> None:
        self._processes = processes
        self._seconds: deque[_Second] = deque(maxlen=LATEST)

    def refused(self, now: float) -> Place:
        """Count one more who waits. `now`: of a monotonic clock."""
        self._count(now, refused=1)
        recent = [second for second in self._seconds if second.at > now - WINDOW]
        people = sum(second.refused for second in recent)
        let_in = sum(second.let_in for second in recent)
        minutes = _up(people / let_in * WINDOW / 60, MINUTES) if let_in else None
        return Place(_up(people * self._processes, PEOPLE) or PEOPLE[-1], minutes)

    def let_in(self, now: float) -> None:
        self._count(now, let_in=1)

    def _count(self, now: float, refused: int = 0, let_in: int = 0) -> None:
        last = self._seconds.pop() if self._seconds and self._seconds[-1].at == int(now) else _Second(int(now), 0, 0)
        self._seconds.append(_Second(last.at, last.refused + refused, last.let_in + let_in))


def _up(figure: float, steps: tuple[int, ...]) -> int | None:
    """The first step that is not below; None beyond the last."""
    at = bisect_left(steps, figure)
    return steps[at] if at < len(steps) else None


def queue_page(full: Full) -> Response:
    voice = visitor()
    return page(
        "http/queue.html",
        voice,
        503,
        style=Markup(STYLE),  # noqa: S704
        place=_place(full.place.people, voice),
        time=_time(full.place.minutes, voice),
    )


def _place(people: int, voice: Voice) -> str:
    if people >= PEOPLE[-1]:
        return voice.say(N_("Very many people are waiting."))
    return voice.ngettext(
        "You are the only one who is waiting.", "Up to %(count)s people are waiting, you among them.", people
    )


def _time(minutes: int | None, voice: Voice) -> str:
    if minutes is None:
        return voice.say(N_("How long it takes cannot be said yet."))
    return voice.ngettext(
        "At the present rate this takes about a minute.",
        "At the present rate this takes about %(count)s minutes.",
        minutes,
    )
