"""/orders/: mails customers the lost links to their orders, at the address that they ordered with.

The response is the same for every address, and is sent before any lookup, so that nobody learns who has ordered.
"""

from __future__ import annotations

from flask import Blueprint, Response, request
from msgspec import ValidationError, convert

from fallback.domain.checkout.requests import READ, Email
from fallback.domain.errors import Invalid
from fallback.domain.order.refs import parse_ref
from fallback.domain.plain_text import visible
from fallback.domain.support.renewals import RenewalRequest
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.form_values import NOTHING, typed
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor
from fallback.web.http.voice import N_

blueprint = Blueprint("find_order", __name__, url_prefix="/orders")

ERRORS = {
    "not_an_address": N_("Enter an e-mail address, like name@example.com"),
    "not_a_ref": N_("Enter a number like FB-7K3M-92QX-5, or leave it empty"),
}


@blueprint.get("/")
@allow(Rule.PUBLIC)
def show() -> Response:
    return page("customer/order/find_order.html", visitor(), form=NOTHING, sent=False)


@blueprint.post("/")
@limited(lambda _: 5)
@allow(Rule.OWN_PAGE)
def ask() -> Response:
    try:
        asked = _asked(request.form.get("email", "").strip(), request.form.get("ref", "").strip())
    except Invalid as error:
        return page("customer/order/find_order.html", visitor(), 400, form=typed().refused(error, ERRORS), sent=False)
    container().renewals.ask(asked)
    return page("customer/order/find_order.html", visitor(), form=NOTHING, sent=True)


def _asked(email: str, ref: str) -> RenewalRequest:
    """Raises Invalid."""
    try:
        email = READ["email"](convert(visible(email), Email))
    except (ValidationError, ValueError):
        raise Invalid("email", "not_an_address", "This is not an e-mail address.") from None
    if ref and parse_ref(ref) is None:
        raise Invalid("ref", "not_a_ref", "This is not an order number.")
    return RenewalRequest(email, parse_ref(ref) or "")
