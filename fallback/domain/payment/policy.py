"""The policy: who may give back what, up to which amount, and what a customer may always do without asking.

Its only source is `ops/policy.toml`. The check, the agent's page and /policy read it from here.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from fallback.domain.misread import in_words
from fallback.domain.money import Money
from fallback.domain.order.grants import GrantKind
from fallback.domain.payment.charging import Chargeable, SumLimit
from fallback.domain.support.accounts import Role

Currency = Annotated[str, Meta(pattern="^[A-Z]{3}$")]
Code = Annotated[str, Meta(pattern="^[a-z_]{1,40}$")]
Sentence = Annotated[str, Meta(min_length=1, max_length=300)]
# In minor units, by currency. A currency that is not listed: nothing, unless a role with higher limits approves.
Amounts = dict[Currency, Annotated[int, Meta(ge=0)]] | Literal["any"]

# The reason under which a customer takes goodwill.
WAITED = "waited"


class BadPolicy(Exception):
    """The file is invalid; the message says where and why."""


# A sentence for people, by language. English is always there; catalogs translate that of ours.
Text = dict[Annotated[str, Meta(pattern="^[a-z]{2}$")], Sentence]


class GrantLimit(Struct, frozen=True, forbid_unknown_fields=True):
    """Up to which sum a role may grant: in total for one order, and in total for one incident."""

    per_order: Amounts
    per_incident: Amounts = "any"

    def covers(self, amount: Money, on_order: int, in_incident: int) -> bool:
        """Whether `amount` may be added to the earlier grants."""
        return _within(self.per_order, amount, on_order) and _within(self.per_incident, amount, in_incident)


class GrantLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of one role, by kind; None: it may not grant this."""

    refund: GrantLimit | None = None
    goodwill: GrantLimit | None = None


class OwnLimits(Struct, frozen=True, forbid_unknown_fields=True):
    """What a customer may take without asking, once for an order; None: nothing."""

    goodwill: GrantLimit | None = None


class Roles(Struct, frozen=True, forbid_unknown_fields=True):
    """The roles that may help customers, as in `accounts.PERMISSIONS`, and the customer."""

    agent: GrantLimits = GrantLimits()
    lead: GrantLimits = GrantLimits()
    admin: GrantLimits = GrantLimits()
    customer: OwnLimits = OwnLimits()


class Reasons(Struct, frozen=True, forbid_unknown_fields=True):
    """The reasons for giving money back, by code."""

    refund: Annotated[dict[Code, Text], Meta(min_length=1)]
    goodwill: Annotated[dict[Code, Text], Meta(min_length=1)]


class GrantVerdict(Struct, frozen=True):
    """`granted`: at once. `by`: the roles that may grant it; else one of them has to approve. Empty: nobody may."""

    granted: bool
    by: tuple[Role, ...]


class Policy(Struct, frozen=True, forbid_unknown_fields=True):
    """`customer`: what a customer may always do without asking, one sentence each."""

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
        """The goodwill a customer may take after we missed a promised time, in minor units; 0: none, or used up."""
        limit = self.limits.customer.goodwill
        if limit is None or limit.per_order == "any":
            return 0
        amount = limit.per_order.get(currency, 0)
        return amount if limit.covers(Money(amount, currency), 0, in_incident) else 0

    def reasons_for(self, kind: GrantKind) -> dict[str, Text]:
        found: dict[str, Text] = getattr(self.reasons, kind, {})
        return found


def parse_policy(text: str, chargeable: Chargeable) -> Policy:
    """Raises BadPolicy with the line or field that is wrong, without a full stop.

    What the payment provider cannot charge exactly it cannot refund either.
    """
    try:
        policy = msgspec.convert(tomllib.loads(text), Policy)
    except tomllib.TOMLDecodeError as error:
        raise BadPolicy(f"it is no TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise BadPolicy(in_words(error)) from error
    if missing := [where for where, text in sentences(policy) if "en" not in text]:
        raise BadPolicy(f"{missing[0]}: the sentence in English, en, is missing")
    own = policy.limits.customer.goodwill
    if own is None:
        return policy
    if own.per_order == "any":
        raise BadPolicy("limits.customer.goodwill.per_order: an amount for each currency is expected")
    if WAITED not in policy.reasons.goodwill:
        raise BadPolicy(f"reasons.goodwill.{WAITED} is missing: customers take goodwill for this reason")
    for currency, amount in own.per_order.items():
        refused = chargeable(Money(amount, currency))
        if refused and refused.limit is SumLimit.NOT_EXACT:
            wrong = f"{amount} cannot be refunded exactly; the next possible amount is {refused.instead.amount}"
            raise BadPolicy(f"limits.customer.goodwill.per_order.{currency}: {wrong}")
    return policy


def sentences(policy: Policy) -> Iterator[tuple[str, Text]]:
    """Each sentence, with its place in the file."""
    for kind in Reasons.__struct_fields__:
        for code, text in getattr(policy.reasons, kind).items():
            yield f"reasons.{kind}.{code}", text
    for number, text in enumerate(policy.customer):
        yield f"customer[{number}]", text


def _within(limit: Amounts, amount: Money, before: int) -> bool:
    return limit == "any" or before + amount.amount <= limit.get(amount.currency, 0)
