"""The status of an order, in the words that its customer reads, and the next steps with their times."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Order, Queue
from fallback.domain.outage.mode import Mode
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_status
from fallback.web.purchase.order_status import OrderStatus

LOOKS = {
    Queue.PAYMENT: N_("Next payment check: %(when)s."),
    Queue.PLACEMENT: N_("Next request to the shop: %(when)s."),
    Queue.NOTICE: N_("Next mail: %(when)s."),
}
AT_ONCE = N_("now")
WHEN_BACK = N_("Next request to the shop: when its own system is back.")


@dataclass(frozen=True)
class Standing:
    """`looks`: when the next automatic steps are due. `ahead`: the remaining steps if all goes well."""

    status: OrderStatus
    looks: list[str]
    ahead: list[str]


def standing(order: Order, voice: Voice, now: datetime, mode: Mode, pay_by: datetime | None) -> Standing:
    status, ahead = order_status.status(order, voice, pay_by), order_status.ahead(order, voice)
    return Standing(status, list(_looks(order, voice, now, mode)), ahead)


def _looks(order: Order, voice: Voice, now: datetime, mode: Mode) -> Iterator[str]:
    for queue, at in due_times(order).items():
        if queue is Queue.PLACEMENT and mode is Mode.ACTIVE:
            yield voice.say(WHEN_BACK)
        else:
            yield voice.say(LOOKS[queue], when=voice.moment(at) if at > now else voice.say(AT_ONCE))
