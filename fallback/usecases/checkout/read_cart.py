"""Read the cart that a browser or a program brings: a cart token, or the short form of a pushed one."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.checkout.cart_token import CartTokens, Signed
from fallback.domain.checkout.pushed_carts import PushedCarts, digest, read_short_form
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def cart_tokens(self) -> CartTokens: ...

    @property
    def pushed_carts(self) -> PushedCarts: ...


def read_cart(deps: Deps, token: str) -> Cart:
    """Raises Invalid; for a short form also TryAgain. A cart token is read without asking the ledger."""
    return deps.cart_tokens.cart(_signed(deps, token), deps.clock())


def _signed(deps: Deps, token: str) -> Signed:
    short = read_short_form(token)
    if short is None:
        return deps.cart_tokens.verify(token)
    signed = deps.pushed_carts.find(short.cart_id, digest(short.key))
    if signed is None:
        raise Invalid("cart_token", "cart_gone", "This version of the cart is not kept here. Open the basket again.")
    return signed
