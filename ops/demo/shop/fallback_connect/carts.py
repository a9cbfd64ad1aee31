"""Convert Oscar's basket into the cart of the token, and read the cart id from the cookie."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from oscar.core.loading import get_class, get_model

from . import cart_token
from .cart_token import Claims
from .money import to_minor
from .pushing import PUSH_ABOVE, Pusher

Applicator = get_class("offer.applicator", "Applicator")
Basket = get_model("basket", "Basket")
Repository = get_class("shipping.repository", "Repository")

COOKIE = "fallback_cart"
# What was pushed for this visitor, in their session.
PUSHED = "fallback_pushed"
# Signed anew at half of its life, so that a cart which is looked at now and then never goes stale.
RENEW_BELOW = cart_token.LIFETIME / 2
CART_ID = re.compile(r"basket-(\d{1,18})")
_pusher = Pusher(settings.FALLBACK_URL, settings.FALLBACK_TOKEN)


def cart_id_of(basket) -> str:
    return f"basket-{basket.pk}"


def basket_id_of(cart_id: str) -> int | None:
    match = CART_ID.fullmatch(cart_id)
    return int(match[1]) if match else None


def current_cart(request: HttpRequest) -> Claims | None:
    """The visitor's current cart in the database, or None if it is empty."""
    basket = Basket.objects.filter(pk=request.basket.pk, status=Basket.OPEN).first()
    if basket is None:
        return None
    # A new copy, because the view may have changed lines after the offers were applied to request.basket.
    basket.strategy = request.strategy
    if basket.is_empty or not basket.is_tax_known:
        return None
    Applicator().apply(basket, request.user, request)
    return cart_claims(basket, request)


def cart_claims(basket, request: HttpRequest) -> Claims:
    currency = basket.currency
    lines = [_line(line, currency) for line in basket.all_lines()]
    discounts = [
        {"title": str(application["name"]), "amount": to_minor(application["discount"], currency)}
        for application in [*basket.offer_discounts, *basket.voucher_discounts]
    ]
    goods = sum(line["quantity"] * line["unit_price"] for line in lines)
    discount = sum(entry["amount"] for entry in discounts)
    tax = to_minor(basket.total_incl_tax - basket.total_excl_tax, currency)
    return {
        "cart_id": cart_id_of(basket),
        "currency": currency,
        "lines": lines,
        "discounts": discounts,
        "tax": {"included": True, "amount": tax},
        "delivery": _delivery_options(basket, request),
        "totals": {"goods": goods, "discount": discount, "tax": tax, "total": goods - discount},
    }


def _line(line, currency: str) -> dict[str, str | int]:
    picture = line.product.primary_image()
    return {
        "sku": line.stockrecord.partner_sku,
        "title": line.product.get_title(),
        "quantity": line.quantity,
        "unit_price": to_minor(line.unit_price_incl_tax, currency),
        **({} if isinstance(picture, dict) else {"picture": picture.original.url}),
    }


def _delivery_options(basket, request: HttpRequest) -> list[dict[str, object]]:
    """One option per kind of delivery. A method `courier/2026-11-23-am` is a slot of the option `courier`."""
    methods = Repository().get_shipping_methods(basket=basket, user=request.user, request=request)
    options = []
    for option_id, group in groupby(methods, key=lambda method: method.code.partition("/")[0]):
        first, *rest = group
        options.append(
            {
                "id": option_id,
                "title": str(getattr(first, "title", first.name)),
                "price": to_minor(first.calculate(basket).incl_tax, basket.currency),
                "slots": [_slot(method.slot) for method in [first, *rest] if getattr(method, "slot", None)],
            }
        )
    return options


def _slot(slot) -> dict[str, str]:
    """A slot with the offset of the shop's time zone, because Fallback shows the local time of the delivery."""
    return {"id": slot.id, "starts": slot.starts.isoformat(), "ends": slot.ends.isoformat()}


@dataclass(frozen=True)
class Told:
    """What the visitor's cookie says. `says`: whether it says the same as a cart."""

    cart_id: str
    expires: float
    says: Callable[[Claims], bool]


def cookie_of(request: HttpRequest, cart: Claims) -> str:
    """The value of the cookie for this cart: its token, or where that is long, what Fallback answers to it.

    Raises TooLarge if the token fits no cookie and Fallback cannot be reached.
    """
    now = timezone.now()
    token = cart_token.sign_whole(cart, settings.FALLBACK_SHOP_NAME, settings.FALLBACK_CART_KEY, now)
    if len(token) <= PUSH_ABOVE:
        return token
    there = request.session.get(PUSHED)
    if there and there["digest"] == cart_token.digest(cart) and not is_old(there["expires"]):
        return there["cookie"]
    cookie = _pusher.push(cart["cart_id"], token)
    if cookie is None:
        return cart_token.sign(cart, settings.FALLBACK_SHOP_NAME, settings.FALLBACK_CART_KEY, now)
    request.session[PUSHED] = {
        "cookie": cookie,
        "cart_id": cart["cart_id"],
        "digest": cart_token.digest(cart),
        "expires": (now + cart_token.LIFETIME).timestamp(),
    }
    return cookie


def told_by_cookie(request: HttpRequest) -> Told | None:
    """None if there is no cookie, or it is not ours, or no longer valid."""
    value = request.COOKIES.get(COOKIE)
    if not value:
        return None
    if value.count(".") == 1:
        return _told_by_short_form(value, request.session.get(PUSHED))
    claims = cart_token.read(value, settings.FALLBACK_SHOP_NAME, settings.FALLBACK_CART_KEY, timezone.now())
    if claims is None:
        return None
    return Told(claims["cart_id"], claims["exp"], lambda cart: cart_token.is_same_cart(cart, claims))


def _told_by_short_form(value: str, there: dict[str, Any] | None) -> Told | None:
    """It is not signed: only the visitor's session knows that it is theirs."""
    if there is None or there["cookie"] != value or there["expires"] < timezone.now().timestamp():
        return None
    return Told(there["cart_id"], there["expires"], lambda cart: cart_token.digest(cart) == there["digest"])


def is_old(expires: float) -> bool:
    return expires - timezone.now().timestamp() < RENEW_BELOW.total_seconds()
