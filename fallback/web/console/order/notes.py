"""An order's internal notes, its payment link with a message, and its scheduled callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Blueprint
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Invalid
from fallback.domain.order import texts_by_people
from fallback.domain.order.lifecycle import is_over, needs_customer
from fallback.domain.order.order import Queue
from fallback.domain.phones import dialled
from fallback.domain.support.accounts import Permission
from fallback.usecases.payment.send_payment_link import send_payment_link
from fallback.usecases.support.add_note import add_note
from fallback.usecases.support.arrange_callback import arrange_callback
from fallback.usecases.support.close_callback import close_callback
from fallback.web.console.order.answering import answered, moment, text
from fallback.web.console.order.order_page import seen
from fallback.web.console.order.panels import Looking, fills
from fallback.web.http.auth import allow, container, person

blueprint = Blueprint("notes", __name__, url_prefix="/console/orders")


@dataclass(frozen=True)
class NotesPanel:
    """`known`: the customer's number."""

    payment: bool
    callable: bool
    known: str


@dataclass(frozen=True)
class CallbackPanel:
    """`call`: the link that dials the number."""

    phone: str
    call: str
    at: str
    overdue: bool


@fills("notes.html")
def panel(looking: Looking) -> NotesPanel | None:
    order = looking.order
    if not looking.person.may(Permission.HELP) or order.customer is None:
        return None
    return NotesPanel(needs_customer(order), not is_over(order), order.customer.phone or "")


@fills("callback.html")
def callback_panel(looking: Looking) -> CallbackPanel | None:
    call = looking.order.callback
    if not looking.person.may(Permission.HELP) or looking.order.customer is None or call is None:
        return None
    phone = texts_by_people.read(looking.order, call.said)
    return CallbackPanel(phone, dialled(phone), looking.voice.moment(call.at), call.at < container().clock())


@blueprint.post("/<ref>/notes")
@allow(Permission.HELP)
def note(ref: str) -> AnyResponse:
    return answered(ref, lambda: add_note(container(), ref, text("note"), person().name))


@blueprint.post("/<ref>/payment-link")
@allow(Permission.HELP)
def payment_link(ref: str) -> AnyResponse:
    def send() -> None:
        send_payment_link(container(), ref, text("sentence"), person().name, seen())

    return answered(ref, send, Queue.NOTICE)


@blueprint.post("/<ref>/callback")
@allow(Permission.HELP)
def callback(ref: str) -> AnyResponse:
    def arrange() -> None:
        arrange_callback(container(), ref, text("phone"), _when(), person().name, seen())

    return answered(ref, arrange)


def _when() -> datetime:
    at = moment("at")
    if at is None:
        raise Invalid("at", "moment", "Please give a time.")
    return at


@blueprint.post("/<ref>/callback/closure")
@allow(Permission.HELP)
def end_callback(ref: str) -> AnyResponse:
    return answered(ref, lambda: close_callback(container(), ref, text("word"), person().name, seen()))
