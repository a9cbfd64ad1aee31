"""Builders for the web tests: carts as the shop signs them, and what a customer sends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
from joserfc import jws
from joserfc.jwk import import_key

from fallback.config import Config
from fallback.domain.storefront import Storefront
from fallback.primaries.http import Settings

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=UTC)
SHOP = "demo-shop"
CART_KEY = {"kty": "oct", "kid": "demo-1", "alg": "HS256", "k": "bm90LWEtc2VjcmV0LWJ1dC1sb25nLWVub3VnaC1mb3ItSFMyNTY"}
ONCALL_TOKEN = "on-call-token-0123456789-abcdefghij"
CONSOLE_TOKEN = "console-token-0123456789-abcdefghij"
PRIMARY_TOKEN = "primary-token-0123456789-abcdefghij"
METRICS_TOKEN = "metrics-token-0123456789-abcdefghij"
SEARCH_TOKEN = "search-token-0123456789-abcdefghijk"
BOUNCE_TOKEN = "bounce-token-0123456789-abcdefghijk"
PROXY_TOKEN = "proxy-token-0123456789-abcdefghijkl"
CARD = "ctoken_1PaGeTeSt"


def a_config(**changes: Any) -> Config:
    settings: dict[str, Any] = {
        "redis_url": "redis://127.0.0.1:1/0",
        "secret_key": ("the-secret-key-of-the-web-tests-0123",),
        "cart_keys": {"keys": [CART_KEY]},
        "public_url": "http://localhost",
        "primary_url": "http://127.0.0.1:1",
        "primary_token": PRIMARY_TOKEN,
        "stripe_secret_key": "sk_test_1",
        "stripe_publishable_key": "pk_test_1",
        "stripe_js_url": "https://js.stripe.com/v3/",
        "stripe_webhook_secret": ("whsec_0123456789abcdef0123456789abcdef",),
        "oncall_token": ONCALL_TOKEN,
        "console_token": CONSOLE_TOKEN,
        "smtp_url": "smtp://127.0.0.1:1",
        "fallback_shop": SHOP,
        "storefront": Storefront(shop_url="http://shop.example"),
        "fallback_proxy_token": PROXY_TOKEN,
        "fallback_metrics_token": METRICS_TOKEN,
        "fallback_search_token": SEARCH_TOKEN,
        "fallback_bounce_token": BOUNCE_TOKEN,
        "fallback_orders_per_minute": 1_000,
    }
    given = settings | changes
    primary = Settings(primary_url=given["primary_url"], primary_token=given.pop("primary_token"))
    return Config(**{"primary": primary, **given})


BOOKS = {
    "sku": "BK-1",
    "title": "The Lighthouse Ledger",
    "quantity": 2,
    "unit_price": 1299,
    "picture": "/media/bk1.svg",
}
STANDARD = {"id": "standard", "title": "Standard delivery", "price": 495, "slots": []}
COURIER = {
    "id": "courier",
    "title": "Courier",
    "price": 790,
    "slots": [
        {"id": "2026-11-23-am", "starts": "2026-11-23T08:00:00Z", "ends": "2026-11-23T12:00:00Z"},
        {"id": "2026-11-23-pm", "starts": "2026-11-23T12:00:00Z", "ends": "2026-11-23T18:00:00Z"},
    ],
}


def a_cart(**changes: Any) -> dict[str, Any]:
    """The claims of a cart of two books for 25.98, tax included, with a courier and a standard delivery."""
    cart: dict[str, Any] = {
        "iss": SHOP,
        "aud": "fallback-checkout",
        "iat": int(NOW.timestamp()),
        "exp": int((NOW + timedelta(hours=24)).timestamp()),
        "cart_id": "basket-17",
        "currency": "EUR",
        "lines": [BOOKS],
        "discounts": [],
        "tax": {"included": True, "amount": 170},
        "delivery": [STANDARD, COURIER],
        "totals": {"goods": 2598, "discount": 0, "tax": 170, "total": 2598},
    }
    return cart | changes


def signed(cart: dict[str, Any] | None = None, key: dict[str, str] = CART_KEY, **header: str) -> str:
    """The cart token (JWS compact) of these claims."""
    protected = {"alg": key["alg"], "kid": key["kid"], "typ": "cart+jwt"} | header
    payload = msgspec.json.encode(a_cart() if cart is None else cart)
    return jws.serialize_compact(protected, payload, import_key(key), algorithms=[key["alg"]])


def an_order_body(**changes: Any) -> dict[str, Any]:
    """The JSON body of POST /v1/orders."""
    body: dict[str, Any] = {
        "cart_token": signed(),
        "contact": {"name": "Iris Murdoch", "email": "iris@example.org"},
        "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
        "delivery": {"id": "standard"},
        "payment": {"confirmation_token": CARD},
        "locale": "en-GB",
    }
    return body | changes


def a_form(**changes: str | None) -> dict[str, str]:
    """The fields of the checkout page as a browser sends them; None leaves a field out."""
    form: dict[str, str | None] = {
        "cart_token": signed(),
        "nonce": "n0nce",
        "locale": "en-GB",
        "contact.name": "Iris Murdoch",
        "contact.email": "iris@example.org",
        "contact.phone": "",
        "shipping_address.name": "",
        "shipping_address.line1": "1 Quay",
        "shipping_address.line2": "",
        "shipping_address.postal_code": "HU1 1AA",
        "shipping_address.city": "Hull",
        "shipping_address.region": "",
        "shipping_address.country": "GB",
        "delivery.id": "standard",
        "slot.courier": "",
        "payment": "later",
        "confirmation_token": "",
        "note": "",
    }
    return {name: value for name, value in (form | changes).items() if value is not None}
