"""What the payment provider says against a payment: a part of the order's document."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ConcernKind(StrEnum):
    """`dispute`: the customer's bank asks for the money back. `review`: the provider lets a person check the payment.

    `fraud_warning`: the card's network suspects a fraud, before any dispute.
    """

    DISPUTE = "dispute"
    REVIEW = "review"
    FRAUD_WARNING = "fraud_warning"


class ConcernState(StrEnum):
    """It goes one way: open, then either. `cleared`: nothing is left of it. `upheld`: it was decided against us."""

    OPEN = "open"
    CLEARED = "cleared"
    UPHELD = "upheld"


class Concern(Struct, frozen=True, omit_defaults=True):
    """`id` is the provider's, `reason` its word. `amount`: in minor units, what is asked back; 0 where nothing is."""

    id: str
    kind: ConcernKind
    state: ConcernState
    since: datetime
    amount: int = 0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is ConcernState.OPEN
