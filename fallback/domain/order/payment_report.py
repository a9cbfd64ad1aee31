"""What the primary was told last about the payment of an order that it has."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct


class PaymentStands(Struct, frozen=True, omit_defaults=True):
    """How a payment stands: a PaymentState, the payment's id at the provider, and amounts in minor units."""

    state: str
    reference: str | None = None
    captured: int = 0
    refunded: int = 0


class PaymentReport(Struct, frozen=True, omit_defaults=True):
    """`told`: what the primary knows. `number`: of the last report; it only grows, so an older one is recognized.

    `began_at`: when a report without a known outcome was begun. `tries`: consecutive reports without an outcome.
    """

    told: PaymentStands
    number: int = 0
    began_at: datetime | None = None
    tries: int = 0
    due_at: datetime | None = None
