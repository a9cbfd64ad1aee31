"""/console/orders/{ref}/contact, /address, /delivery, /lines: an agent changes the order for its customer."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.order import Order, Queue
from fallback.domain.support.accounts import Permission
from fallback.domain.support.late import Late
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.web.console.order import order_page
from fallback.web.console.order.answering import REFUSALS, answered, text
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person
from fallback.web.http.form_values import Typed, typed
from fallback.web.http.pages import visitor
from fallback.web.purchase import change_forms
from fallback.web.purchase.change_forms import MATTERS, Changing, Matter, Where
from fallback.web.purchase.who_was_first import as_it_stands

blueprint = Blueprint("changes", __name__, url_prefix="/console/orders")


@fills("changes.html")
def panel(looking: Looking) -> Changing | None:
    """What was requested and is not in the shop yet."""
    order = looking.order
    wanted = change_forms.wanted(order, looking.voice)
    if not wanted:
        return None
    taking_back = url_for("changes.take_back", ref=order.ref) if looking.person.may(Permission.HELP) else ""
    return Changing([], wanted, taking_back, len(looking.timeline))


@blueprint.get("/<ref>/contact", defaults={"matter": "contact"})
@blueprint.get("/<ref>/address", defaults={"matter": "address"})
@blueprint.get("/<ref>/delivery", defaults={"matter": "delivery"})
@blueprint.get("/<ref>/lines", defaults={"matter": "lines"})
@allow(Permission.HELP)
def show(ref: str, matter: str) -> AnyResponse:
    (order, timeline), what = as_it_stands(ref), MATTERS[matter]
    if not what.offered(order, container().clock()):
        return order_page.done(ref)
    return _form(what, order, what.fill(order), len(timeline))


@blueprint.post("/<ref>/contact", defaults={"matter": "contact"})
@blueprint.post("/<ref>/address", defaults={"matter": "address"})
@blueprint.post("/<ref>/delivery", defaults={"matter": "delivery"})
@blueprint.post("/<ref>/lines", defaults={"matter": "lines"})
@allow(Permission.HELP)
def change(ref: str, matter: str) -> AnyResponse:
    order, what = container().ledger.load(ref), MATTERS[matter]
    form, requested = what.read(request.form, order)
    form = replace(form, values={**form.values, "sentence": typed().values.get("sentence", "")})
    if requested is None:
        return _form(what, order, form, order_page.lines_seen(), 400)
    try:
        change_order(container(), ref, requested, person().name, order_page.seen(), sentence=text("sentence"))
    except Late as error:
        return _meanwhile(what, error, form)
    except Invalid as error:
        refused = form.refused(error, REFUSALS) if error.field == "sentence" else change_forms.refused(form, error)
        return _form(what, order, refused, order_page.lines_seen(), 400)
    except NotAllowedNow:
        return order_page.refused(ref)
    container().bells.ring(Queue.PLACEMENT)
    return order_page.done(ref)


def _meanwhile(matter: Matter, error: Late, form: Typed) -> Response:
    """The form again with the current values and the typed sentence; the order's page if it can no longer be
    changed this way."""
    order, timeline = as_it_stands(error.ref)
    if not matter.offered(order, container().clock()):
        return order_page.late(error)
    present = matter.fill(order)
    present = replace(present, values={**present.values, "sentence": form.values["sentence"]})
    return _form(matter, order, present, len(timeline), 409, order_page.first(error))


@blueprint.post("/<ref>/address/fields")
@allow(Permission.HELP)
def show_fields(ref: str) -> Response:
    """The form as it is, with the fields of the chosen country."""
    order, what = container().ledger.load(ref), MATTERS["address"]
    form, _ = what.read(request.form, order)
    values = {**form.values, "sentence": typed().values.get("sentence", "")}
    return _form(what, order, Typed(values), order_page.lines_seen())


@blueprint.post("/<ref>/change/withdrawal")
@allow(Permission.HELP)
def take_back(ref: str) -> AnyResponse:
    """Withdraw the change: it is no longer wanted, or the shop refuses it. The shop's version is read again."""
    return answered(ref, lambda: take_back_change(container(), ref, person().name, order_page.seen()), Queue.PLACEMENT)


def _form(matter: Matter, order: Order, form: Typed, seen: int, status: int = 200, word: str = "") -> Response:
    action = url_for("changes.change", ref=order.ref, matter=matter.name)
    again, back = url_for("changes.show_fields", ref=order.ref), url_for("order_page.show", ref=order.ref)
    where = Where("console/layout.html", action, again, back, seen, word, sentence=True)
    return change_forms.show(matter, order, form, visitor(), container().clock(), where, status)
