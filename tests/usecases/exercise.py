"""A world in which drills are set up, and somebody follows them."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import Drill, DrillOutcome
from fallback.domain.oncall.drill_cart import DrillSettings
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.oncall.begin_drill import begin_drill
from fallback.usecases.oncall.continue_drill import continue_drill
from tests.fakes.drills import FakeDrills, FakeFrontDoor
from tests.fakes.gateway import VISA
from tests.usecases.world import World

CART = {
    "sku": "BK-1",
    "title": "The Sea, the Sea",
    "unit_price": 2598,
    "currency": "EUR",
    "delivery": {"id": "standard", "title": "Standard delivery", "price": 495},
    "country": "GB",
}
SET_UP = DrillSettings(cart=CART, email="drill@shop.example")
OFF = DrillSettings()
SECOND = timedelta(seconds=1)
# More looks than any drill takes.
LOOKS = 10_000


class Exercise(World):
    """`card` is what Stripe makes for them."""

    card = VISA

    def __init__(self, **settings: Any) -> None:
        self.drills = FakeDrills()
        self.settings: dict[str, Any] = {"drills": SET_UP} | settings
        super().__init__()

    def restart(self) -> None:
        super().restart()
        container: Any = self.container
        container.config = replace(container.config, **self.settings)
        container.drills = self.drills
        container.drill_card = lambda: self.gateway.token(self.card)
        self.front_door = container.front_door = FakeFrontDoor(container)

    def begins(self, who: str = "Omar") -> None:
        begin_drill(self.container, who)

    @property
    def drill(self) -> Drill:
        return self.drills.newest()[0]

    def look(self) -> None:
        """Who follows the drill looks once, and shifts work."""
        with suppress(Conflict):
            continue_drill(self.container, self.drill)
        self.shifts_go_on()

    def shifts_go_on(self) -> None:
        """For a second; to a shop that is thought down nothing is handed over."""
        self.ref = self.drill.ref
        mode = self.modes.read().mode
        self.time_passes(SECOND, *(queue for queue in Queue if mode is not Mode.ACTIVE or queue is not Queue.PLACEMENT))

    def goes_on(self, until: Callable[[], bool] | None = None) -> None:
        until = until or (lambda: not self.drill.goes_on)
        for _ in range(LOOKS):
            if until():
                return
            self.look()
        raise AssertionError(f"it never comes to that: {self.drill}")

    def switches(self, mode: Mode) -> None:
        self.modes.switch(ModeState(mode, self.now, "Omar", "a test"))

    def result(self) -> tuple[DrillOutcome, str]:
        return self.drill.outcome, self.drill.why

    def nothing_is_left(self) -> bool:
        return not self.drill.left and (not self.ref or self.is_undone())


def an_exercise(**settings: Any) -> Exercise:
    world = Exercise(**settings)
    world.begins()
    return world
