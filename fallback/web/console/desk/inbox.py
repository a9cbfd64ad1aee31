"""/console/inbox: payment events for orders that we do not have, until a person resolves them."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.payment.inbox import KEPT, Unclaimed
from fallback.domain.support.accounts import Permission
from fallback.usecases.payment.read_inbox import read_inbox
from fallback.web.console.order.timeline import SENTENCES
from fallback.web.http.auth import allow, container
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import Voice

blueprint = Blueprint("inbox", __name__, url_prefix="/console/inbox")


@dataclass(frozen=True)
class InboxRow:
    """`days`: its age. `until`: when it is deleted automatically."""

    ref: str
    text: str
    intent: str
    moment: str
    days: int
    until: str
    dropping: str


@blueprint.get("")
@allow(Permission.REPORT)
def show() -> Response:
    voice = visitor()
    return page("console/desk/inbox.html", voice, rows=[_row(event, voice) for event in read_inbox(container())])


@blueprint.post("/<event_id>/removal")
@allow(Permission.REPORT)
def drop(event_id: str) -> AnyResponse:
    """Idempotent: a second click changes nothing."""
    container().ledger.drop_unclaimed([event_id])
    return redirect(url_for("inbox.show"), 303)


def _row(event: Unclaimed, voice: Voice) -> InboxRow:
    return InboxRow(
        ref=event.ref,
        text=voice.say(SENTENCES[event.news]) if event.news in SENTENCES else event.news,
        intent=event.intent,
        moment=voice.moment(event.at),
        days=(container().clock() - event.at).days,
        until=voice.moment(event.at + KEPT),
        dropping=url_for("inbox.drop", event_id=event.id),
    )
