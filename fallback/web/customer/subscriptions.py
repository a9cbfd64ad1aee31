"""/status/subscription: customers ask to be told when the shop is back, confirm it from the mail, and take it back.

The response is the same for every address, so that nobody learns who has asked.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from msgspec import ValidationError, convert

from fallback.domain.checkout.requests import READ, Email
from fallback.domain.errors import Invalid, Refused
from fallback.domain.plain_text import visible
from fallback.usecases.support.subscribe import confirm_subscription, subscribe, unsubscribe
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import NOTHING, Typed, typed
from fallback.web.http.limits import limited, network_of
from fallback.web.http.pages import page, visitor
from fallback.web.http.security import client_address
from fallback.web.http.voice import N_

blueprint = Blueprint("subscriptions", __name__, url_prefix="/status/subscription")

ERRORS = {
    "not_an_address": N_("Enter an e-mail address, like name@example.com"),
    "too_many": N_("We cannot take more addresses at the moment. Please look at the status page again"),
}


@blueprint.get("")
@allow(Rule.PUBLIC)
def form() -> Response:
    return _page("ask")


@blueprint.post("")
@limited(lambda _: 5)
@allow(Rule.OWN_PAGE)
def ask() -> Response:
    try:
        address, sender = _address(request.form.get("email", "").strip()), network_of(client_address())
        subscribe(container(), address, visitor().locale, sender)
    except Invalid as error:
        return _page("ask", 400, typed().refused(error, ERRORS))
    except Refused as error:
        return _page("ask", 503, typed().refused(Invalid("email", error.code, str(error)), ERRORS))
    return _page("asked")


@blueprint.get("/<subscriber>")
@limited(lambda _: 30)
@allow(Rule.PUBLIC)
def show(subscriber: str) -> Response:
    """Opening the link changes nothing: programs that check mails open it too."""
    found = container().subscriptions.find(subscriber)
    return _page("confirmed" if found and found.confirmed else "confirm" if found else "gone", 200 if found else 404)


@blueprint.post("/<subscriber>")
@limited(lambda _: 30)
@allow(Rule.PUBLIC)
def answer(subscriber: str) -> Response:
    """Also what a mail program sends by itself for one click on its own 'unsubscribe' (RFC 8058)."""
    if "confirm" in request.form:
        there = confirm_subscription(container(), subscriber)
        return _page("confirmed" if there else "gone", 200 if there else 404)
    unsubscribe(container(), subscriber)
    return _page("left")


def _address(email: str) -> str:
    """Raises Invalid."""
    try:
        return READ["email"](convert(visible(email), Email))
    except (ValidationError, ValueError):
        raise Invalid("email", "not_an_address", "This is not an e-mail address.") from None


def _page(state: str, status: int = 200, form: Typed = NOTHING) -> Response:
    return page("customer/outage/subscription.html", visitor(), status, form=form, state=state)
