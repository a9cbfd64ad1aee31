"""What the customer asked, in her own words, and the answer that goes out to her by mail and on her page."""

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
    """All that was asked and answered, oldest first. `by`: when she hears next; None if nothing is left to answer."""

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
