"""/v1/orders/{ref}/questions, /rival-answer, /withdrawal, /ratings, /text-messages: self-service.

For pages that are not ours.
"""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response
from msgspec import Meta, Struct

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.order import Queue
from fallback.domain.order.ratings import Part
from fallback.domain.order.texts_by_people import LONGEST
from fallback.domain.support.questions import CallBack
from fallback.usecases.order.choose_texts import choose_texts
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.withdraw_from_contract import withdraw_from_contract
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.rate_help import rate_help
from fallback.web.api.orders import register, shown
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.idempotency import idempotency_key
from fallback.web.http.limits import limited
from fallback.web.http.strict_json import read_json
from fallback.web.purchase.intake import fingerprint

blueprint = Blueprint("self_service_api", __name__, url_prefix="/v1")
register(blueprint)


class AskQuestion(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/questions. `call_back`: phone number and time of a wanted call."""

    question: Annotated[str, Meta(max_length=LONGEST)]
    call_back: CallBack | None = None


class AnswerRival(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/rival-answer.

    `about`: the question that the customer read, as the hold has it; empty: the one that is open.
    """

    answer: RivalAnswer
    about: Annotated[str, Meta(max_length=200)] = ""


class RateHelp(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/ratings."""

    part: Part
    good: bool


class ChooseTexts(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/text-messages. `wanted`: the customer agrees; else they withdraw that."""

    wanted: bool


WITHDRAW_CONTRACT = msgspec.json.Decoder(WithdrawContract)
ASK_QUESTION = msgspec.json.Decoder(AskQuestion)
ANSWER_RIVAL = msgspec.json.Decoder(AnswerRival)
RATE_HELP = msgspec.json.Decoder(RateHelp)
CHOOSE_TEXTS = msgspec.json.Decoder(ChooseTexts)


@blueprint.post("/orders/<ref>/questions")
@limited(lambda _: 10)
@allow(Rule.ORDER_LINK)
def ask(ref: str) -> Response:
    requested = read_json(ASK_QUESTION)
    return shown(ask_question(container(), ref, requested.question, requested.call_back), full=True, status=202)


@blueprint.post("/orders/<ref>/rival-answer")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def answer_about_rival(ref: str) -> Response:
    requested = read_json(ANSWER_RIVAL)
    order = answer_rival_question(container(), ref, requested.answer, "customer", requested.about)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return shown(order, full=True, status=202)


@blueprint.post("/orders/<ref>/withdrawal")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def withdraw(ref: str) -> Response:
    """The same key again, or without a key the same body, is the same withdrawal."""
    key, requested = idempotency_key(needed=False), read_json(WITHDRAW_CONTRACT)
    print_ = fingerprint(key.encode() or msgspec.json.encode(requested))
    order = withdraw_from_contract(container(), ref, requested, print_)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return shown(order, full=True, status=202)


@blueprint.post("/orders/<ref>/ratings")
@limited(lambda _: 30)
@allow(Rule.ORDER_LINK)
def rate(ref: str) -> Response:
    requested = read_json(RATE_HELP)
    return shown(rate_help(container(), ref, requested.part, requested.good), full=True)


@blueprint.post("/orders/<ref>/text-messages")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def choose_text_messages(ref: str) -> Response:
    wanted = read_json(CHOOSE_TEXTS).wanted
    if wanted and not container().config.contact_ways.sms_url:
        raise NotAllowedNow("no gateway", "text messages")
    order = choose_texts(container(), ref, wanted)
    if wanted and not (order.customer and order.customer.sms):
        raise NotAllowedNow("no mobile phone", "text messages")
    return shown(order, full=True)
