"""Grants: money that goes back, each with its reason, who gave it and who agreed.

The order keeps them (domain/payment/refunds.py says what happens to them). The policy says who may give how much; what
a change of the order made too much is nobody's gift, and goes back without it.
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
    """`asked`: above an agent's limit, it waits for a second person. `granted`: a shift gives it back. `made`: it went.

    `failed`: its refund failed, at once or later, and a person decides how the money gets there.
    """

    ASKED = "asked"
    GRANTED = "granted"
    MADE = "made"
    FAILED = "failed"
    DECLINED = "declined"


OPEN = frozenset({GrantState.ASKED, GrantState.GRANTED})
GIVEN = frozenset({GrantState.GRANTED, GrantState.MADE, GrantState.FAILED})


class Grant(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` counts 1, 2, … within the order, `amount` is in its minor units, `reason` a code of the policy.
    It is empty for what is only sent again.

    `who` asked, `decided_by` is the second person, if one was needed. `incident`: what it is booked to. `said` names
    a sentence for the customer, 0: none. `reaches`: written by older releases for a call that was under way; what was
    refunded in all once it was made.
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


class RefundState(StrEnum):
    """As the payment provider has it."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class GrantDecision(StrEnum):
    """What a person decided about a refund that failed: the money is sent again, or was paid in another way."""

    AGAIN = "again"
    OTHERWISE = "otherwise"


class Refund(Struct, frozen=True, omit_defaults=True):
    """One refund at the processor. `grant`: the grant that it makes; 0: all that was left, or made by hand there.

    `answer` is ours, and only to one that failed.
    """

    id: str
    amount: int
    state: RefundState
    grant: int = 0
    answer: GrantDecision | None = None

    @property
    def under_way(self) -> bool:
        return self.state in (RefundState.PENDING, RefundState.REQUIRES_ACTION)

    @property
    def came_back(self) -> bool:
        """The customer does not have the money, and will not get it by this."""
        return self.state in (RefundState.FAILED, RefundState.CANCELED)


class SentBack(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What went back of a payment. `refunded`: the sum that the processor confirms, in minor units.

    `read_back_at`: when the refunds that are under way are looked at, if nobody tells us of them before.
    """

    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    read_back_at: datetime | None = None

    @property
    def gone_back(self) -> int:
        """What the customer has again or is about to: from the processor, or in another way where a refund failed."""
        return self.refunded + self._came_back(GrantDecision.OTHERWISE)

    @property
    def undecided(self) -> int:
        """What came back of refunds, and nobody has decided yet how it gets to the customer."""
        return self._came_back(None)

    def _came_back(self, answer: GrantDecision | None) -> int:
        return sum(each.amount for each in self.refunds if each.came_back and each.answer is answer)


class Booked(Struct, frozen=True):
    """What was granted of a kind for all orders of an incident, as somebody read it; in minor units."""

    kind: GrantKind
    incident: str
    currency: str
    amount: int


class GrantRequest(Struct, frozen=True, kw_only=True):
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


# What was granted for orders that came while the primary served is booked here.
NO_INCIDENT = "standby"
