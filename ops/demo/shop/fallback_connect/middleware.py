"""Keep the cookie `fallback_cart` in line with the basket ahead of time, because in an outage it cannot be signed."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, empty
from django.utils.html import format_html

from . import cart_token, carts
from .models import Purchase

log = logging.getLogger(__name__)


class CartCookieMiddleware:
    """Runs after Oscar's BasketMiddleware. It compares instead of listening for changes, because new prices, offers and
    delivery slots change the cart, too, and do not pass through the basket."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if was_basket_used(request):
            keep_cookie(request, response)
        return response

    def process_template_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        """Tells a customer who returns to an empty basket that its order has arrived."""
        purchase = placed_by_fallback(request)
        if purchase and request.basket.is_empty and not request.user.is_staff:
            messages.success(request, in_hand_message(purchase), extra_tags="safe")
        return response


def was_basket_used(request: HttpRequest) -> bool:
    """Static files and the API do not use the basket, so it is not loaded for them."""
    basket = getattr(request, "basket", None)
    return basket is not None and not (isinstance(basket, SimpleLazyObject) and basket._wrapped is empty)


def keep_cookie(request: HttpRequest, response: HttpResponse) -> None:
    cart = carts.current_cart(request)
    told = carts.told_by_cookie(request)
    if cart is None:
        if carts.COOKIE in request.COOKIES and not placed_by_fallback(request):
            response.delete_cookie(carts.COOKIE, samesite="Lax")
    elif told is None or not told.says(cart) or carts.is_old(told.expires):
        set_cookie(request, response, cart)


def set_cookie(request: HttpRequest, response: HttpResponse, cart: cart_token.Claims) -> None:
    try:
        value = carts.cookie_of(request, cart)
    except cart_token.TooLarge as too_large:
        # No token is better than an old one, which would sell an outdated cart.
        log.warning("no cart cookie: %s", too_large)
        response.delete_cookie(carts.COOKIE, samesite="Lax")
        return
    response.set_cookie(
        carts.COOKIE,
        value,
        max_age=cart_token.LIFETIME,
        httponly=True,
        samesite="Lax",
        secure=settings.FALLBACK_COOKIE_SECURE,
    )


def placed_by_fallback(request: HttpRequest) -> Purchase | None:
    """The order that Fallback placed for the cart in the visitor's cookie.

    The cookie stays until a new cart replaces it, so that the customer finds their order.
    """
    told = carts.told_by_cookie(request)
    if told is None:
        return None
    placed = Purchase.objects.select_related("order").filter(cancelled=False).exclude(ref=None)
    return placed.filter(cart_id=told.cart_id).first()


def in_hand_message(purchase: Purchase) -> str:
    return format_html(
        'Your order {} is with us. Its number in this shop is {}. <a href="{}">View your order</a>',
        purchase.ref,
        purchase.order.number,
        reverse("checkout:index"),
    )
