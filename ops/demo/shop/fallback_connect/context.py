from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from . import cart_token, carts


def failover_script(request: HttpRequest) -> dict[str, object]:
    """The values that `failover.js` needs on a page; see templates/fallback_connect/failover_script.html."""
    return {
        "fallback_url": settings.FALLBACK_PUBLIC_URL,
        "fallback_cart_token": SimpleLazyObject(lambda: _token(request)),
    }


def _token(request: HttpRequest) -> str:
    cart = carts.current_cart(request)
    if cart is None:
        return ""
    try:
        return carts.cookie_of(request, cart)
    except cart_token.TooLarge:
        return ""
