"""Prevent a second order: the shop's checkout does not sell a cart that Fallback has an order for."""

import logging
from dataclasses import dataclass
from urllib.parse import quote

import requests
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import carts
from .middleware import placed_by_fallback

log = logging.getLogger(__name__)

# Seconds to connect and to wait for a response, while a customer waits in the checkout.
TIMEOUT = (0.5, 1.5)


@dataclass(frozen=True)
class InHand:
    ref: str
    order_url: str | None
    number: str | None


class NotInHandMixin:
    """For every checkout view with which a customer enters the checkout or buys."""

    def dispatch(self, request: HttpRequest, *args, **kwargs) -> HttpResponse:
        order = order_in_hand(request)
        if order is not None and request.POST.get("action") == "new_basket":
            # The old basket is frozen until its order arrives, and Oscar gives the visitor a new one.
            request.basket.freeze()
            return redirect("catalogue:index")
        if order is not None:
            return render(request, "fallback_connect/in_hand.html", {"in_hand": order})
        return super().dispatch(request, *args, **kwargs)


def order_in_hand(request: HttpRequest) -> InHand | None:
    if not request.basket.is_empty:
        return ask_fallback(carts.cart_id_of(request.basket))
    # The basket may be empty because its order has already arrived.
    placed = placed_by_fallback(request)
    if placed is None:
        return None
    there = ask_fallback(placed.cart_id)
    return InHand(placed.ref, there and there.order_url, placed.order.number)


def ask_fallback(cart_id: str) -> InHand | None:
    """The order that Fallback has for this cart, if any.

    If Fallback does not respond, the shop continues to sell. That is safe: `Purchase.cart_id` is unique here, so
    Fallback's own order for the cart is then refused with `cart_already_ordered`. If this order is paid, Fallback
    merges its own into it and voids the authorization; otherwise it cancels this one. The customer may see two orders
    for a while, and pays one.
    """
    try:
        answer = requests.get(
            f"{settings.FALLBACK_URL}/v1/purchases/{quote(cart_id, safe='')}",
            headers={"Authorization": f"Bearer {settings.FALLBACK_TOKEN}"},
            timeout=TIMEOUT,
        )
        if answer.status_code == requests.codes.not_found:
            return None
        answer.raise_for_status()
        purchase = answer.json()
    except requests.RequestException as unreachable:
        log.warning("Fallback did not say whether it has %s: %s", cart_id, unreachable)
        return None
    return InHand(purchase["ref"], purchase["order_url"], None) if purchase["captured"] else None
