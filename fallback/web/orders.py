"""/orders/{ref}: the page behind a customer's signed link. It says where her order stands and lets her act on it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, request, url_for
from msgspec import ValidationError, convert
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.errors import Conflict, Invalid, NotAllowedNow
from fallback.domain.order import Queue
from fallback.domain.wishes import CardPayment
from fallback.web import presenters
from fallback.web.auth import Rule, allow, container
from fallback.web.cart_rows import rows_of_order
from fallback.web.checkout_form import CARD_MISSING
from fallback.web.checkout_rows import card_row, chargeable
from fallback.web.limits import limited
from fallback.web.pages import page
from fallback.web.problem_words import PROBLEMS
from fallback.web.voice import N_, Voice

blueprint = Blueprint("orders", __name__, url_prefix="/orders")

MEANWHILE = N_("Something has happened with your order in the meantime. This is where it stands now.")
NO_MORE_CARDS = PROBLEMS["too_many_cards"].text


def address(ref: str, view: str = "orders.show") -> str:
    """A view of the order, with the key that opens it, on the host that she is on: the public one may be away."""
    return url_for(view, ref=ref, key=container().links.key(ref))


@blueprint.get("/<ref>")
@allow(Rule.ORDER_LINK)
def show(ref: str) -> Response:
    return _show(ref)


@blueprint.get("/<ref>/back")
@allow(Rule.ORDER_LINK)
def back_from_bank(ref: str) -> AnyResponse:
    container().welcome_back(ref)
    container().bells.ring(Queue.PAYMENT)
    return redirect(address(ref), 303)


@blueprint.post("/<ref>/payment")
@limited(lambda _: 20)
@allow(Rule.ORDER_LINK)
def pay(ref: str) -> AnyResponse:
    try:
        card = convert({"confirmation_token": request.form.get("confirmation_token")}, CardPayment)
        container().give_card(ref, card.confirmation_token, "customer")
    except ValidationError:
        return _show(ref, 400, CARD_MISSING)
    except Invalid:
        return _show(ref, 400, NO_MORE_CARDS)
    except (NotAllowedNow, Conflict):
        return _show(ref, 409, MEANWHILE)
    container().bells.ring(Queue.PAYMENT)
    return redirect(address(ref), 303)


@blueprint.get("/<ref>/cancellation")
@allow(Rule.ORDER_LINK)
def ask_to_cancel(ref: str) -> AnyResponse:
    order = container().ledger.load(ref)
    if not presenters.choices(order).cancel:
        return redirect(address(ref), 303)
    addresses = {"page": address(ref), "cancellation": address(ref, "orders.cancel")}
    taken = order.payment.captured > 0
    return page("order_cancel.html", Voice(order.locale), ref=ref, addresses=addresses, taken=taken)


@blueprint.post("/<ref>/cancellation")
@allow(Rule.ORDER_LINK)
def cancel(ref: str) -> AnyResponse:
    """A second click finds it done, or on its way, and its page says so."""
    try:
        container().cancel_order(ref, "customer")
    except (NotAllowedNow, Conflict):
        return _show(ref, 409, MEANWHILE)
    for queue in (Queue.PAYMENT, Queue.PLACEMENT):
        container().bells.ring(queue)
    return redirect(address(ref), 303)


def _show(ref: str, code: int = 200, word: str | None = None) -> Response:
    """`word`: what has to be said first, about what she has just tried."""
    config, ledger = container().config, container().ledger
    order = ledger.load(ref)
    voice = Voice(order.locale)
    return page(
        "order.html",
        voice,
        code,
        ref=ref,
        word=voice.say(word) if word else None,
        status=presenters.status(order, voice),
        happened=presenters.happened(order, ledger.timeline(ref), voice),
        ahead=presenters.ahead(order, voice),
        choices=presenters.choices(order),
        cart=rows_of_order(order, voice, config.fallback_shop_url),
        agreed=presenters.agreed(order, voice),
        card=card_row(chargeable(order.total), order.currency, config),
        version=order.version,
        addresses={
            "page": address(ref),
            "payment": address(ref, "orders.pay"),
            "cancellation": address(ref, "orders.ask_to_cancel"),
            "state": address(ref, "orders_api.show"),
        },
    )
