"""/checkout: the purchase on one page. It serves every customer with a cart, in every mode."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial

import msgspec
from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.cart_token import CART_COOKIE
from fallback.domain.checkout.destinations import countries_of, place_of, seen_from
from fallback.domain.checkout.order_button import SAYS_OBLIGATION
from fallback.domain.errors import Invalid, TryAgain, UnknownOrder
from fallback.domain.money import Money
from fallback.domain.order.cart import Cart
from fallback.domain.order.exposure import NotInStock, Refusal
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import Order
from fallback.domain.order.signed_in import SignedIn
from fallback.domain.outage.last_mode import known_mode
from fallback.domain.outage.mode import Mode
from fallback.domain.payment.charging import first_possible
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.customer import country, drafts
from fallback.web.customer.order_page import address
from fallback.web.http import languages
from fallback.web.http.auth import Rule, allow, container, has_order_link
from fallback.web.http.limits import limited
from fallback.web.http.pages import page, visitor, voice_in
from fallback.web.http.problems import Problem, retry_after
from fallback.web.http.security import client_address, proxy_reason
from fallback.web.http.voice import Voice
from fallback.web.purchase.checkout_address import address_rows
from fallback.web.purchase.checkout_basket import basket, left_over, told_here
from fallback.web.purchase.checkout_fields import COUNTRY
from fallback.web.purchase.checkout_form import (
    DELIVERY,
    DELIVERY_ERRORS,
    NO_DELIVERY_THERE,
    PAY_FIRST,
    PLACE_ERRORS,
    CheckoutForm,
    form_again,
    new_form,
    read_form,
)
from fallback.web.purchase.checkout_rows import card_row, delivery_rows
from fallback.web.purchase.intake import SHOP_FAILED, bear_witness, fingerprint, take_order
from fallback.web.purchase.saved_addresses import SAVED, form_for, form_with_saved, others

blueprint = Blueprint("checkout", __name__)


@blueprint.get("/checkout")
@allow(Rule.PUBLIC)
def show() -> Response:
    """The cart comes with the shop's cookie. `checking`: the outcome of the attempt in the shop is unknown."""
    reason = proxy_reason()
    try:
        checking = "checking" in request.args or reason == "maybe_taken"
        return _first_look(request.cookies.get(CART_COOKIE, ""), checking, away=reason in SHOP_FAILED)
    except (Invalid, TryAgain):
        if reason != "share":
            raise
        return Response(status=502)  # the proxy returns the customer to the shop, which needs no cart of ours


@blueprint.post("/checkout/cart")
@allow(Rule.PUBLIC)
def show_cart() -> Response:
    """The cart comes from a page of the shop, by failover.js."""
    return _first_look(request.form.get("cart_token", ""), checking="checking" in request.form, away=True)


def _first_look(cart_token: str, checking: bool, away: bool) -> Response:
    """`away`: the shop's own checkout failed this customer."""
    try:
        cart = read_cart(container(), _required(cart_token))
    except Invalid:
        bear_witness(client_address())
        raise
    bear_witness(cart.cart_id)
    # Without the ledger this is unknown; accepting the order will tell when it is back.
    with suppress(TryAgain):
        ref = container().ledger.ref_of_cart(cart.cart_id)
        if ref is not None:
            return _ordered_before(ref, visitor())
    voice = visitor()
    form = replace(new_form(cart_token, "", voice, checking, country.probable(cart, voice)), away=away)
    if cart.customer:
        form = form_for(form, cart.customer, partial(country.goes_to, cart))
    seen = seen_from(cart, form.values[COUNTRY])
    delivery = first_possible(seen if seen.delivery else cart, container().chargeable)
    if undone := _undone(cart):
        voice = voice_in(undone.locale)
        again = form_again(undone, cart_token, cart, delivery, voice, container().clock())
        return _show(replace(again, away=away), voice)
    return _show(replace(form, delivery=delivery), voice)


def _undone(cart: Cart) -> Order | None:
    """The cancelled order of this cart, if the customer starts again from its page and has its key."""
    ref = request.args.get("again", "")
    if not ref or not has_order_link(ref):
        return None
    with suppress(UnknownOrder, TryAgain):
        order = container().ledger.load(ref)
        if order.cart_id == cart.cart_id and order.customer:
            return order
    return None


@blueprint.get("/checkout/drafts/<invitation>")
@limited(lambda _: 30)
@allow(Rule.PUBLIC)
def show_draft(invitation: str) -> Response:
    """The form that the customer began on another device. `invitation` is the end of a signed link."""
    draft, voice = drafts.invited(invitation), visitor()
    ref = container().ledger.ref_of_cart(draft.cart_id)
    if ref is not None:
        return _ordered_before(ref, voice, by_link=True)
    return _show(drafts.reopened(draft, invitation, voice), voice)


@blueprint.post("/checkout")
@allow(Rule.PUBLIC)
def place() -> AnyResponse:
    form = drafts.with_cart(read_form(request.form))
    _required(form.cart_token)
    try:
        return _place(form)
    except TryAgain as error:
        return _later(form, 503, retry_after(error))
    except Problem as error:  # sent too often
        return _later(form, error.status, error.headers)
    except NotInStock as error:
        return _show(form.sold_out(error.left), voice_in(form.locale), 409)
    except Invalid as error:
        if error.code == Refusal.PAY_FIRST:
            return _show(form.paid_first(), voice_in(form.locale), 409)
        if error.code not in DELIVERY_ERRORS | PLACE_ERRORS or error.field == "cart_token":
            raise
        return _show(form.refused(error), voice_in(form.locale), 400)


