"""An order's holds, and an agent's decision: release, merge or cancel."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, Response
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, HoldCode
from fallback.domain.order.lifecycle import holds_cart
from fallback.domain.order.order import Order, Queue
from fallback.domain.payment import refunds
from fallback.domain.placement.placement import may_be_there
from fallback.domain.support.accounts import Permission
from fallback.usecases.order.reject_order import reject_order
from fallback.usecases.payment.settle_refund import settle_refund
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.merge_order import merge_order
from fallback.usecases.placement.release_hold import release_hold
from fallback.web.console.order import order_page
from fallback.web.console.order.answering import answered, text
from fallback.web.console.order.order_page import seen
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import Typed, typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import Voice
from fallback.web.purchase.order_view import choices
from fallback.web.purchase.who_was_first import as_it_stands

blueprint = Blueprint("holds", __name__, url_prefix="/console/orders")

WORK = (Queue.PAYMENT, Queue.PLACEMENT)


@dataclass(frozen=True)
class HoldForms:
    """`rival`: another order that may be the same purchase; `maybe_paid`: it is, if it is paid in the shop.
    `mismatch`: releasing it confirms that the shop's version is right.

    `there`: an agent may find it in the shop. `came_back`: the amount of the refunds that failed.
    """

    code: str
    text: str
    detail: str
    rival: bool
    maybe_paid: bool
    mismatch: bool
    there: bool
    came_back: str


@dataclass(frozen=True)
class HoldsPanel:
    """`ordered_again`: the ref of the order that has the cart, if this one was refunded and wants it again."""

    holds: list[HoldForms]
    cancel: bool
    ordered_again: str


@fills("holds.html")
def panel(looking: Looking) -> HoldsPanel | None:
    order, voice = looking.order, looking.voice
    if not looking.person.may(Permission.HELP):
        return None
    decided = [
        HoldForms(
            code=hold.code,
            text=voice.say(HOLD_NAMES[hold.code]),
            detail=hold.detail,
            rival=_is_rival(hold.code),
            maybe_paid=hold.code is HoldCode.MAYBE_PAID,
            mismatch=hold.code is HoldCode.MISMATCH,
            there=may_be_there(order, hold.code),
            came_back=_came_back(hold.code, order, voice),
        )
        for hold in order.holds
        if hold.code is not HoldCode.ASKED_FOR_A_PERSON
    ]
    return HoldsPanel(decided, choices(order).cancel, _ordered_again(order)) if decided else None


def _is_rival(code: HoldCode) -> bool:
    return code in ASKS_ABOUT_RIVAL


def _ordered_again(order: Order) -> str:
    ref = container().ledger.ref_of_cart(order.cart_id) if holds_cart(order) else None
    return ref if ref and ref != order.ref else ""


def _came_back(code: HoldCode, order: Order, voice: Voice) -> str:
    return voice.money(order.payment.undecided, order.currency) if code is HoldCode.REFUND_FAILED else ""


@blueprint.post("/<ref>/holds/<code>/release")
@allow(Permission.HELP)
def release(ref: str, code: str) -> AnyResponse:
    def let_go() -> None:
        release_hold(container(), ref, _held(ref, code), person().name, seen())

    return answered(ref, let_go, *WORK)


@blueprint.post("/<ref>/holds/<code>/merge")
@allow(Permission.HELP)
def merge(ref: str, code: str) -> AnyResponse:
    """The customer already bought it: the other order stays, this one is cancelled."""

    def same() -> None:
        held = _held(ref, code)
        if _is_rival(held):
            seen()
            answer_rival_question(container(), ref, RivalAnswer.SAME, person().name)
        else:
            merge_order(container(), ref, held, text("number"), bool(text("paid")), person().name, seen())

    return answered(ref, same, *WORK)


@blueprint.post("/<ref>/holds/refund_failed/settle")
@allow(Permission.HELP)
def settle(ref: str) -> AnyResponse:
    """The failed refund was paid to the customer in another way."""
    return answered(ref, lambda: settle_refund(container(), ref, person().name, seen()), *WORK)


def _held(ref: str, code: str) -> HoldCode:
    """Raises NotAllowedNow if the order does not have this hold, or no longer."""
    for hold in container().ledger.load(ref).holds:
        if hold.code == code:
            return hold.code
    raise NotAllowedNow("not_held", code)


@blueprint.get("/<ref>/cancellation")
@allow(Permission.HELP)
def ask_to_cancel(ref: str) -> Response:
    return _cancellation(ref, typed())


@blueprint.post("/<ref>/cancellation")
@allow(Permission.HELP)
def cancel(ref: str) -> AnyResponse:
    def give_up() -> None:
        reject_order(container(), ref, text("reason"), text("sentence"), person().name, seen())

    return answered(ref, give_up, *WORK, form=_cancellation)


def _cancellation(ref: str, form: Typed) -> Response:
    order, timeline = as_it_stands(ref)
    if not choices(order).cancel:
        return order_page.refused(ref)
    voice, status = visitor(), 400 if form.errors else 200
    taken = voice.money(refunds.left(order), order.currency) if order.payment.captured else ""
    return page(
        "console/order/cancellation.html",
        voice,
        status,
        ref=ref,
        form=form,
        seen=len(timeline),
        taken=taken,
        number=order.placement.number,
    )
