"""From Oscar's basket to the cart that the token carries, and back from the cookie to its cart id."""

import re
from itertools import groupby

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from oscar.core.loading import get_class, get_model

from . import cart_token
from .cart_token import Claims
from .money import to_minor

Applicator = get_class("offer.applicator", "Applicator")
Basket = get_model("basket", "Basket")
Repository = get_class("shipping.repository", "Repository")

COOKIE = "fallback_cart"
CART_ID = re.compile(r"basket-(\d{1,18})")


def cart_id_of(basket) -> str:
    return f"basket-{basket.pk}"


def basket_id_of(cart_id: str) -> int | None:
    match = CART_ID.fullmatch(cart_id)
    return int(match[1]) if match else None


def current_cart(request: HttpRequest) -> Claims | None:
    """The visitor's cart as it stands in the database now, or None when there is nothing to buy."""
    basket = Basket.objects.filter(pk=request.basket.pk, status=Basket.OPEN).first()
    if basket is None:
        return None
    # A fresh copy: the view may have changed lines after the offers were applied to request.basket.
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
    """One option per kind of delivery; a method `courier/2026-11-23-am` is a slot of the option `courier`."""
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
    """With the offset of the shop's own clock: Fallback shows a customer the time at the door."""
    return {"id": slot.id, "starts": slot.starts.isoformat(), "ends": slot.ends.isoformat()}


def sign(cart: Claims) -> str:
    return cart_token.sign(cart, settings.FALLBACK_SHOP_NAME, settings.FALLBACK_CART_KEY, timezone.now())


def cookie_claims(request: HttpRequest) -> Claims | None:
    """What the visitor's cart cookie says, when it is ours and still valid."""
    token = request.COOKIES.get(COOKIE)
    if not token:
        return None
    return cart_token.read(token, settings.FALLBACK_SHOP_NAME, settings.FALLBACK_CART_KEY, timezone.now())
