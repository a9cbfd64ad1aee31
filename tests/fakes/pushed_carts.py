"""Pushed carts in memory, as the ledger keeps them. They do not expire."""

from __future__ import annotations

from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.domain.errors import TryAgain


class FakePushedCarts:
    def __init__(self) -> None:
        self.kept: dict[str, list[PushedCart]] = {}
        self.full = self.away = False

    def keep(self, cart: PushedCart) -> bool:
        versions = self.kept.setdefault(cart.cart_id, [])
        if versions and versions[0].print == cart.print:
            return True
        if versions and versions[0].issued_at > cart.issued_at:
            return False
        if self.full:
            raise TryAgain("too many carts are stored")
        self.kept[cart.cart_id] = [cart, *versions[:1]]
        return True

    def find(self, cart_id: str, print: str) -> Signed | None:
        if self.away:
            raise TryAgain("away")
        return next((cart.signed for cart in self.kept.get(cart_id, []) if cart.print == print), None)
