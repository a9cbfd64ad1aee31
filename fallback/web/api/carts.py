"""PUT /v1/carts/{cart_id}: the shop pushes a cart whose token is too long for a cookie."""

from __future__ import annotations

from typing import Annotated

import msgspec
from flask import Blueprint, Response, request
from msgspec import Meta, Struct

from fallback.domain.checkout.cart_token import MOST_CHARACTERS
from fallback.domain.errors import Conflict, TryAgain
from fallback.usecases.checkout.push_cart import push_cart
from fallback.web.http.answers import CartKept, respond
from fallback.web.http.auth import Rule, allow, container
from fallback.web.http.limits import limited
from fallback.web.http.problems import Problem
from fallback.web.http.strict_json import read_json

blueprint = Blueprint("carts", __name__, url_prefix="/v1")

# Customers change carts by hand, so this is enough.
PUSHES_PER_MINUTE = 60


class PushCart(Struct, frozen=True, forbid_unknown_fields=True):
    """`cart_token`: the signed cart, as in the cookie."""

    cart_token: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]


_PUSH_CART = msgspec.json.Decoder(PushCart)


def _cart() -> str:
    return str((request.view_args or {})["cart_id"])


@blueprint.put("/carts/<path:cart_id>")
@allow(Rule.SHOP)
@limited(lambda _: PUSHES_PER_MINUTE, by=_cart)
def push(cart_id: str) -> Response:
    token = read_json(_PUSH_CART).cart_token
    if container().readiness.problems():
        raise TryAgain("carts cannot be stored now")
    try:
        kept = push_cart(container(), cart_id, token)
    except Conflict:
        detail = "A newer version of this cart (by its iat) was already pushed. Sign the current cart."
        raise Problem(409, "cart_outdated", detail, cart_id=cart_id) from None
    return respond(CartKept(cart_id, str(kept.short), kept.until))
