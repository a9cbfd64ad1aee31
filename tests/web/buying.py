"""A customer at the checkout: what they type into the page that they see, and press."""

from __future__ import annotations

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.filling import filled, send
from tests.web.html import Page

IRIS = {
    "contact.name": "Iris Murdoch",
    "contact.email": "iris@example.org",
    "shipping_address.line1": "1 Quay",
    "shipping_address.postal_code": "HU1 1AA",
    "shipping_address.city": "Hull",
    "shipping_address.country": "GB",
    "delivery.id": "standard",
    "payment": "later",
}


def at_checkout(browser: FlaskClient, address: str = "/checkout") -> Page:
    return Page(browser.get(address))


def buy(browser: FlaskClient, page: Page | None = None, **typed: str | None) -> TestResponse:
    """The answer to this page, or to a new one, that Iris has filled; None: the customer leaves a choice open."""
    return send(browser, page or at_checkout(browser), "/checkout", IRIS | typed)


def in_country(browser: FlaskClient, country: str, page: Page | None = None, **typed: str | None) -> Page:
    """The page with the fields of this country, as the button shows it that is there without JavaScript."""
    typed = {"shipping_address.country": country} | typed
    return Page(send(browser, page or at_checkout(browser), "/checkout/fields", typed))


def brought(browser: FlaskClient, cart_token: str) -> TestResponse:
    """The answer to the cart that a page of the shop brings, by failover.js."""
    return browser.post("/checkout/cart", data={"cart_token": cart_token})


def keep(browser: FlaskClient, page: Page | None = None, **typed: str | None) -> TestResponse:
    """The answer to what checkout.js sends while somebody types."""
    fields = filled((page or at_checkout(browser)).one("form", id="checkout"), typed)
    return browser.post("/checkout/draft", data={name: text for name, text in fields.items() if is_kept(name)})


def is_kept(name: str) -> bool:
    return name in ("cart_token", "invitation", "locale") or name.startswith("contact.")
