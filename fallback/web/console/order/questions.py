"""The customer's question in their own words, and the answer, sent by mail and shown on the order's page."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import takewhile

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Queue
from fallback.domain.support.accounts import Permission
from fallback.domain.support.questions import open_question
from fallback.domain.support.saved_replies import SavedReply, filled
from fallback.usecases.support.answer_question import answer_question
from fallback.web.console.order import order_page
from fallback.web.console.order.answering import answered, text
from fallback.web.console.order.order_page import seen
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import typed
from fallback.web.purchase.self_service_rows import Word, talk

blueprint = Blueprint("questions", __name__, url_prefix="/console/orders")


@dataclass(frozen=True)
class QuestionPanel:
    """What the customer asked last, and what was said before, newest first. `by`: when the answer is due.

    `replies`: texts to begin with.
    """

    asked: list[Word]
    before: list[Word]
    by: str
    replies: Sequence[SavedReply]


@fills("question.html")
def panel(looking: Looking) -> QuestionPanel | None:
    """Open questions: all that the customer asked since our last answer."""
    words, hold = _said(looking), open_question(looking.order)
    if not words or hold is None:
        return None
    asked = list(takewhile(lambda word: not word.ours, reversed(words)))
    before, by = words[: len(words) - len(asked)], looking.voice.moment(hold.next_word_by)
    return QuestionPanel(asked[::-1], before[::-1], by, _replies())


@fills("conversation.html")
def conversation(looking: Looking) -> list[Word] | None:
    """Questions and answers, newest first, once none is open."""
    return None if open_question(looking.order) else _said(looking)[::-1] or None


def _said(looking: Looking) -> list[Word]:
    helps = looking.person.may(Permission.HELP)
    return talk(looking.order, looking.timeline, looking.voice).words if helps else []


def _replies() -> Sequence[SavedReply]:
    """Without them an answer is typed."""
    with suppress(TryAgain):
        return container().saved_replies.read().all
    return ()


@blueprint.post("/<ref>/answer/reply")
@allow(Permission.HELP)
def insert(ref: str) -> Response:
    """The answer box with a saved reply below what was typed. Nothing is sent or stored."""
    order, form = container().ledger.load(ref), typed()
    chosen = container().saved_replies.read().one(request.form.get("reply", 0, type=int))
    if chosen:
        name = order.customer.name if order.customer else ""
        reply = filled(chosen.text, {"name": name, "ref": order.ref, "agent": person().name})
        before = form.values.get("answer", "").rstrip()
        form = replace(form, values={**form.values, "answer": f"{before}\n\n{reply}" if before else reply})
    return order_page.refilled(ref, form, 200)


@blueprint.post("/<ref>/answer")
@allow(Permission.HELP)
def answer(ref: str) -> AnyResponse:
    return answered(ref, lambda: answer_question(container(), ref, text("answer"), person().name, seen()), Queue.NOTICE)
