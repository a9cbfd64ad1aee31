"""POST /checkout/draft: a checkout form is saved while it is filled in, and opened again with its link."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from flask import Blueprint, Response, request

from fallback.domain.checkout.drafts import Draft
from fallback.domain.errors import Invalid, TryAgain
from fallback.domain.payment.charging import first_possible
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.limits import limited
from fallback.web.http.problems import Problem
from fallback.web.http.voice import Voice
from fallback.web.purchase.checkout_fields import CARD_NUMBER
from fallback.web.purchase.checkout_form import CheckoutForm, new_form, read_form

blueprint = Blueprint("drafts", __name__)

CONTACT = ("name", "email", "phone")
# Larger forms are not stored; this is about 60 lines with pictures.
LONGEST_CART_TOKEN = 8_192
# Four per minute report that a page is open; the rest is for typing, and for others with the same address.
SAVES_PER_MINUTE = 120


@blueprint.post("/checkout/draft")
@limited(lambda _: SAVES_PER_MINUTE)
@allow(Rule.PUBLIC)
def save() -> Response:
    """Anyone with the cart token can save its form. Invalid fields are left out."""
    form = with_cart(read_form(request.form))
    for name in CONTACT:
        if form.errors.get(f"contact.{name}") is CARD_NUMBER:
            raise Invalid(f"contact.{name}", "card_number", "This looks like a card number. It is not stored.")
    keep(form)
    return Response(status=204)


def keep(form: CheckoutForm) -> None:
    """Store contact and cart once there is an address or number to find them. Raises Invalid (cart) and TryAgain."""
    built = container()
    now = built.clock()
    cart_id = read_cart(built, form.cart_token).cart_id
    if built.ledger.ref_of_cart(cart_id):
        built.drafts.drop(cart_id)
        return
    contact = {name: _valid(form, f"contact.{name}") for name in CONTACT}
    if not (contact["email"] or contact["phone"]) or len(form.cart_token) > LONGEST_CART_TOKEN:
        return
    if built.readiness.problems():
        raise TryAgain("forms cannot be stored now")
    draft = Draft(cart_id=cart_id, cart_token=form.cart_token, locale=form.locale, since=now, seen_at=now, **contact)
    built.drafts.save(draft)


def keep_if_possible(form: CheckoutForm) -> None:
    """For browsers without JavaScript, after a form with errors. Nothing depends on it."""
    with suppress(TryAgain, Invalid):
        keep(form)


def with_cart(form: CheckoutForm) -> CheckoutForm:
    """A form that was opened by a link does not carry the cart's token, which would open the order later: it has the
    cart of its draft. Raises Problem."""
    return replace(form, cart_token=invited(form.invitation).cart_token) if form.invitation else form


def invited(invitation: str) -> Draft:
    """The saved form behind this link. Raises Problem if it has expired."""
    meant = container().invitations.read(invitation)
    draft = container().drafts.of_cart(meant[0]) if meant else None
    if meant is None or draft is None or draft.since != meant[1]:
        raise Problem(404, "draft_gone", "This link has expired: forms are kept for one day, or until they are sent.")
    return draft


def reopened(draft: Draft, invitation: str, voice: Voice) -> CheckoutForm:
    """The form with the customer's input, on another device. Raises Invalid (cart)."""
    cart = read_cart(container(), draft.cart_token)
    form = new_form(draft.cart_token, first_possible(cart, container().chargeable), voice, checking=False)
    contact = {f"contact.{name}": getattr(draft, name) for name in CONTACT}
    return replace(form, values={**form.values, **contact}, invitation=invitation)


def _valid(form: CheckoutForm, name: str) -> str:
    return "" if name in form.errors else form.values[name]
