"""Every call that a use case makes to the world outside it, by name; and a death before or after any of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

from fallback.domain.order.order import Event, Order
from tests.usecases.world import Crash, World

Moment = Literal["before", "after"]
WATCHED = {
    "ledger": ("accept", "commit", "keep_unclaimed"),
    "gateway": ("create", "confirm", "retrieve", "find", "capture", "void", "refund"),
    "primary": ("find", "rivals", "place", "read", "amend", "cancel", "cancel_unpaid", "payment_changed", "withdrawn"),
    "mailer": ("deliver", "tell"),
}


class Points:
    """`seen`: the points that were reached, in order, such as 'authorize_payment: gateway.create'."""

    def __init__(self, world: World) -> None:
        self.seen: list[str] = []
        self._deadly: tuple[Moment, str] | None = None
        for port, calls in WATCHED.items():
            for call in calls:
                self._watch(world, port, call)

    def kill(self, moment: Moment, point: str) -> None:
        """The process dies there, once."""
        self._deadly = (moment, point)

    @property
    def killed(self) -> bool:
        return self._deadly is None

    def _watch(self, world: World, port: str, call: str) -> None:
        make: Callable[..., Any] = getattr(getattr(world, port), call)

        def observed(*arguments: Any, **named: Any) -> Any:
            self.seen.append(f"{world.doing}: {port}.{call}{_about(call, arguments)}")
            point = numbered(self.seen)[-1]
            self._reach("before", point)
            try:
                return make(*arguments, **named)
            finally:
                self._reach("after", point)

        setattr(getattr(world, port), call, observed)

    def _reach(self, moment: Moment, point: str) -> None:
        if self._deadly == (moment, point):
            self._deadly = None
            raise Crash(moment, point)


def numbered(points: Sequence[str]) -> list[str]:
    """Each its own name: one that comes again is '… (2)'."""
    counted: Counter[str] = Counter()
    names = []
    for point in points:
        counted[point] += 1
        names.append(f"{point} ({counted[point]})" if counted[point] > 1 else point)
    return names


def _about(call: str, arguments: tuple[Any, ...]) -> str:
    """What a commit records: the attempt that begins, or what came of it."""
    if call != "commit":
        return ""
    old, new, events = arguments
    return f" {_begun(old, new) or _happened(events) or _handed_over(old, new)}"


def _begun(old: Order, new: Order) -> str:
    for before, after in ((old.payment, new.payment), (old.placement, new.placement)):
        if after.attempt and not before.attempt:
            return f"{after.attempt.call} begins"
    reports = ((old.placement.report, new.placement.report), (old.withdrawal, new.withdrawal))
    begins = any(after and after.began_at and not (before and before.began_at) for before, after in reports)
    return "report begins" if begins else ""


def _happened(events: tuple[Event, ...]) -> str:
    return ", ".join(event.what for event in events)


def _handed_over(old: Order, new: Order) -> str:
    return "handing over" if old.notices != new.notices else "came back"
