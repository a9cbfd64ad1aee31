"""Check a cart token for the developer who signs it: every fault in words, or the cart as the customer will see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from msgspec import Struct

from fallback.domain.checkout.cart_faults import WARNING, Fault, faults
from fallback.domain.checkout.cart_token import CART_COOKIE, COOKIE_BYTES, PUSHED_ABOVE, CartTokens
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart
from fallback.domain.payment.charging import Chargeable, check_cart, first_possible
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def cart_tokens(self) -> CartTokens: ...

    @property
    def chargeable(self) -> Chargeable: ...


class Checked(Struct, frozen=True):
    """`cart`: None if the token is refused. `warnings`: what is not refused, and still not as it should be."""

    problems: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    cart: Cart | None


def check_cart_token(deps: Deps, token: str) -> Checked:
    found = [*faults(deps.cart_tokens, token, deps.clock()), *_of_size(token)]
    cart = None
    if all(fault.code == WARNING for fault in found):
        cart = deps.cart_tokens.read(token, deps.clock())
        found += _of_sums(cart, deps.chargeable)
    problems = tuple(fault for fault in found if fault.code != WARNING)
    return Checked(problems, tuple(fault for fault in found if fault.code == WARNING), None if problems else cart)


def _of_size(token: str) -> Iterator[Fault]:
    size = len(CART_COOKIE) + len(token)
    if size > COOKIE_BYTES:
        yield Fault(WARNING, f"As a cookie this is {size:,} bytes; browsers keep {COOKIE_BYTES:,}.")
    elif len(token) > PUSHED_ABOVE:
        room = f"push carts above {PUSHED_ABOVE:,}, since web servers have room for 4 kB of headers"
        yield Fault(WARNING, f"The token has {len(token):,} characters; {room}.")


def _of_sums(cart: Cart, chargeable: Chargeable) -> Iterator[Fault]:
    """A problem if no delivery makes a sum that can be charged, a warning for each that does not."""
    try:
        first_possible(cart, chargeable)
    except Invalid as refused:
        yield Fault(refused.code, refused.detail)
        return
    for option in cart.delivery:
        try:
            check_cart(cart, option.id, chargeable)
        except Invalid as refused:
            yield Fault(WARNING, f"With the delivery {option.title!r}: {refused.detail}")
