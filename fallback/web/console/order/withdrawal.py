"""A withdrawal from the contract: what was stated, and a form for an agent who is told of it by phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from secrets import token_urlsafe

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.placement.contract_withdrawal import may_withdraw, what_follows
from fallback.domain.support.accounts import Permission
from fallback.usecases.placement.withdraw_from_contract import withdraw_from_contract
from fallback.web.console.order import order_page
from fallback.web.console.order.order_page import lines_seen, seen
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import Typed
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_
from fallback.web.purchase import withdrawal_rows
from fallback.web.purchase.intake import fingerprint
from fallback.web.purchase.who_was_first import as_it_stands
from fallback.web.purchase.withdrawal_rows import StatementRow, received

blueprint = Blueprint("withdrawals", __name__, url_prefix="/console/orders")

STATES = {
    WithdrawalState.ASKED: N_("The shop is told next."),
    WithdrawalState.BY_HAND: N_("Tell the shop, then release the hold. The customer has the receipt."),
    WithdrawalState.TOLD: N_("The shop knows. It takes the goods back and refunds them."),
    WithdrawalState.UNDONE: N_("The shop never had these goods in an order: they are cancelled."),
}
ERRORS = withdrawal_rows.ERRORS | {
    "more_than_bought": N_("More than the order still has"),
    "other_lines": N_("The items of this order have changed. Please open the form again"),
}


@dataclass(frozen=True)
class WithdrawalPanel:
    """`state`: whether the shop knows; empty if it never will."""

    state: str
    statements: Sequence[StatementRow]


@fills("withdrawal.html")
def panel(looking: Looking) -> WithdrawalPanel | None:
    order, voice = looking.order, looking.voice
    if order.withdrawal is None:
        return None
    follows = what_follows(order)
    return WithdrawalPanel(voice.say(STATES[follows]) if follows else "", received(order, voice))


def offered(order: Order) -> bool:
    built = container()
    return may_withdraw(order, built.withdrawal_days, built.clock())


@blueprint.get("/<ref>/withdrawal")
@allow(Permission.HELP)
def ask(ref: str) -> Response:
    order, timeline = as_it_stands(ref)
    if not offered(order):
        return order_page.refused(ref)
    return _form(order, withdrawal_rows.blank(order), token_urlsafe(), len(timeline))


@blueprint.post("/<ref>/withdrawal")
@allow(Permission.HELP)
def record(ref: str) -> AnyResponse:
    """The same page sent twice is one withdrawal."""
    order, nonce = container().ledger.load(ref), request.form.get("nonce", "")
    key = fingerprint(repr(sorted(request.form.items())).encode(errors="replace"))
    if order.withdrawal and order.withdrawal.knows(key):
        return order_page.done(ref)
    form, statement = withdrawal_rows.read_form(request.form, order)
    if statement is None:
        return _form(order, form, nonce, lines_seen(), 400)
    try:
        withdraw_from_contract(container(), ref, statement, key, person().name, seen())
    except Invalid as error:
        return _form(order, form.refused(error, ERRORS), nonce, lines_seen(), 400)
    except NotAllowedNow:
        return order_page.refused(ref)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT, Queue.NOTICE):
        container().bells.ring(queue)
    return order_page.done(ref)


def _form(order: Order, form: Typed, nonce: str, seen: int, status: int = 200) -> Response:
    return page(
        "console/order/withdrawal.html",
        visitor(),
        status,
        ref=order.ref,
        form=form,
        lines=withdrawal_rows.pieces(order),
        nonce=nonce,
        seen=seen,
    )
