"""/orders/{ref}/withdrawal: the customer withdraws from the contract, in two steps and without an account.

Directive 2011/83/EU, art. 11a: a statement with name, order and address for the receipt, then one button that confirms
it. It stays where it is for the whole period.
"""

from __future__ import annotations

from secrets import token_urlsafe

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.errors import Conflict, Invalid, NotAllowedNow
from fallback.domain.order.order import Order, Queue
from fallback.domain.placement.contract_withdrawal import may_withdraw, pieces_of
from fallback.usecases.placement.withdraw_from_contract import withdraw_from_contract
from fallback.web.customer.order_page import address
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import Typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, voice_in
from fallback.web.purchase import withdrawal_rows
from fallback.web.purchase.intake import fingerprint

blueprint = Blueprint("withdrawal", __name__, url_prefix="/orders")


@blueprint.get("/<ref>/withdrawal")
@allow(Rule.ORDER_LINK)
def show(ref: str) -> Response:
    """The form; what was received, if there was something; or why there is no form."""
    order = container().ledger.load(ref)
    if not _may(order) or (order.withdrawal and "more" not in request.args):
        return _received(order)
    return _form(order, withdrawal_rows.blank(order), token_urlsafe())


@blueprint.post("/<ref>/withdrawal")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def state(ref: str) -> AnyResponse:
    """Nothing is stated before it is confirmed. The same page sent twice is one withdrawal."""
    order, nonce, key = container().ledger.load(ref), request.form.get("nonce", ""), _key()
    if not _may(order) or (order.withdrawal and order.withdrawal.knows(key)):
        return redirect(address(ref, "withdrawal.show"), 303)
    form, statement = withdrawal_rows.read_form(request.form, order)
    if statement is None:
        return _form(order, form, nonce, 400)
    if "change" in request.form:
        return _form(order, form, nonce)
    try:
        if "confirmed" not in request.form:
            return _confirm(order, form, statement, nonce)
        withdraw_from_contract(container(), ref, statement, key)
    except Invalid as error:
        return _form(order, form.refused(error, withdrawal_rows.ERRORS), nonce, 400)
    except (NotAllowedNow, Conflict):
        return _received(container().ledger.load(ref), 409)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return redirect(address(ref, "withdrawal.show"), 303)


def _key() -> str:
    """The same for the same page with the same input, whatever has become of the order in between."""
    stated = sorted((name, text) for name, text in request.form.items() if name != "confirmed")
    return fingerprint(repr(stated).encode(errors="replace"))


def _may(order: Order) -> bool:
    built = container()
    return may_withdraw(order, built.withdrawal_days, built.clock())


def _confirm(order: Order, form: Typed, statement: WithdrawContract, nonce: str) -> Response:
    """Raises Invalid."""
    pieces_of(order, statement)
    kept = Typed({**form.values, "nonce": nonce})
    stated = withdrawal_rows.stated(order, statement)
    return _page("withdrawal_confirm", order, form=kept, stated=stated)


def _form(order: Order, form: Typed, nonce: str, status: int = 200) -> Response:
    return _page("withdrawal", order, status, form=form, lines=withdrawal_rows.pieces(order), nonce=nonce)


def _received(order: Order, status: int = 200) -> Response:
    statements = withdrawal_rows.received(order, voice_in(order.locale))
    return _page("withdrawn", order, status, statements=statements, more=_may(order))


def _page(name: str, order: Order, status: int = 200, /, **rows: object) -> Response:
    ref = order.ref
    addresses = {
        "page": address(ref),
        "action": address(ref, "withdrawal.state"),
        "more": address(ref, "withdrawal.show", more="1"),
    }
    voice = voice_in(order.locale)
    return page(f"customer/order/{name}.html", voice, status, ref=ref, addresses=addresses, **rows)
