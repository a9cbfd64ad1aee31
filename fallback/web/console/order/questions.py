"""The customer's question in their own words, and the answer, sent by mail and shown on the order's page."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.order.order import Queue
from fallback.domain.support.accounts import Permission
from fallback.domain.support.questions import open_question
from fallback.usecases.support.answer_question import answer_question
from fallback.web.console.order.answering import answered, text
from fallback.web.console.order.order_page import Looking, fills, seen
from fallback.web.http.auth import allow, container, person
from fallback.web.purchase.self_service_rows import Word, talk

blueprint = Blueprint("questions", __name__, url_prefix="/console/orders")


@dataclass(frozen=True)
class QuestionPanel:
    """All questions and answers, oldest first. `by`: when the answer is due; None if there is no open question."""

    words: list[Word]
    by: str | None


@fills("question.html")
def panel(looking: Looking) -> QuestionPanel | None:
    said = talk(looking.order, looking.timeline, looking.voice).words
    hold = open_question(looking.order)
    if not said or not looking.person.may(Permission.HELP):
        return None
    return QuestionPanel(said, looking.voice.moment(hold.next_word_by) if hold else None)


@blueprint.post("/<ref>/answer")
@allow(Permission.HELP)
def answer(ref: str) -> AnyResponse:
    return answered(ref, lambda: answer_question(container(), ref, text("answer"), person().name, seen()), Queue.NOTICE)
