"""/console/report: whether customers who wait are served as fast as those who ask, as charts, figures and CSV."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from flask import Blueprint, Response, request
from markupsafe import Markup

from fallback.domain.errors import Invalid
from fallback.domain.support.accounts import Permission
from fallback.domain.support.fairness import Group, Report, WaitSpread, Way
from fallback.domain.support.report_table import as_csv
from fallback.web.console.charts import Bar, bars
from fallback.web.console.desk.remarks import remark_rows
from fallback.web.http.auth import allow, container
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_, Voice

blueprint = Blueprint("report", __name__, url_prefix="/console")

# As many as can be read without delaying customers; `fallback report` reads any number.
MOST_ORDERS = 5_000
NAMES = {
    Way.SELF: N_("Without help"),
    Way.WAITED: N_("Waited"),
    Way.ASKED: N_("Asked"),
    Way.ESCALATED: N_("Escalated"),
}


@dataclass(frozen=True)
class GroupRow:
    """Times as hours:minutes:seconds."""

    name: str
    orders: int
    open: int
    finished: int
    with_help: int
    settled: str
    settled_p90: str
    word: str
    word_p90: str
    refunded: str
    goodwill: str


@blueprint.get("/report")
@allow(Permission.REPORT)
def show() -> Response:
    voice = visitor()
    since, until = _days()
    found = _report(since, until)
    return page(
        "console/desk/report.html",
        voice,
        since=since,
        until=until,
        unread=found.unread,
        left_out=found.left_out,
        rows=[_row(each, voice) for each in found.groups],
        pictures=_pictures(found, voice),
        remarks=remark_rows(voice),
    )


@blueprint.get("/report.csv")
@allow(Permission.REPORT)
def download() -> Response:
    headers = {"Content-Disposition": "attachment; filename=report.csv", "Cache-Control": "no-store"}
    return Response(as_csv(_report(*_days())), mimetype="text/csv", headers=headers)


def _days() -> tuple[date, date]:
    """The requested first and last day; by default a week. Raises Invalid."""
    today = container().clock().date()
    try:
        until = date.fromisoformat(request.args.get("until") or today.isoformat())
        since = date.fromisoformat(request.args.get("since") or (until - timedelta(days=6)).isoformat())
    except (ValueError, OverflowError):
        raise Invalid("since", "invalid", "Enter days like 2026-11-21.") from None
    if since > until or until > today + timedelta(days=366):
        raise Invalid("since", "invalid", "The first day must be before the last.")
    return since, until


def _report(since: date, until: date) -> Report:
    begin = datetime.combine(since, time(), UTC)
    end = datetime.combine(until + timedelta(days=1), time(), UTC)
    source = container().report_source
    period = source.period(begin, end, MOST_ORDERS)
    return period.report(source.stories(period))


def _row(each: Group, voice: Voice) -> GroupRow:
    return GroupRow(
        name=voice.say(NAMES[each.way]),
        orders=each.orders,
        open=each.open,
        finished=each.finished,
        with_help=each.with_help,
        settled=clock(each.settled.median),
        settled_p90=clock(each.settled.p90),
        word=clock(each.word.median),
        word_p90=clock(each.word.p90),
        refunded=_money(each.refunded, voice),
        goodwill=_money(each.goodwill, voice),
    )


def _pictures(found: Report, voice: Voice) -> list[tuple[str, Markup]]:
    """Each with its title."""
    settled, word = voice.say("From order to completion"), voice.say("From order to first mail")
    return [
        (settled, _picture("settled", settled, {each.way: each.settled for each in found.groups}, voice)),
        (word, _picture("word", word, {each.way: each.word for each in found.groups}, voice)),
    ]


def _picture(name: str, title: str, spreads: dict[Way, WaitSpread], voice: Voice) -> Markup:
    """Ways that no order went are not drawn; the table has them."""
    drawn = [
        Bar(voice.say(NAMES[way]), spread.median or 0, spread.p90 or 0, _both(spread))
        for way, spread in spreads.items()
        if spread.count
    ]
    said = "; ".join(f"{bar.label}: {bar.text}" for bar in drawn)
    return bars(
        name, title, voice.say("Median and 90th percentile, in hours:minutes:seconds. %(said)s", said=said), drawn
    )


def _both(spread: WaitSpread) -> str:
    return f"{clock(spread.median)} – {clock(spread.p90)}"


def clock(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _money(amounts: dict[str, int], voice: Voice) -> str:
    return ", ".join(voice.money(amount, currency) for currency, amount in sorted(amounts.items())) or "–"
