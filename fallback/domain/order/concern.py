"""Disputes, reviews and fraud warnings that the payment provider reports: a part of the order's document."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ConcernKind(StrEnum):
    """`dispute`: the customer's bank asks for the money back. `review`: a person checks the payment at the provider.

    `fraud_warning`: the card network suspects fraud, before any dispute.
    """

    DISPUTE = "dispute"
    REVIEW = "review"
    FRAUD_WARNING = "fraud_warning"


class ConcernState(StrEnum):
    """Moves one way, from open to one of the others. `cleared`: it was dropped. `upheld`: it was decided against us."""

    OPEN = "open"
    CLEARED = "cleared"
    UPHELD = "upheld"


class Concern(Struct, frozen=True, omit_defaults=True):
    """`id` is the provider's, `reason` its code.

    `amount`: the disputed sum in minor units; 0 if no money is asked back.
    """

    id: str
    kind: ConcernKind
    state: ConcernState
    since: datetime
    amount: int = 0
    reason: str = ""

    @property
    def is_open(self) -> bool:
        return self.state is ConcernState.OPEN


def lost(concerns: tuple[Concern, ...]) -> int:
    """What the customer's bank took back for good, in minor units. A review or a warning takes nothing."""
    return sum(each.amount for each in concerns if each.state is ConcernState.UPHELD)


def in_dispute(concerns: tuple[Concern, ...]) -> bool:
    """The bank decides who gets the money: until then a refund could pay it back twice."""
    return any(each.is_open and each.kind is ConcernKind.DISPUTE for each in concerns)
