"""Read the cart that a browser or a program brings: a cart token, or the short form of a pushed one."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import structs

from fallback.domain.checkout.cart_token import CartTokens, Signed
from fallback.domain.checkout.pushed_carts import PushedCarts, digest, read_short_form
from fallback.domain.errors import Invalid
from fallback.domain.incident.ports import Incidents
from fallback.domain.order.cart import Cart
from fallback.domain.outage.last_mode import LastMode, known_mode
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    """`cart_grace`: for how long after its expiry a cart may be taken during an incident."""

    @property
    def cart_tokens(self) -> CartTokens: ...

    @property
    def pushed_carts(self) -> PushedCarts: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def last_mode(self) -> LastMode | None: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def cart_grace(self) -> timedelta: ...


def read_cart(deps: Deps, token: str) -> Cart:
    """Raises Invalid; for a short form or an expired token also TryAgain.

    A token that is valid is read without asking the ledger. One that has expired since the present incident began
    counts as valid: the shop, which would sign it anew, is away.
    """
    signed, now = _signed(deps, token), deps.clock()
    try:
        return deps.cart_tokens.cart(signed, now)
    except Invalid as refused:
        began = _incident_began(deps) if refused.code == "cart_expired" and deps.cart_grace else None
        if began is None:
            raise
    return structs.replace(deps.cart_tokens.cart(signed, max(began, now - deps.cart_grace)), expired=True)


def _signed(deps: Deps, token: str) -> Signed:
    short = read_short_form(token)
    if short is None:
        return deps.cart_tokens.verify(token)
    signed = deps.pushed_carts.find(short.cart_id, digest(short.key))
    if signed is None:
        raise Invalid("cart_token", "cart_gone", "This version of the cart is not kept here. Open the basket again.")
    return signed


def _incident_began(deps: Deps) -> datetime | None:
    """When the present one began. What opens an incident may be noticed before it is recorded.

    While the ledger is away the mode alone is known. Raises TryAgain where it is not.
    """
    known = known_mode(deps.modes, deps.last_mode)
    signs = [known.state.since if known.state.mode is not Mode.STANDBY else None]
    if known.at is None:
        last = deps.incidents.last()
        signs += [last.began if last and last.ended is None else None, deps.incidents.shop_failing_since()]
    return min((sign for sign in signs if sign), default=None)
