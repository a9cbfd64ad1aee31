"""Presence and claim (an advisory lease): claim an order, release it, request it, take it over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import msgspec
from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from fallback import i18n
from fallback.domain.errors import TryAgain
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.lifecycle import needs_customer
from fallback.domain.order.order import Order
from fallback.domain.support import claims
from fallback.domain.support.accounts import Permission, Person
from fallback.domain.support.claims import Claim, Here
from fallback.usecases.support.take_over import take_over
from fallback.web.console.order import order_page, rows
from fallback.web.console.order.answering import answered, text
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.pages import visitor
from fallback.web.http.voice import N_, Voice

blueprint = Blueprint("claims", __name__, url_prefix="/console/orders/<ref>")

MINE = N_("You are working on this order.")
THEIRS = N_("%(who)s is working on this order.")
CUSTOMER_WORKS = N_("The customer is working on it.")
NOBODYS = N_("Nobody is working on this order. Your first change claims it.")
ALSO_HERE = N_("Also viewing: %(names)s.")
PAYING = N_("The payment is being processed now.")
CARD_FORM = N_("The customer has the page open on which they can pay.")
CUSTOMER_TYPES = N_("The customer is typing a message.")
TYPES = N_("Typing an answer: %(names)s.")
WISHES = N_("%(who)s requests this order.")


@dataclass(frozen=True)
class HereRow:
    """`state` changes with anything that the panel says; `fence` is that of the claim which this page renews."""

    sentences: list[str]
    state: str
    fence: int
    mine: bool
    free: bool
    asked_by: str
    asked: bool
    may_take: bool
    may_take_over: bool


# --- the panel


@fills("here.html")
def here(looking: Looking) -> HereRow | None:
    """None while presence is not available: the order can be worked on without it."""
    order, who = looking.order, looking.person
    now = container().clock()
    try:
        there = container().claims.look(order.ref, who.name, now, types="typing" in request.form)
        return _row(order, container().claims.current(order.ref), there, who, looking.voice, now)
    except TryAgain:
        return None


def _row(order: Order, claim: Claim | None, here: Here, who: Person, voice: Voice, now: datetime) -> HereRow:
    there = claims.alive(claim, now)
    holder, asked_by = (there.holder, claims.asked_by(there, now) or "") if there else ("", "")
    others = [rows.name_of(name, voice) for name in here.names if name not in (who.name, holder)]
    sentences = [_at_work(holder, who, voice)]
    if others:
        sentences.append(voice.say(ALSO_HERE, names=i18n.listed(others, voice.locale)))
    if claims.payment_runs(order, now):
        sentences.append(voice.say(PAYING))
    elif CUSTOMER in here.names and needs_customer(order):
        sentences.append(voice.say(CARD_FORM))
    if CUSTOMER in here.typing:
        sentences.append(voice.say(CUSTOMER_TYPES))
    writers = [name for name in here.typing if name not in (who.name, CUSTOMER)]
    if writers:
        sentences.append(voice.say(TYPES, names=i18n.listed(writers, voice.locale)))
    if asked_by and asked_by != who.name:
        sentences.append(voice.say(WISHES, who=asked_by))
    helps, free, mine = who.may(Permission.HELP), holder in ("", CUSTOMER), holder == who.name
    return HereRow(
        sentences=sentences,
        state="\n".join([order_page.state(order, voice), *sentences]),
        fence=there.fence if there and mine else 0,
        mine=mine,
        free=free,
        asked_by=asked_by,
        asked=asked_by == who.name,
        may_take=helps,
        may_take_over=who.may(Permission.LEAD) and not free and not mine,
    )


def _at_work(holder: str, who: Person, voice: Voice) -> str:
    if holder == who.name:
        return voice.say(MINE)
    sentence = {"": NOBODYS, CUSTOMER: CUSTOMER_WORKS}.get(holder, THEIRS)
    return voice.say(sentence, who=holder)


@blueprint.post("/presence")
@allow(Permission.SEE)
def presence(ref: str) -> Response:
    """The page is still open: renew its claim, and return whether there is anything new to show."""
    who, voice = person(), visitor()
    fence = request.form.get("fence", 0, type=int)
    if fence:
        container().claims.change(ref, lambda claim: claims.renew(claim, who.name, fence, container().clock()))
    order = container().ledger.load(ref)
    row = here(Looking(order, (), who, voice))
    state = row.state if row else order_page.state(order, voice)
    return Response(msgspec.json.encode({"state": state}), mimetype="application/json")


# --- the actions


@blueprint.post("/claim")
@allow(Permission.HELP)
def take(ref: str) -> AnyResponse:
    return _changed(ref, claims.take)


@blueprint.post("/claim/return")
@allow(Permission.HELP)
def give_back(ref: str) -> AnyResponse:
    return _changed(ref, claims.give_back)


@blueprint.post("/claim/wish")
@allow(Permission.HELP)
def ask(ref: str) -> AnyResponse:
    return _changed(ref, claims.ask)


@blueprint.post("/claim/handing-over")
@allow(Permission.HELP)
def hand_over(ref: str) -> AnyResponse:
    return _changed(ref, claims.hand_over)


@blueprint.post("/claim/taking-over")
@allow(Permission.LEAD)
def take_over_claim(ref: str) -> AnyResponse:
    return answered(ref, lambda: take_over(container(), ref, text("reason"), person().name, order_page.lines_seen()))


def _changed(ref: str, decide: Callable[[Claim | None, str, datetime], Claim | None]) -> AnyResponse:
    who, now = person().name, container().clock()
    container().claims.change(ref, lambda claim: decide(claim, who, now))
    return order_page.done(ref)
