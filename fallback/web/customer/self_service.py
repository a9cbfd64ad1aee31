"""What customers do on their order page: ask for help, answer a question, rate the service.

Opening a link changes nothing: mail scanners open links too.
"""

from __future__ import annotations

from flask import Blueprint, redirect, request
from msgspec import ValidationError, convert
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid
from fallback.domain.order.order import Queue
from fallback.domain.order.ratings import Part
from fallback.domain.placement.rivals import is_about_payment, open_rival, question_of
from fallback.domain.support.questions import CallBack, TimeOfDay
from fallback.usecases.order.choose_texts import choose_texts
from fallback.usecases.payment.take_goodwill import take_goodwill
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.support.ask_question import ask_question
from fallback.usecases.support.rate_help import rate_help
from fallback.web.customer import presence
from fallback.web.customer.order_page import address, answered, shown
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, voice_in
from fallback.web.http.problems import Problem
from fallback.web.purchase.question_form import ERRORS, NOT_A_PHONE

blueprint = Blueprint("self_service", __name__, url_prefix="/orders")


@blueprint.post("/<ref>/question")
@limited(lambda _: 10)
@allow(Rule.ORDER_LINK)
def ask(ref: str) -> AnyResponse:
    try:
        asked, call_back = request.form.get("question", ""), _call_back()
        return answered(ref, lambda: ask_question(container(), ref, asked, call_back), place="#questions")
    except Invalid as error:
        return shown(ref, 400, form=typed().refused(error, ERRORS))


def _call_back() -> CallBack | None:
    """Raises Invalid."""
    phone, when = " ".join(request.form.get("phone", "").split()), request.form.get("when", "")
    if not phone:
        return None
    try:
        return convert({"phone": phone, "when": when if when in list(TimeOfDay) else TimeOfDay.ANY}, CallBack)
    except ValidationError:
        raise Invalid("phone", "invalid", NOT_A_PHONE) from None


@blueprint.get("/<ref>/rival/<answer>")
@allow(Rule.ORDER_LINK)
def ask_about_rival(ref: str, answer: str) -> AnyResponse:
    """A page with one button, for a customer who answers with a link in the mail."""
    given = _rival(answer)
    order = container().ledger.load(ref)
    hold = open_rival(order)
    if hold is None:
        return redirect(address(ref), 303)
    voice = voice_in(order.locale)
    return page(
        "customer/placement/rival_answer.html",
        voice,
        ref=ref,
        version=order.version,
        here=presence.at_the_shop(order, voice),
        rival=hold.detail,
        about=question_of(hold),
        same=given is RivalAnswer.SAME,
        maybe_paid=is_about_payment(order),
        addresses={"page": address(ref), "answer": address(ref, "self_service.answer_about_rival", answer=given)},
    )


@blueprint.post("/<ref>/rival/<answer>")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def answer_about_rival(ref: str, answer: str) -> AnyResponse:
    given, about = _rival(answer), request.form.get("about", "")

    def give() -> None:
        answer_rival_question(container(), ref, given, "customer", about)

    return answered(ref, give, Queue.PAYMENT, Queue.PLACEMENT)


def _rival(answer: str) -> RivalAnswer:
    if answer not in list(RivalAnswer):
        raise Problem(404, "not_found", "This answer does not exist.")
    return RivalAnswer(answer)


@blueprint.post("/<ref>/text-messages")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def choose_text_messages(ref: str) -> AnyResponse:
    wanted = request.form.get("wanted") == "1" and bool(container().config.contact_ways.sms_url)
    return answered(ref, lambda: choose_texts(container(), ref, wanted), place="#basket")


@blueprint.post("/<ref>/goodwill")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def goodwill(ref: str) -> AnyResponse:
    return answered(ref, lambda: take_goodwill(container(), ref), Queue.PAYMENT)


@blueprint.post("/<ref>/ratings")
@limited(lambda _: 30)
@allow(Rule.ORDER_LINK)
def rate(ref: str) -> AnyResponse:
    part, good = request.form.get("part", ""), request.form.get("good", "")
    if part not in list(Part) or good not in ("0", "1"):
        raise Invalid("part", "invalid", "Rate one part as good or not.")
    rate_help(container(), ref, Part(part), good == "1")
    return redirect(address(ref) + "#ratings", 303)
