"""/console/mine: the viewer's work; /console/callbacks: scheduled callbacks; /console/duty: on and off duty."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.order import texts_by_people
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.lifecycle import headline, next_word_by
from fallback.domain.order.order import Order
from fallback.domain.order.unread import count
from fallback.domain.support.accounts import Permission
from fallback.web.console.order.rows import asked
from fallback.web.http.auth import allow, container, person
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import Voice
from fallback.web.purchase import order_words

blueprint = Blueprint("mine", __name__, url_prefix="/console")


# How long an agent sees orders that customers completed with their help.
REMEMBERED = timedelta(days=7)


@dataclass(frozen=True)
class WaitingRow:
    """`asked`: open questions in the customer's own words; `waits`: what else it waits for. `by`: when the update or
    the acceptance is due.
    """

    ref: str
    headline: str
    name: str
    asked: list[str]
    waits: list[str]
    by: str
    overdue: bool


@blueprint.get("/mine")
@allow(Permission.HELP)
def show() -> Response:
    """The agent's orders, those handed over to them, and those of the teams and the desk: the earliest first.

    Also orders that the customer completed with the agent's help.
    """
    voice, roster, who = visitor(), container().duty.roster(), person().name
    lists = container().worklists
    there = {*roster.agents, *roster.leads}
    teams = [name for name in roster.names if name not in there]
    mine, handed, of_teams = lists.of(who), lists.handed_to([who, *teams]), {team: lists.of(team) for team in teams}
    finished, unread = lists.finished_with(who, container().clock() - REMEMBERED)
    to_them = [order for order in handed.rows if order.handover and order.handover.by != who]
    return page(
        "console/desk/mine.html",
        voice,
        unread=count(unread, *(each.unread for each in (mine, handed, *of_teams.values()))),
        mine=_rows(mine.rows, voice),
        handed=[_handed_row(order, voice) for order in to_them],
        finished=[(order.ref, voice.moment(finish.at)) for order, finish in finished],
        teams=[(team, rows) for team, theirs in of_teams.items() if (rows := _rows(theirs.rows, voice))],
        on_duty=who in there,
        there=sorted(there),
    )


def _rows(orders: Iterable[Order], voice: Voice) -> list[WaitingRow]:
    return [_row(order, next_word_by(order), voice) for order in orders]


def _handed_row(order: Order, voice: Voice) -> WaitingRow:
    assert order.handover
    return _row(order, order.handover.accept_by, voice)


def _row(order: Order, by: datetime, voice: Voice) -> WaitingRow:
    questions = [asked(order, hold) for hold in order.holds]
    waits: list[str] = [voice.say(HOLD_NAMES[hold.code]) for hold in order.holds if not asked(order, hold)]
    now = headline(order)
    return WaitingRow(
        ref=order.ref,
        headline=now,
        name=voice.say(order_words.NAMES[now]),
        asked=[question for question in questions if question],
        waits=waits,
        by=voice.moment(by),
        overdue=by < container().clock(),
    )


@dataclass(frozen=True)
class CallRow:
    ref: str
    name: str
    phone: str
    at: str
    overdue: bool


@blueprint.get("/callbacks")
@allow(Permission.HELP)
def callbacks() -> Response:
    voice = visitor()
    found = container().worklists.calls()
    calls = [_call_row(order, voice) for order in found.rows]
    return page("console/desk/callbacks.html", voice, calls=calls, unread=count(found.unread))


def _call_row(order: Order, voice: Voice) -> CallRow:
    assert order.callback
    return CallRow(
        ref=order.ref,
        name=order.customer.name if order.customer else "",
        phone=texts_by_people.read(order, order.callback.said),
        at=voice.moment(order.callback.at),
        overdue=order.callback.at < container().clock(),
    )


@blueprint.post("/duty")
@allow(Permission.HELP)
def duty() -> AnyResponse:
    """`on`: the requested state; repeating it changes nothing."""
    if request.form.get("on") == "yes":
        container().duty.begin(person(), container().clock())
    else:
        container().duty.end(person())
    return redirect(url_for("mine.show"), 303)
