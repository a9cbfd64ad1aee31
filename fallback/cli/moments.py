"""Times on the command line: a day, a span from now, a time of day, or a date with a time."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

import click

from fallback.bootstrap.container import Container


class _Day(click.DateTime):
    """A day, or a time on it, in UTC."""

    def __init__(self) -> None:
        super().__init__(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S"])

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        day = super().convert(value, param, ctx)
        if day.year < 2000:
            self.fail(f"{value} is before the year 2000.", param, ctx)
        return day


DAY = _Day()
UNITS = {"m": "minutes", "h": "hours", "d": "days"}
OPEN_END = "open"


def read_span(text: str) -> timedelta | None:
    """The length of time that a text such as 45m, 2h or 3d says; None for any other text."""
    span = re.fullmatch(r"(\d{1,4})([mhd])", text)
    return timedelta(**{UNITS[span[2]]: int(span[1])}) if span else None


def read_moment(text: str, built: Container, option: str) -> datetime | None:
    """None for 'open'. Times of day, and times without a zone, are in the shop's time zone."""
    now = built.clock()
    if text == OPEN_END:
        return None
    if span := read_span(text):
        return now + span
    try:
        if re.fullmatch(r"\d{2}:\d{2}", text):
            return _next(time.fromisoformat(text), now.astimezone(built.zone))
        given = datetime.fromisoformat(text)
        return (given if given.tzinfo else given.replace(tzinfo=built.zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise click.BadParameter("Use 45m, 2h, 18:30, 2026-11-22T18:30, or 'open'.", param_hint=option) from None


def _next(time_of_day: time, now: datetime) -> datetime:
    today = now.replace(hour=time_of_day.hour, minute=time_of_day.minute, second=0, microsecond=0)
    return (today if today > now else today + timedelta(days=1)).astimezone(UTC)
