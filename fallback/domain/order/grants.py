"""Grants: money that is given back, each with its reason, who granted it and who approved it.

The order keeps them (domain/payment/refunds.py decides what happens to them). The policy limits what people may grant.
What the customer paid too much after a change of the order is owed, and goes back without the policy.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class GrantKind(StrEnum):
    """`refund`: for goods that were bought. `goodwill`: for inconvenience. All of it goes back to the customer's card.

    `difference`: the order costs less since it was changed after payment.
    """

    REFUND = "refund"
    GOODWILL = "goodwill"
    DIFFERENCE = "difference"


# What people in the console grant, within the policy.
BY_PEOPLE = (GrantKind.REFUND, GrantKind.GOODWILL)


class GrantState(StrEnum):
    """`asked`: above an agent's limit, waits for a second person. `granted`: a shift will refund it. `made`: refunded.

    `failed`: its refund failed, at once or later, and a person decides how the customer gets the money.
    """

    ASKED = "asked"
    GRANTED = "granted"
    MADE = "made"
    FAILED = "failed"
    DECLINED = "declined"


OPEN = frozenset({GrantState.ASKED, GrantState.GRANTED})
GIVEN = frozenset({GrantState.GRANTED, GrantState.MADE, GrantState.FAILED})


class Grant(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` counts 1, 2, … within the order, `amount` is in the order's minor units, `reason` is a code of the policy.

    `reason` is empty if a failed refund is only sent again. `who` requested it; `decided_by` is the second person, if
    one was needed. `incident`: the incident that it is booked to. `said`: the id of a sentence for the customer, 0:
    none. `reaches`: written by older releases for a call under way: the total refunded once it was made.
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
    """The state that the payment provider reports."""

    PENDING = "pending"
    REQUIRES_ACTION = "requires_action"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class GrantDecision(StrEnum):
    """What a person decided about a failed refund: send it again, or it was paid in another way."""

    AGAIN = "again"
    OTHERWISE = "otherwise"


class Refund(Struct, frozen=True, omit_defaults=True):
    """One refund at the payment provider. `grant`: the grant that it pays out.

    `grant` is 0 for a refund of all that was left, and for one made by hand in the provider's dashboard. `answer` is
    our decision, only for a failed refund. `made_at`: by the provider's clock; older releases did not keep it.
    """

    id: str
    amount: int
    state: RefundState
    grant: int = 0
    answer: GrantDecision | None = None
    made_at: datetime | None = None

    @property
    def under_way(self) -> bool:
        return self.state in (RefundState.PENDING, RefundState.REQUIRES_ACTION)

    @property
    def came_back(self) -> bool:
        """The customer does not have the money and will not get it through this refund."""
        return self.state in (RefundState.FAILED, RefundState.CANCELED)


class SentBack(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What was refunded of a payment. `refunded`: the total that the provider confirmed, in minor units.

    `read_back_at`: when refunds that may still fail are next read from the provider, unless a webhook reports them
    before.
    """

    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    read_back_at: datetime | None = None

    @property
    def gone_back(self) -> int:
        """What the customer has back or is about to get, through the provider or, if a refund failed, otherwise."""
        return self.refunded + self._came_back(GrantDecision.OTHERWISE)

    @property
    def undecided(self) -> int:
        """The sum of failed refunds for which nobody has decided yet how the customer gets it."""
        return self._came_back(None)

    def _came_back(self, answer: GrantDecision | None) -> int:
        return sum(each.amount for each in self.refunds if each.came_back and each.answer is answer)


class Booked(Struct, frozen=True):
    """The total granted of one kind for all orders of an incident, as it was read; in minor units."""

    kind: GrantKind
    incident: str
    currency: str
    amount: int


class GrantRequest(Struct, frozen=True, kw_only=True):
    """What an agent wants to grant. `refundable`: the maximum that the agent's page showed, in minor units."""

    kind: GrantKind
    amount: int
    reason: str
    refundable: int
    sentence: str = ""


def to_make(grants: tuple[Grant, ...]) -> Grant | None:
    """The grant that a shift makes next."""
    return next((grant for grant in grants if grant.state is GrantState.GRANTED), None)


def given(grants: tuple[Grant, ...], kind: GrantKind) -> int:
    """The total granted of this kind, by anybody."""
    return sum(grant.amount for grant in grants if grant.kind is kind and grant.state in GIVEN)


# Grants for orders that came while the primary was serving are booked here.
NO_INCIDENT = "standby"
