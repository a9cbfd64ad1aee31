"""The shop failed a customer and we took her order: that is an incident, before anybody has switched."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from fallback.domain.incident import by_order
from fallback.domain.mode import ModeState
from fallback.domain.mode_log import follow
from fallback.domain.oncall_ports import Incidents
from fallback.domain.order import Order


def open_incident(order: Order, *, incidents: Incidents, mode_log: Callable[[], Sequence[ModeState]]) -> None:
    """One round trip while an incident lasts."""
    if incidents.shop_failed() or follow(incidents, mode_log()):
        return
    incidents.open(by_order(order.received_at, incidents.accepted_before(order.received_at)))
