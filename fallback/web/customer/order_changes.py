"""/orders/{ref}/contact, /address, /delivery, /lines: the customer changes their order."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid, NotAllowedNow
from fallback.domain.order.order import Order, Queue
from fallback.domain.support.late import Late
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.web.customer.order_page import address, answered, late
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import Typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import voice_in
from fallback.web.purchase import change_forms
from fallback.web.purchase.change_forms import MATTERS, Matter, Where
from fallback.web.purchase.who_was_first import as_it_stands, sentence

blueprint = Blueprint("order_changes", __name__, url_prefix="/orders")


@blueprint.get("/<ref>/contact", defaults={"matter": "contact"})
@blueprint.get("/<ref>/address", defaults={"matter": "address"})
@blueprint.get("/<ref>/delivery", defaults={"matter": "delivery"})
@blueprint.get("/<ref>/lines", defaults={"matter": "lines"})
@allow(Rule.ORDER_LINK)
def show(ref: str, matter: str) -> AnyResponse:
    (order, timeline), what = as_it_stands(ref), MATTERS[matter]
    if not what.offered(order, container().clock()):
        return redirect(address(ref), 303)
    return _form(what, order, what.fill(order), len(timeline))


@blueprint.post("/<ref>/contact", defaults={"matter": "contact"})
@blueprint.post("/<ref>/address", defaults={"matter": "address"})
@blueprint.post("/<ref>/delivery", defaults={"matter": "delivery"})
@blueprint.post("/<ref>/lines", defaults={"matter": "lines"})
@limited(lambda _: 30)
@allow(Rule.ORDER_LINK)
def change(ref: str, matter: str) -> AnyResponse:
    order, what = container().ledger.load(ref), MATTERS[matter]
    seen = request.form.get("seen", default=0, type=int)
    form, requested = what.read(request.form, order)
    if requested is None:
        return _form(what, order, form, seen, 400)
    try:
        change_order(container(), ref, requested, "customer", seen)
    except Invalid as error:
        return _form(what, order, change_forms.refused(form, error), seen, 400)
    except Late as error:
        return _meanwhile(what, ref, error)
    except (NotAllowedNow, Conflict):
        return _meanwhile(what, ref)
    container().bells.ring(Queue.PLACEMENT)
    return redirect(address(ref), 303)


@blueprint.post("/<ref>/address/fields")
@limited(lambda _: 60)
@allow(Rule.ORDER_LINK)
def show_fields(ref: str) -> Response:
    """The form as it is, with the fields of the chosen country."""
    order, what = container().ledger.load(ref), MATTERS["address"]
    form, _ = what.read(request.form, order)
    return _form(what, order, Typed(form.values), request.form.get("seen", default=0, type=int))


@blueprint.post("/<ref>/change/withdrawal")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def take_back(ref: str) -> AnyResponse:
    """Withdraw the change; the order in the shop is read again."""
    seen = request.form.get("seen", default=0, type=int)
    return answered(ref, lambda: take_back_change(container(), ref, "customer", seen), Queue.PLACEMENT)


def _meanwhile(matter: Matter, ref: str, error: Late | None = None) -> Response:
    """The form once more with the present values, so that a second press undoes nobody's change unread; the order's
    page if that cannot be changed so any more."""
    order, timeline = as_it_stands(ref)
    if not matter.offered(order, container().clock()):
        return late(ref, error)
    word = sentence(timeline, voice_in(order.locale), error)
    return _form(matter, order, matter.fill(order), len(timeline), 409, word)


def _form(matter: Matter, order: Order, form: Typed, seen: int, status: int = 200, word: str = "") -> Response:
    voice = voice_in(order.locale)
    action = address(order.ref, "order_changes.change", matter=matter.name)
    again = address(order.ref, "order_changes.show_fields")
    where = Where("http/layout.html", action, again, address(order.ref), seen, word)
    return change_forms.show(matter, order, form, voice, container().clock(), where, status)