@blueprint.post("/checkout/fields")
@limited(lambda _: 60)
@allow(Rule.PUBLIC)
def show_fields() -> Response:
    """The form as it is, with the address fields of the chosen country, a saved address, or in another language.

    Nothing is stored.
    """
    form = drafts.with_cart(read_form(request.form))
    who = _signed_in(form, read_cart(container(), _required(form.cart_token)))
    if SAVED in request.form:
        form = form_with_saved(form, who, request.form[SAVED])
    answer = _show(replace(form, errors={}), Voice(form.locale, container().zone))
    country.remember(answer, form)
    languages.remember(answer, request.form.get(languages.FIELD, ""))
    return answer


def _later(form: CheckoutForm, status: int, headers: Mapping[str, str]) -> Response:
    response = _show(form, voice_in(form.locale), status)
    response.headers.update(headers)
    return response


@limited(lambda config: config.fallback_orders_per_minute)
def _place(form: CheckoutForm) -> AnyResponse:
    if form.errors:
        drafts.keep_if_possible(form)
        return _show(form, voice_in(form.locale), 400)
    requested = form.requested()
    body = msgspec.json.encode(requested)
    # The idempotency key of the page and its input: the same input is the same order, a changed input another request.
    key = fingerprint(form.nonce.encode(errors="replace") + body)
    _, outcome = take_order(requested, key, fingerprint(body), maybe_taken=form.checking)
    match outcome:
        case Accepted(ref):
            answer = redirect(address(ref), 303)
            country.remember(answer, form)
            return answer
        case CartTaken(ref):
            return _ordered_before(ref, voice_in(form.locale), 409, by_link=bool(form.invitation))
        case KeyReused():
            raise AssertionError("the key names the body")


def _signed_in(form: CheckoutForm, cart: Cart) -> SignedIn | None:
    """The link to a saved form may be opened by another person: it does not show what the shop has of the customer."""
    return None if form.invitation else cart.customer


def _show(form: CheckoutForm, voice: Voice, status: int = 200) -> Response:
    config, terms = container().config, container().terms
    signed = read_cart(container(), form.cart_token)
    saved = others(form, _signed_in(form, signed), partial(country.goes_to, signed), voice)
    form, cart = left_over(form, signed)
    fetched, goes_to, may_fetch = cart, countries_of(cart), [not option.needs_address for option in cart.delivery]
    cart = seen_from(cart, place_of(form.values[COUNTRY], form.values["shipping_address.region"]))
    form, company = _with_delivery(form, cart), "company" in cart.asks_for
    deliveries = delivery_rows(cart, fetched, form, voice)
    chosen = next((delivery for delivery in deliveries if delivery.chosen), deliveries[0] if deliveries else None)
    goods, bought = Money(cart.totals.total, cart.currency), fetched if chosen and chosen.addressless else cart
    shown = basket(signed, bought, form, terms.sold_out, voice, config.storefront.shop_url)
    form = told_here(form, shown)
    return page(
        "customer/checkout/checkout.html",
        voice,
        status,
        form=form,
        cart=shown.rows,
        left_out=shown.left_out,
        deliveries=deliveries,
        chosen=chosen,
        least=min(deliveries, key=lambda delivery: delivery.amount, default=None),
        away=form.away or _is_away(),
        # With another delivery there may be something to pay.
        card=card_row(
            (chosen and chosen.charge) or max((each.charge or 0 for each in deliveries), default=0),
            cart.currency,
            config,
        ),
        pay_first=form.errors.get("payment") == PAY_FIRST or terms.must_pay_first(goods),
        obliged=" ".join(sorted(SAYS_OBLIGATION)),
        address=address_rows(
            form.values, form.errors, voice, goes_to=goes_to, always=not any(may_fetch), company=company
        ),
        billing=address_rows(form.values, form.errors, voice, "billing_address", company=company)
        if form.billing
        else None,
        saved=saved,
        asks_for=cart.asks_for,
        sms_offered=bool(config.contact_ways.sms_url),
        addressless=all(may_fetch),
        try_again=status == 503,
        too_often=status == 429,
    )


def _is_away() -> bool:
    """Whether we serve all customers instead of the shop, as far as we know."""
    with suppress(TryAgain):
        return known_mode(container().modes, container().last_mode).state.mode is Mode.ACTIVE
    return False


def _with_delivery(form: CheckoutForm, cart: Cart) -> CheckoutForm:
    """A country that no option goes to is said at its field; a choice that is left to nobody is made."""
    if not cart.delivery:
        errors = {name: error for name, error in form.errors.items() if name != DELIVERY}
        return replace(form, errors={COUNTRY: NO_DELIVERY_THERE} | errors)
    only = cart.delivery[0]
    if len(cart.delivery) == 1 and form.delivery != only.id and DELIVERY not in form.errors:
        return replace(form, delivery=only.id)
    return form


def _ordered_before(ref: str, voice: Voice, status: int = 200, by_link: bool = False) -> Response:
    """The cart token gives access to its order: it is the customer's own secret, kept in their browser.

    The link to a saved form does not: the order's page shows more than the contact in that form.
    """
    return page(
        "customer/checkout/ordered_before.html", voice, status, ref=ref, order_page=None if by_link else address(ref)
    )


def _required(cart_token: str) -> str:
    if not cart_token:
        raise Invalid("cart_token", "cart_missing", "Send the cart that the shop signed.")
    return cart_token
