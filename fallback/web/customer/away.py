"""/away: the page that the proxy shows instead of a page that the shop failed to deliver."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from fallback.domain.checkout.cart_token import CART_COOKIE
from fallback.domain.errors import Invalid, TryAgain
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.customer.order_page import address
from fallback.web.customer.status import WORDS, Status, how_it_stands
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.pages import page, visitor
from fallback.web.http.security import client_address, proxy_reason
from fallback.web.purchase.intake import SHOP_FAILED, bear_witness

blueprint = Blueprint("away", __name__)

RETRY_AFTER = "30"


@dataclass(frozen=True)
class Basket:
    """The basket in this browser. `order`: the URL of its order, or empty."""

    order: str


@blueprint.get("/away")
@allow(Rule.PUBLIC)
def show() -> AnyResponse:
    """Links only to pages that work: to the checkout if there is a basket, and not to the shop."""
    failed, now = proxy_reason() in SHOP_FAILED, how_it_stands().status
    if now in (Status.USUAL, Status.UNKNOWN) and not failed:
        return redirect(url_for("status.show"), 303)
    basket = _basket()
    # A customer whom the shop failed just now has newer information than our mode.
    words = WORDS[Status.HELPING if now is Status.HELPING else Status.TROUBLE]
    voice = visitor()
    response = page(
        "customer/outage/away.html",
        voice,
        503,
        title=voice.say(words.title),
        text=voice.say(words.text),
        basket=basket,
        shop_url="",
    )
    response.headers["Retry-After"] = RETRY_AFTER
    return response


def _basket() -> Basket | None:
    built = container()
    try:
        cart = read_cart(built, request.cookies.get(CART_COOKIE, ""))
    except Invalid:
        bear_witness(client_address())
        return None
    except TryAgain:  # only the ledger has the content of a pushed cart
        return Basket("")
    bear_witness(cart.cart_id)
    with suppress(TryAgain):
        ref = built.ledger.ref_of_cart(cart.cart_id)
        return Basket(address(ref) if ref else "")
    return Basket("")
