"""/orders/{ref}/contact, /address, /delivery, /lines: the customer changes her order herself."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid, NotAllowedNow
from fallback.domain.order.order import Order, Queue
from fallback.domain.support.late import Late
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.web.customer.order_page import address, late
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import Typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import voice_in
from fallback.web.purchase import change_forms, who_was_first
from fallback.web.purchase.change_forms import MATTERS, Matter, Where

blueprint = Blueprint("order_changes", __name__, url_prefix="/orders")


@blueprint.get("/<ref>/contact", defaults={"matter": "contact"})
@blueprint.get("/<ref>/address", defaults={"matter": "address"})
@blueprint.get("/<ref>/delivery", defaults={"matter": "delivery"})
@blueprint.get("/<ref>/lines", defaults={"matter": "lines"})
@allow(Rule.ORDER_LINK)
def show(ref: str, matter: str) -> AnyResponse:
    order, what = container().ledger.load(ref), MATTERS[matter]
    if not what.offered(order, container().clock()):
        return redirect(address(ref), 303)
    return _form(what, order, what.fill(order), len(container().ledger.timeline(ref)))


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


@blueprint.post("/<ref>/change/withdrawal")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def take_back(ref: str) -> AnyResponse:
    """The change is not wanted any more; what the shop has is looked at."""
    try:
        take_back_change(container(), ref, "customer", request.form.get("seen", default=0, type=int))
    except Late as error:
        return late(ref, error)
    except (NotAllowedNow, Conflict):
        return late(ref)
    container().bells.ring(Queue.PLACEMENT)
    return redirect(address(ref), 303)


def _meanwhile(matter: Matter, ref: str, error: Late | None = None) -> Response:
    """The form once more with the present values, so that a second press undoes nobody's change unread; the order's
    page if that cannot be changed so any more."""
    # Read before the order, so that what is written meanwhile is not counted as seen.
    timeline = container().ledger.timeline(ref)
    order = container().ledger.load(ref)
    if not matter.offered(order, container().clock()):
        return late(ref, error)
    word = who_was_first.sentence(timeline, voice_in(order.locale), error)
    return _form(matter, order, matter.fill(order), len(timeline), 409, word)


def _form(matter: Matter, order: Order, form: Typed, seen: int, status: int = 200, word: str = "") -> Response:
    voice = voice_in(order.locale)
    action = address(order.ref, "order_changes.change", matter=matter.name)
    where = Where("layout.html", action, address(order.ref), seen, word)
    return change_forms.show(matter, order, form, voice, container().clock(), where, status)
