"""The country that the checkout page begins with, and which countries a cart goes to."""

from __future__ import annotations

from datetime import timedelta

from flask import current_app, request
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.address_formats import format_of
from fallback.domain.checkout.destinations import countries_of
from fallback.domain.order.cart import Cart
from fallback.web.http.voice import Voice
from fallback.web.purchase.checkout_fields import COUNTRY
from fallback.web.purchase.checkout_form import CheckoutForm

COOKIE = "fallback_country"
REMEMBERED = timedelta(days=365)


def goes_to(cart: Cart, country: str) -> bool:
    countries = countries_of(cart)
    return format_of(country) is not None and (countries is None or country in countries)


def probable(cart: Cart, voice: Voice) -> str:
    """The only one there is, that of the last order here, or the browser's; empty if the cart does not go there."""
    countries = countries_of(cart)
    if countries is not None and len(countries) == 1:
        return next(iter(countries))
    likely = (request.cookies.get(COOKIE, ""), voice.region)
    return next((each for each in likely if goes_to(cart, each)), "")


def remember(answer: AnyResponse, form: CheckoutForm) -> None:
    """The next checkout begins with it. It names no person."""
    country = form.values[COUNTRY]
    if format_of(country) and not form.addressless:
        secure = current_app.config["SESSION_COOKIE_SECURE"]
        answer.set_cookie(COOKIE, country, REMEMBERED, path="/checkout", secure=secure, httponly=True, samesite="Lax")
