"""Keep a cart that the shop pushes ahead of time, for a cookie that has no room for its token."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import Struct

from fallback.domain.checkout.cart_token import LEEWAY_SECONDS, CartTokens, Signed
from fallback.domain.checkout.pushed_carts import (
    LONGEST_LIFE,
    PushedCart,
    PushedCarts,
    ShortForm,
    digest,
    short_form,
)
from fallback.domain.errors import Conflict, Invalid
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def cart_tokens(self) -> CartTokens: ...

    @property
    def pushed_carts(self) -> PushedCarts: ...

    @property
    def cart_grace(self) -> timedelta: ...


class Kept(Struct, frozen=True):
    """`until`: until then it can be bought; during an incident longer (read_cart)."""

    short: ShortForm
    until: datetime


class _Times(Struct, frozen=True):
    exp: int | float
    iat: int | float


_TIMES = msgspec.json.Decoder(_Times)


def push_cart(deps: Deps, cart_id: str, token: str) -> Kept:
    """Safe to repeat. Raises Invalid (the token), Conflict (a newer one is kept) and TryAgain (also: no room)."""
    now = deps.clock()
    signed = deps.cart_tokens.verify(token)
    cart = deps.cart_tokens.cart(signed, now)
    if cart.cart_id != cart_id:
        raise Invalid("cart_token", "other_cart", f"The token is for the cart {cart.cart_id!r}.")
    times = _times(signed)
    if times.iat > now.timestamp() + LEEWAY_SECONDS:
        raise Invalid("cart_token", "cart_unreadable", "iat is in the future. It counts seconds since 1970.")
    short = short_form(cart_id, token)
    ends = min(times.exp + LEEWAY_SECONDS, (now + LONGEST_LIFE).timestamp())
    life = timedelta(seconds=ends - now.timestamp())
    version = PushedCart(cart_id, digest(short.key), times.iat, life + deps.cart_grace, signed)
    if not deps.pushed_carts.keep(version):
        raise Conflict(cart_id)
    return Kept(short, now + life)


def _times(signed: Signed) -> _Times:
    """`iat` decides which version is the newest; elsewhere no token needs it."""
    try:
        return _TIMES.decode(signed.payload)
    except msgspec.DecodeError as error:
        raise Invalid("cart_token", "cart_unreadable", f"A pushed cart needs iat as a number: {error}") from None
