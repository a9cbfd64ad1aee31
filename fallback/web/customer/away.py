"""/away: what the front door shows instead of a page of the shop that the shop cannot show."""

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
    """The basket in this browser. `order`: the page of the order that stands for it already; empty if there is none."""

    order: str


@blueprint.get("/away")
@allow(Rule.PUBLIC)
def show() -> AnyResponse:
    """It offers no way that leads back here: to the checkout only who has a basket, and not to the shop."""
    failed, now = proxy_reason() in SHOP_FAILED, how_it_stands().status
    if now is Status.USUAL and not failed:
        return redirect(url_for("status.show"), 303)
    basket = _basket()
    # Whom the shop has failed just now knows better than who has not noticed yet, or has seen it come back.
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
    except TryAgain:  # of a pushed cart only the ledger knows more
        return Basket("")
    bear_witness(cart.cart_id)
    with suppress(TryAgain):
        ref = built.ledger.ref_of_cart(cart.cart_id)
        return Basket(address(ref) if ref else "")
    return Basket("")
