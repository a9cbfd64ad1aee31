"""The policy: what may be given back by whom, up to which amount, and what a customer may always do herself.

It is written down once, in `ops/policy.toml`. The check, the agent's screen and /policy read it from here.
"""

from __future__ import annotations

import tomllib
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from fallback.domain.money import Money
from fallback.domain.order.grants import GrantKind
from fallback.domain.support.accounts import Role

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Code = Annotated[str, Meta(pattern="^[a-z_]{1,40}$")]
Sentence = Annotated[str, Meta(min_length=1, max_length=300)]
# In minor units, by currency. A currency that is not named: nothing without somebody who may give more.
Amounts = dict[Currency, Annotated[int, Meta(ge=0)]] | Literal["any"]

# Why a customer takes goodwill herself: one of the reasons.
WAITED = "waited"


class BadPolicy(Exception):
    """The file cannot be used; says where and why."""


class Text(Struct, frozen=True, forbid_unknown_fields=True):
    """A sentence for people, in each of our languages."""

    en: Sentence
    de: Sentence

    def say(self, language: str) -> str:
        return self.de if language == "de" else self.en


class GrantLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which sum a role may grant: all that is granted for one order, and all that is booked to one incident."""

    per_order: Amounts
    per_incident: Amounts = "any"

    def covers(self, amount: Money, on_order: int, in_incident: int) -> bool:
        """Whether `amount` may be added to what was granted before."""
        return _within(self.per_order, amount, on_order) and _within(self.per_incident, amount, in_incident)


class GrantLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """Of one role, by kind; None: it may not grant this."""

    refund: GrantLimit | None = None
    goodwill: GrantLimit | None = None


class OwnLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer takes herself, once for an order; None: nothing."""

    goodwill: GrantLimit | None = None


class Roles(Struct, frozen=True, forbid_unknown_fields=True):
    """The roles that may help, as `people.PERMISSIONS` has them, and the customer."""

    agent: GrantLimits = GrantLimits()
    lead: GrantLimits = GrantLimits()
    admin: GrantLimits = GrantLimits()
    customer: OwnLimits = OwnLimits()


class Reasons(Struct, frozen=True, forbid_unknown_fields=True):
    """Why something may be given back, by code."""

    refund: Annotated[dict[Code, Text], Meta(min_length=1)]
    goodwill: Annotated[dict[Code, Text], Meta(min_length=1)]


class GrantVerdict(Struct, frozen=True):
    """`granted`: at once. `by`: the roles that may; else one of them has to agree. Empty: nobody may."""

    granted: bool
    by: tuple[Role, ...]


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """`customer`: what she may always do herself, a sentence each."""

    limits: Roles
    reasons: Reasons
    customer: tuple[Text, ...]

    def may(self, role: Role, kind: GrantKind, amount: Money, on_order: int, in_incident: int) -> GrantVerdict:
        """`on_order` and `in_incident`: what was granted of this kind before, by anybody, in minor units."""
        able = tuple(
            each
            for each in Role
            if (limit := self.limit(each, kind)) is not None and limit.covers(amount, on_order, in_incident)
        )
        return GrantVerdict(role in able, able)

    def limit(self, role: Role, kind: GrantKind) -> GrantLimit | None:
        """None: the role may not grant this at all."""
        limits: GrantLimits = getattr(self.limits, role, GrantLimits())
        found: GrantLimit | None = getattr(limits, kind, None)
        return found

    def own_goodwill(self, currency: str, in_incident: int) -> int:
        """What the customer may take herself once we were late, in minor units; 0: nothing, or it is used up."""
        limit = self.limits.customer.goodwill
        if limit is None or limit.per_order == "any":
            return 0
        amount = limit.per_order.get(currency, 0)
        return amount if limit.covers(Money(amount, currency), 0, in_incident) else 0

    def reasons_for(self, kind: GrantKind) -> dict[str, Text]:
        found: dict[str, Text] = getattr(self.reasons, kind, {})
        return found


def parse_policy(text: str) -> Policy:
    """Raises BadPolicy with the line or the field that is wrong."""
    try:
        policy = msgspec.convert(tomllib.loads(text), Policy)
    except (tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise BadPolicy(str(error)) from error
    own = policy.limits.customer.goodwill
    if own and own.per_order == "any":
        raise BadPolicy("Name an amount for each currency - at `$.limits.customer.goodwill.per_order`")
    if own and WAITED not in policy.reasons.goodwill:
        raise BadPolicy(f"The customer takes goodwill for the reason `{WAITED}` - at `$.reasons.goodwill`")
    return policy


def _within(limit: Amounts, amount: Money, before: int) -> bool:
    return limit == "any" or before + amount.amount <= limit.get(amount.currency, 0)
