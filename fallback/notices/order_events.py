"""The events of orders that other software receives: CloudEvents 1.0 with the ref, states and sums."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from fallback.domain.order.announcements import Announcement, What
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, PlacementState


class EventPayment(Struct, frozen=True):
    """Amounts in minor units."""

    state: PaymentState
    authorized: int
    captured: int
    refunded: int


class EventPlacement(Struct, frozen=True):
    state: PlacementState


class EventTotal(Struct, frozen=True):
    """`amount` in minor units of `currency` (ISO 4217), delivery included."""

    amount: int
    currency: str


class EventData(Struct, frozen=True):
    """`version`: of two events about one order, that with the higher one is newer."""

    ref: str
    version: int
    status: Headline
    payment: EventPayment
    placement: EventPlacement
    holds: tuple[HoldCode, ...]
    total: EventTotal


class OrderEvent(Struct, frozen=True):
    """A CloudEvent. `id`: the same for each attempt. `source`: our public URL. `subject`: the order's ref."""

    id: str
    source: str
    type: What
    subject: str
    time: datetime
    data: EventData
    specversion: Literal["1.0"] = "1.0"
    datacontenttype: Literal["application/json"] = "application/json"


def order_event(said: Announcement, source: str) -> OrderEvent:
    sums = said.sums
    data = EventData(
        ref=said.ref,
        version=said.version,
        status=said.status,
        payment=EventPayment(said.payment, sums.authorized, sums.captured, sums.refunded),
        placement=EventPlacement(said.placement),
        holds=said.holds,
        total=EventTotal(sums.total, said.currency),
    )
    return OrderEvent(said.id, source, said.what, said.ref, said.at, data)
