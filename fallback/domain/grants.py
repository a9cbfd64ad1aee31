"""Grants: money that goes back, each with its reason, who gave it and who agreed.

The order keeps them (domain/refunds.py says what happens to them). The policy says who may give how much; what a change
of the order made too much is nobody's gift, and goes back without it.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class GrantKind(StrEnum):
    """`refund`: for what was bought. `goodwill`: for what she went through. All of it goes back to her card.

    `difference`: the order was changed since it was paid, and costs less.
    """

    REFUND = "refund"
    GOODWILL = "goodwill"
    DIFFERENCE = "difference"


# What people of the console give, as far as the policy lets them.
BY_PEOPLE = (GrantKind.REFUND, GrantKind.GOODWILL)


class GrantState(StrEnum):
    """`asked`: above her limit, it waits for a second person. `granted`: a shift gives it back. `made`: it went."""

    ASKED = "asked"
    GRANTED = "granted"
    MADE = "made"
    DECLINED = "declined"


OPEN = frozenset({GrantState.ASKED, GrantState.GRANTED})
GIVEN = frozenset({GrantState.GRANTED, GrantState.MADE})


class Grant(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` counts 1, 2, … within the order, `amount` is in its minor units, `reason` a code of the policy.

    `who` asked, `decided_by` is the second person, if one was needed. `incident`: what it is booked to. `said` names
    her sentence for the customer, 0: none. `reaches`: what will have been refunded in all once it is made, while a call
    for it is under way or its answer is lost.
    """

    id: int
    kind: GrantKind
    amount: int
    reason: str
    who: str
    at: datetime
    incident: str
    state: GrantState
    decided_by: str | None = None
    said: int = 0
    reaches: int = 0


class Booked(Struct, frozen=True):
    """What was granted of a kind for all orders of an incident, as somebody read it; in minor units."""

    kind: GrantKind
    incident: str
    currency: str
    amount: int


class GrantWish(Struct, frozen=True, kw_only=True):
    """What an agent wants to give. `refundable`: what her page said could be given back at most, in minor units."""

    kind: GrantKind
    amount: int
    reason: str
    refundable: int
    sentence: str = ""


def to_make(grants: tuple[Grant, ...]) -> Grant | None:
    """The one that a shift makes next."""
    return next((grant for grant in grants if grant.state is GrantState.GRANTED), None)


def given(grants: tuple[Grant, ...], kind: GrantKind) -> int:
    """What was granted of this kind, whoever granted it."""
    return sum(grant.amount for grant in grants if grant.kind is kind and grant.state in GIVEN)
