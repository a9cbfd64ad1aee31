"""Who may refund how much: one file defines it, and errors in it are named by line or field."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.money import Money
from fallback.domain.order.grants import BY_PEOPLE, GrantKind
from fallback.domain.payment.charging import SumLimit, Unchargeable
from fallback.domain.payment.policy import BadPolicy, Policy, parse_policy
from fallback.domain.support.accounts import Permission, Person, Role

TEXT = (Path(__file__).parents[3] / "ops/policy.toml").read_text()
REFUND, GOODWILL = GrantKind.REFUND, GrantKind.GOODWILL
amounts = st.integers(1, 1_000_000)
sums = st.integers(0, 1_000_000)
roles, kinds, currencies = st.sampled_from(Role), st.sampled_from(BY_PEOPLE), st.sampled_from(["EUR", "GBP", "JPY"])


def only_tens(amount: Money) -> Unchargeable | None:
    """A provider that takes no fils, and nothing below one dinar."""
    if amount.currency == "KWD" and amount.amount % 10:
        return Unchargeable(SumLimit.NOT_EXACT, Money(510, "KWD"))
    return Unchargeable(SumLimit.TOO_SMALL, Money(1_000, "KWD")) if amount.amount < 1_000 else None


def read(text: str) -> Policy:
    return parse_policy(text, only_tens)


POLICY = read(TEXT)


def euros(amount: int) -> Money:
    return Money(amount, "EUR")


@pytest.mark.parametrize(
    ("role", "kind", "amount", "on_order", "in_incident", "granted"),
    [
        (Role.AGENT, REFUND, 10_000, 0, 0, True),
        (Role.AGENT, REFUND, 10_001, 0, 0, False),
        (Role.AGENT, REFUND, 5_000, 5_001, 0, False),
        (Role.AGENT, GOODWILL, 1_500, 0, 98_500, True),
        (Role.AGENT, GOODWILL, 1_500, 0, 98_501, False),
        (Role.LEAD, GOODWILL, 1_500, 0, 98_501, True),
        (Role.ADMIN, GOODWILL, 10**9, 10**9, 10**9, True),
        (Role.ONCALL, GOODWILL, 1, 0, 0, False),
    ],
)
def test_a_refund_within_the_limit_of_a_role_is_allowed(
    role: Role, kind: GrantKind, amount: int, on_order: int, in_incident: int, granted: bool
) -> None:
    assert POLICY.may(role, kind, euros(amount), on_order, in_incident).granted is granted


def test_above_the_limit_of_a_role_the_policy_names_the_roles_that_may_approve() -> None:
    assert POLICY.may(Role.AGENT, REFUND, euros(10_001), 0, 0).by == (Role.LEAD, Role.ADMIN)
    assert POLICY.may(Role.AGENT, REFUND, euros(50_001), 0, 0).by == (Role.ADMIN,)


def test_a_currency_that_is_not_named_needs_somebody_who_may_give_any() -> None:
    verdict = POLICY.may(Role.AGENT, REFUND, Money(1, "JPY"), 0, 0)
    assert (verdict.granted, verdict.by) == (False, (Role.ADMIN,))


def test_nobody_may_approve_a_refund_above_every_limit() -> None:
    policy = read(TEXT.replace('refund = { per_order = "any" }', "refund = { per_order = { EUR = 60_000 } }"))
    assert policy.may(Role.ADMIN, REFUND, euros(60_001), 0, 0).by == ()


@given(roles, kinds, amounts, currencies, sums, sums)
def test_a_refund_is_allowed_exactly_for_the_roles_that_may_approve_it(
    role: Role, kind: GrantKind, amount: int, currency: str, on_order: int, in_incident: int
) -> None:
    verdict = POLICY.may(role, kind, Money(amount, currency), on_order, in_incident)
    assert verdict.granted is (role in verdict.by)
    assert all(Person("Mara", each).may(Permission.HELP) for each in verdict.by)


@given(roles, kinds, amounts, amounts, currencies, sums, sums)
def test_two_grants_never_exceed_the_limit_of_one(
    role: Role, kind: GrantKind, first: int, second: int, currency: str, on_order: int, in_incident: int
) -> None:
    def may(amount: int, before: int) -> bool:
        return POLICY.may(role, kind, Money(amount, currency), on_order + before, in_incident + before).granted

    both_parts = may(first, 0) and may(second, first)
    assert both_parts is may(first + second, 0)


@given(kinds, amounts, currencies, sums, sums)
def test_a_lead_may_approve_whatever_an_agent_may(
    kind: GrantKind, amount: int, currency: str, on: int, booked: int
) -> None:
    by = POLICY.may(Role.AGENT, kind, Money(amount, currency), on, booked).by
    assert by in ((Role.AGENT, Role.LEAD, Role.ADMIN), (Role.LEAD, Role.ADMIN), (Role.ADMIN,))


# --- the customer themselves


@pytest.mark.parametrize(("currency", "booked", "amount"), [("EUR", 0, 500), ("JPY", 0, 0), ("EUR", 99_501, 0)])
def test_customers_claim_their_own_goodwill_up_to_the_limit_of_the_incident(
    currency: str, booked: int, amount: int
) -> None:
    assert POLICY.own_goodwill(currency, booked) == amount


def test_where_the_policy_does_not_name_the_customer_they_take_nothing() -> None:
    before, _, after = TEXT.partition("[limits.customer]")
    without = read(before + after[after.index("[reasons.refund]") :])
    assert without.own_goodwill("EUR", 0) == 0


# --- the file


CUSTOMER_AMOUNTS = "goodwill = { per_order = { EUR = 500, GBP = 450, USD = 550 }"


def changed(old: str, new: str) -> str:
    assert TEXT.count(old) >= 1
    return TEXT.replace(old, new, 1)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (changed("[limits.agent]", "[limits.agent"), "line 10"),
        (changed("[limits.agent]", "[limits.agnt]"), "limits.agnt is not known"),
        (changed("[limits.agent]", "[limits.oncall]"), "limits.oncall is not known"),
        (
            changed("per_order = { EUR = 10_000", "per_order = { EUR = -1"),
            "a value in limits.agent.refund.per_order: a whole number of at least 0 is expected",
        ),
        (
            changed("per_order = { EUR = 10_000", "per_order = { EUR = 99.5"),
            "a value in limits.agent.refund.per_order: a whole number is expected, not a number",
        ),
        (
            changed("per_order = { EUR = 10_000", "per_order = { Euro = 10_000"),
            "a name in limits.agent.refund.per_order: a text of three capitals (EUR) is expected",
        ),
        (
            changed('refund = { per_order = "any" }', 'refund = { per_order = "all" }'),
            "limits.admin.refund.per_order",
        ),
        (changed('refund = { per_order = "any" }', 'refund = { per_oder = "any" }'), "per_oder"),
        (changed("not_as_agreed = { en = ", "not_as_agreed = { fr = "), "reasons.refund.not_as_agreed"),
        (changed("[[customer]]\nen = ", "[[customer]]\nfr = "), "customer[0]: the sentence in English, en, is missing"),
        (changed("not_as_agreed = { en = ", "not_as_agreed = { english = "), "reasons.refund"),
        (
            changed(CUSTOMER_AMOUNTS, 'goodwill = { per_order = "any"'),
            "currency",
        ),
        (
            changed(CUSTOMER_AMOUNTS, "goodwill = { per_order = { EUR = 500, KWD = 505 }"),
            "limits.customer.goodwill.per_order.KWD: 505 cannot be refunded exactly; the next possible amount is 510",
        ),
        (changed("waited = { en", "slow = { en"), "waited"),
        (
            "limits = {}\ncustomer = []\nreasons = { refund = {}, goodwill = {} }",
            "reasons.refund: an object {...} that is not empty is expected",
        ),
        ("limits = 1", "limits: an object {...} is expected, not a whole number"),
        ("limits = yes", "it is no TOML: Invalid value (at line 1, column 10)"),
        ("", "limits is missing"),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(BadPolicy, match=r"\S") as wrong:
        read(text)
    assert said in str(wrong.value)
    assert not {"`", "$", "Object"} & set(re.findall(r"\w+|\S", str(wrong.value)))


def test_only_what_is_paid_out_as_it_stands_there_has_to_be_exact() -> None:
    limits = changed("refund = { per_order = { EUR = 10_000", "refund = { per_order = { KWD = 505, EUR = 10_000")
    assert read(limits).limit(Role.AGENT, REFUND) is not None
    possible = read(changed(CUSTOMER_AMOUNTS, "goodwill = { per_order = { EUR = 1, KWD = 510 }"))
    assert possible.own_goodwill("EUR", 0) == 1


# --- what is left out


def test_a_currency_without_an_amount_in_the_policy_allows_no_goodwill() -> None:
    assert POLICY.own_goodwill("XXX", 0) == 0
    assert POLICY.reasons_for(GrantKind.DIFFERENCE) == {}
    assert POLICY.limit(Role.ONCALL, REFUND) is None
    assert POLICY.limit(Role.AGENT, GrantKind.DIFFERENCE) is None
