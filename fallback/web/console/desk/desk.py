"""/console: all orders, filtered, a page at a time; and the search that leads to one."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from math import isfinite
from typing import TypeVar

from flask import Blueprint, Response, jsonify, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import UnknownIncident
from fallback.domain.incident.incident import Span
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.unread import count
from fallback.domain.support.accounts import Permission
from fallback.ledger.order.views import Counts, OrderFilter, Place
from fallback.web.console.desk import export, filters, listing
from fallback.web.console.desk.bulk import ONE_BY_ONE
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import Voice

blueprint = Blueprint("desk", __name__, url_prefix="/console")

Word = TypeVar("Word", Headline, HoldCode)

ORDERS_PER_PAGE = 50
INCIDENTS_OFFERED = 20
LONGEST_AGE = timedelta(days=3650)
# The response is built in memory, and granian sends it in one piece: 10 MB.
MOST_EXPORTED = 50_000


@dataclass(frozen=True)
class GroupRows:
    """`title`: None if the list is not grouped. `more`: the address of the list of all, if these are not all."""

    title: str | None
    rows: list[listing.ListRow]
    more: str | None = None


@blueprint.get("")
@allow(Permission.SEE)
def orders() -> AnyResponse:
    """A search that finds one order opens it; several are listed, as is one beside orders that cannot be read."""
    text = request.args.get("find", "").strip()
    if not text:
        return _list()
    found = container().search.find(text, ORDERS_PER_PAGE)
    unread = count(found.unread)
    if len(found.rows) == 1 and not unread:
        return redirect(url_for("order_page.show", ref=found.rows[0].ref), 303)
    voice = visitor()
    rows = listing.list_rows(found.rows, voice, container().clock())
    return page("console/desk/found.html", voice, rows=rows, unread=unread, text=text, most=ORDERS_PER_PAGE)


@blueprint.get("/state")
@allow(Permission.SEE)
def state() -> Response:
    """Polled by console.js every few seconds: changes when this page of the list would change."""
    views = container().views
    me = person().name
    versions = listing.versions(views, _wanted(), _after(), ORDERS_PER_PAGE, me)
    return jsonify(state=_state_of(versions, views.counts(me)))


@blueprint.get("/orders.csv")
@allow(Permission.SEE)
@limited(lambda _: 6)
def download() -> Response:
    """The filtered orders, without personal data: names and addresses stay encrypted."""
    lines = export.csv_lines(container().views.pages(_wanted(), MOST_EXPORTED))
    headers = {"Content-Disposition": "attachment; filename=orders.csv", "Cache-Control": "no-store"}
    return Response(lines, mimetype="text/csv", headers=headers)


def _list() -> Response:
    voice, wanted, after, me = visitor(), _wanted(), _after(), person().name
    views = container().views
    counts, listed = views.counts(me), listing.read(views, wanted, after, ORDERS_PER_PAGE, me)
    shown = filters.Shown(wanted, _older(), _incident_id() if wanted.span else "", me)
    return page(
        "console/desk/orders.html",
        voice,
        groups=_groups(listed, shown, voice),
        unread=listed.unread,
        bulk=_bulk(wanted),
        chips=filters.chips(shown, counts, voice),
        fields=filters.fields(shown, counts, container().incidents.newest(INCIDENTS_OFFERED), voice),
        state=_state_of(listed.versions, counts),
        addresses={
            "state": filters.address("desk.state", shown, after),
            "csv": filters.address("desk.download", shown),
            "first": filters.address("desk.orders", shown) if after else None,
            "next": filters.address("desk.orders", shown, listed.page.next) if listed.page.next else None,
        },
    )


@dataclass(frozen=True)
class Bulk:
    """The form about several orders of a list, all of them with this hold."""

    hold: HoldCode
    releases: bool
    form: Typed = NOTHING


def _bulk(wanted: OrderFilter) -> Bulk | None:
    if wanted.hold is None or not person().may(Permission.HELP):
        return None
    return Bulk(wanted.hold, wanted.hold not in ONE_BY_ONE)


def _groups(listed: listing.Listed, shown: filters.Shown, voice: Voice) -> list[GroupRows]:
    now = container().clock()
    groups = [
        GroupRows(
            voice.say(group.title),
            listing.list_rows(group.rows, voice, now),
            filters.address("desk.orders", replace(shown, wanted=group.chosen)) if group.more else None,
        )
        for group in listed.above
    ]
    if groups and not listed.page.rows:
        return groups
    title = voice.say(listing.OTHERS) if groups else None
    return [*groups, GroupRows(title, listing.list_rows(listed.page.rows, voice, now))]


def _state_of(versions: Sequence[Sequence[tuple[str, int]]], counts: Counts) -> str:
    return sha256(repr((versions, counts)).encode()).hexdigest()[:16]


def _wanted() -> OrderFilter:
    """The filters of the URL; invalid ones are ignored."""
    asked, older = request.args, _older()
    return OrderFilter(
        promised=bool(asked.get("promised")),
        headline=_one_of(Headline, asked.get("headline")),
        hold=_one_of(HoldCode, asked.get("hold")),
        owner=asked.get("owner", "").strip(),
        before=container().clock() - timedelta(hours=older) if older else None,
        span=_span(),
    )


def _older() -> int:
    """Hours."""
    hours = request.args.get("older", 0, type=int)
    return hours if 0 < hours <= LONGEST_AGE / timedelta(hours=1) else 0


def _span() -> Span | None:
    with suppress(UnknownIncident):
        return container().incidents.load(_incident_id()).span if _incident_id() else None
    return None


def _incident_id() -> str:
    return request.args.get("incident", "").strip()


def _one_of(words: type[Word], asked: str | None) -> Word | None:
    return words(asked) if asked in list(words) else None


def _after() -> Place | None:
    score, _, ref = request.args.get("after", "").partition("~")
    try:
        return Place(float(score), ref) if isfinite(float(score)) else None
    except ValueError:
        return None
