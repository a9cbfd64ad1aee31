"""The panels of an order's page in the console: what each shows, from what, and where it stands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from msgspec import Struct

from fallback.domain.order.order import Event, Order
from fallback.domain.support.accounts import Person
from fallback.web.http.voice import Voice


class Looking(Struct, frozen=True):
    """The input of a panel: the order, its timeline, and the viewer."""

    order: Order
    timeline: Sequence[Event]
    person: Person
    voice: Voice


Row = TypeVar("Row")

# Templates in templates/console/order/panels by place. `now`: what has to be answered or decided; `standing`: what the
# customer reads, and what was said; `acts`: forms, collapsed; `beside`: the facts. A function marked with `fills`
# returns the template's variable `panel`; None hides the panel.
PANELS: dict[str, list[str]] = {
    "top": ["drill.html", "here.html"],
    "now": ["question.html", "callback.html", "packet.html", "approvals.html", "holds.html", "withdrawal.html"],
    "standing": ["standing.html", "changes.html", "conversation.html"],
    "acts": ["notes.html", "handover.html", "money.html"],
    "customer": ["customer.html"],
    "beside": ["owner.html"],
}
_FILLS: dict[str, Callable[[Looking], object | None]] = {}


def fills(template: str) -> Callable[[Callable[[Looking], Row]], Callable[[Looking], Row]]:
    def register(fill: Callable[[Looking], Row]) -> Callable[[Looking], Row]:
        _FILLS[template] = fill
        return fill

    return register


def filled(looking: Looking) -> dict[str, object | None]:
    """What each template shows, by its name."""
    return {template: _FILLS[template](looking) for place in PANELS.values() for template in place}
