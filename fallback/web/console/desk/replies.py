"""/console/replies: the saved replies of the desk. Agents use them when they answer; leads write them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid
from fallback.domain.support import saved_replies
from fallback.domain.support.accounts import Permission
from fallback.domain.support.saved_replies import Replies, ReplyEvent, SavedReply
from fallback.web.console.order.answering import REFUSALS as TEXTS
from fallback.web.console.order.answering import text
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.problems import Problem
from fallback.web.http.voice import N_

blueprint = Blueprint("replies", __name__, url_prefix="/console/replies")

EVENTS = {ReplyEvent.ADDED: N_("Added"), ReplyEvent.CHANGED: N_("Changed"), ReplyEvent.REMOVED: N_("Removed")}
REFUSALS = TEXTS | {
    "too_many": N_("There are 100 saved replies. Remove one first"),
    "long_title": N_("Use at most 80 characters for the title"),
    "title_taken": N_("Another saved reply has this title"),
    "unknown_placeholder": N_("Use only the placeholders {name}, {ref} and {agent}"),
}
MEANWHILE = N_("Somebody else changed this reply. This is the current text; yours is in the box.")
GONE = N_("Somebody else removed this reply. Nothing was changed.")
SHOWN = 20


@dataclass(frozen=True)
class LogRow:
    moment: str
    who: str
    what: str
    title: str


@blueprint.get("")
@allow(Permission.HELP)
def show() -> Response:
    return _list(NOTHING)


@blueprint.post("")
@allow(Permission.LEAD)
def add() -> AnyResponse:
    def decide(kept: Replies) -> Replies:
        return saved_replies.added(kept, text("title"), text("text"), person().name, container().clock())

    return _kept(decide, _list)


@blueprint.get("/<int:reply_id>")
@allow(Permission.LEAD)
def edit(reply_id: int) -> Response:
    reply = _one(reply_id)
    return _form(reply, Typed({"title": reply.title, "text": reply.text}))


@blueprint.post("/<int:reply_id>")
@allow(Permission.LEAD)
def change(reply_id: int) -> AnyResponse:
    seen = _as_seen(reply_id)

    def decide(kept: Replies) -> Replies:
        now = container().clock()
        return saved_replies.changed(kept, seen, text("title"), text("text"), person().name, now)

    return _kept(decide, lambda form, word="", status=200: _form(_one(reply_id), form, word, status))


@blueprint.post("/<int:reply_id>/removal")
@allow(Permission.LEAD)
def remove(reply_id: int) -> AnyResponse:
    seen = _as_seen(reply_id)

    def decide(kept: Replies) -> Replies:
        return saved_replies.removed(kept, seen, person().name, container().clock())

    return _kept(decide, lambda form, word="", status=200: _form(_one(reply_id), form, word, status))


def _one(reply_id: int) -> SavedReply:
    reply = container().saved_replies.read().one(reply_id)
    if reply is None:
        raise Problem(404, "reply_gone", visitor().say(GONE))
    return reply


def _as_seen(reply_id: int) -> SavedReply:
    """The reply, if it still is the version that the form was about; else one that is like no other."""
    reply = _one(reply_id)
    is_current = request.form.get("version", type=int) == reply.version
    return reply if is_current else SavedReply(reply_id, "", "", 0)


def _kept(decide: Callable[[Replies], Replies], form: Callable[..., Response]) -> AnyResponse:
    try:
        container().saved_replies.change(decide)
    except Invalid as error:
        return form(typed().refused(error, REFUSALS), status=400)
    except Conflict:
        return form(typed(), visitor().say(MEANWHILE), 409)
    return redirect(url_for("replies.show"), 303)


def _list(form: Typed, word: str = "", status: int = 200) -> Response:
    voice, kept = visitor(), container().saved_replies.read()
    log = [LogRow(voice.moment(each.at), each.who, voice.say(EVENTS[each.what]), each.title) for each in kept.log]
    return page("console/desk/replies.html", voice, status, form=form, word=word, replies=kept.all, log=log[:SHOWN])


def _form(reply: SavedReply, form: Typed, word: str = "", status: int = 200) -> Response:
    form = replace(form, values={"title": reply.title, "text": reply.text} | dict(form.values))
    return page("console/desk/reply.html", visitor(), status, reply=reply, form=form, word=word)
