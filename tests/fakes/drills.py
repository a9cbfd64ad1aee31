"""What drills need of the world, in memory."""

from __future__ import annotations

from collections import deque

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict, FallbackError, Invalid, Refused
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.usecases.checkout.place_order import place_order
from fallback.web.purchase.bodies import PLACE_ORDER


class FakeDrills:
    """drill.Drills."""

    def __init__(self, drills: list[Drill] | None = None) -> None:
        self._drills = drills or []

    def newest(self) -> list[Drill]:
        return list(self._drills)

    def begin(self, drill: Drill) -> None:
        if any(each.outcome is DrillOutcome.RUNNING for each in self._drills):
            raise CannotDrill("Another drill is running.")
        self._drills.insert(0, drill)

    def keep(self, drill: Drill, instead_of: Drill) -> None:
        if instead_of not in self._drills:
            raise Conflict(drill.id)
        self._drills[self._drills.index(instead_of)] = drill


class FakeFrontDoor:
    """drill.FrontDoor, which leads straight to the intake. `fails`: how the next calls end instead."""

    def __init__(self, container: Container) -> None:
        self.fails: deque[FallbackError] = deque()
        self._container = container

    def order(self, body: bytes, key: str) -> str:
        if self.fails:
            raise self.fails.popleft()
        requested = PLACE_ORDER.decode(body)
        try:
            cart = self._container.cart_tokens.read(requested.cart_token, self._container.clock())
            _, outcome = place_order(self._container, requested, cart, key, str(hash(body)), maybe_taken=False)
        except Invalid as error:
            raise Refused(error.code, error.detail) from error
        match outcome:
            case Accepted(ref):
                return ref
            case KeyReused():
                raise Refused("idempotency_key_reused")
            case CartTaken():
                raise Refused("cart_already_captured")
