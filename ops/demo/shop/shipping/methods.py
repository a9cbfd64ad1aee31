"""Delivery methods: by post, or by courier in a time slot that the customer chooses.

Oscar has methods but no slots. So each slot is a method with the code `courier/<slot id>`, and Oscar's checkout, order
and dashboard support slots without a change.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.utils import timezone
from oscar.apps.shipping.methods import FixedPrice

from ops.demo.shop.partner.strategy import without_vat

HOURS = {"am": (time(8), time(12)), "pm": (time(13), time(18))}
SUNDAY = 6
SLOTS_OFFERED = 6
# The courier loads two hours before a slot begins.
LEAD = timedelta(hours=2)


@dataclass(frozen=True)
class Slot:
    id: str
    starts: datetime
    ends: datetime

    def __str__(self) -> str:
        return f"{self.starts:%a %d %b, %H:%M} to {self.ends:%H:%M}"


class StandardDelivery(FixedPrice):
    code = "standard"
    name = "Standard delivery"
    description = "By post, delivered in two to three working days."
    slot = None

    def __init__(self) -> None:
        super().__init__(without_vat(Decimal("4.95")), Decimal("4.95"))


class CourierDelivery(FixedPrice):
    title = "Courier in a time slot"

    def __init__(self, slot: Slot) -> None:
        super().__init__(without_vat(Decimal("7.90")), Decimal("7.90"))
        self.slot = slot
        self.code = f"courier/{slot.id}"
        self.name = f"Courier, {slot}"


def coming_slots(now: datetime) -> list[Slot]:
    """The next slots that the courier can still reach, in order."""
    today = timezone.localdate(now)
    days = [today + timedelta(days=n) for n in range(SLOTS_OFFERED)]
    slots = [
        Slot(f"{day}-{half}", _local(day, begins), _local(day, ends))
        for day in days
        if day.weekday() != SUNDAY
        for half, (begins, ends) in HOURS.items()
    ]
    return [slot for slot in slots if slot.starts > now + LEAD][:SLOTS_OFFERED]


def _local(day, at: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, at))
