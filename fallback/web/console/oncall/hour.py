"""The last hour on the on-call page: a chart of each figure by the minute, and all in a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from markupsafe import Markup

from fallback.domain.oncall.minutes import SHOWN, Minute, last_hour, number
from fallback.web.console.charts import columns, top_of
from fallback.web.http.auth import container
from fallback.web.http.voice import N_, Voice

STEP = 5  # minutes in a row of the table
UNKNOWN = "–"


@dataclass(frozen=True)
class Chart:
    """`scale`: what stands beside it, from the top; `times`: below it, from the left."""

    title: str
    picture: Markup
    text: str
    scale: list[int]
    times: Sequence[str]


@dataclass(frozen=True)
class Row:
    """The sums of STEP minutes; UNKNOWN if none of them was recorded."""

    begins: Markup
    accepted: str
    handed_over: str
    failures: str


@dataclass(frozen=True)
class Hour:
    charts: list[Chart]
    rows: list[Row]


def hour(voice: Voice) -> Hour:
    now = container().clock()
    minutes = last_hour(container().minutes.noted(now), now)
    accepted = [minute.accepted if minute else None for minute in minutes]
    handed_over = [minute.handed_over if minute else None for minute in minutes]
    failures = [minute.failures if minute else None for minute in minutes]
    return Hour(
        [
            _chart("accepted", N_("Orders taken"), accepted, voice),
            _chart("handed-over", N_("Orders handed over"), handed_over, voice),
            _chart("failures", N_("Failed requests and probes of the shop"), failures, voice),
        ],
        list(_rows(minutes, number(now) - SHOWN + 1, voice)),
    )


def _chart(name: str, title: str, values: Sequence[int | None], voice: Voice) -> Chart:
    known = [value for value in values if value is not None]
    text = voice.say(
        N_("Last hour: %(sum)s, peak %(most)s per minute; now %(now)s."),
        sum=sum(known),
        most=max(known, default=0),
        now=UNKNOWN if values[-1] is None else values[-1],
    )
    if not known:
        text = voice.say(N_("No data yet: the clock process counts."))
    elif len(known) < len(values):
        text += Markup(" ") + voice.say(N_("Grey: not recorded."))
    said, top = voice.say(title), top_of(values)
    times = [voice.say(N_("60 min ago")), voice.say(N_("30 min ago")), voice.say(N_("now"))]
    return Chart(said, columns(name, said, text, values, top), text, [top, top // 2, 0], times)


def _rows(minutes: Sequence[Minute | None], first: int, voice: Voice) -> Iterable[Row]:
    """The newest first: its last minute is the present one."""
    for place in reversed(range(0, len(minutes), STEP)):
        five = minutes[place : place + STEP]
        known = [minute for minute in five if minute]
        begins = voice.second(datetime.fromtimestamp(60 * (first + place), UTC))
        sums = [
            [each.accepted for each in known],
            [each.handed_over for each in known],
            [each.failures for each in known],
        ]
        yield Row(begins, *(_sum(each, len(five)) for each in sums))


def _sum(known: Sequence[int], minutes: int) -> str:
    """Of fewer minutes than there are it is at least that."""
    if not known:
        return UNKNOWN
    return f"{'≥ ' if len(known) < minutes else ''}{sum(known)}"
