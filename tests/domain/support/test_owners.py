from __future__ import annotations

from collections import Counter, deque

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.support.owners import Roster, one_step_up, owner_by_rule, owner_of, who_may
from tests.builders import NOW, a_hold, a_payment, an_order

ON_HOLD = an_order(holds=(a_hold(HoldCode.MISMATCH),))
names = st.lists(st.sampled_from("ABCDEFGH"), unique=True, min_size=1, max_size=8)


@given(names, st.integers(1, 60))
def test_orders_go_round_so_that_nobody_has_more_than_one_more_than_another(there: list[str], orders: int) -> None:
    turns, given_to = deque(there), Counter(dict.fromkeys(there, 0))
    for _ in range(orders):
        owner = owner_by_rule(ON_HOLD, Roster("desk", agents=tuple(turns)))
        given_to[owner] += 1
        turns.remove(owner)
        turns.append(owner)
    assert max(given_to.values()) - min(given_to.values()) <= 1


def test_a_hold_with_a_team_goes_to_the_team_whoever_is_there() -> None:
    roster = Roster("desk", agents=("Ann",), teams={HoldCode.MISMATCH: "warehouse"})
    assert owner_by_rule(ON_HOLD, roster) == "warehouse"
    assert owner_by_rule(an_order(holds=(a_hold(HoldCode.POISON),)), roster) == "Ann"


def test_leads_take_what_comes_while_no_agent_is_there_and_the_desk_what_nobody_can() -> None:
    assert owner_by_rule(ON_HOLD, Roster("desk", leads=("Lea",))) == "Lea"
    assert owner_by_rule(ON_HOLD, Roster("desk")) == "desk"


@pytest.mark.parametrize(
    ("owner", "leads", "next_owner"),
    [
        ("Ann", ("Lea",), "Lea"),
        ("warehouse", ("Lea",), "Lea"),
        ("Lea", ("Lea", "Lou"), "Lou"),
        ("Lea", ("Lea",), "Ann"),
        ("Bo", (), "Ann"),
        ("Ann", (), "Ann"),
        ("desk", ("Lea",), "Lea"),
        ("desk", (), "Ann"),
    ],
)
def test_an_escalation_goes_to_a_lead_or_another_agent_and_always_to_a_person(
    owner: str, leads: tuple[str, ...], next_owner: str
) -> None:
    assert one_step_up(owner, Roster("desk", agents=("Ann",), leads=leads)) == next_owner


OFF_DUTY = Roster("desk", away_agents=("Ann", "Bo", "Cy"), away_leads=("Lea",))


def test_while_nobody_is_on_duty_orders_have_the_names_of_all_who_will_be() -> None:
    given = Counter(owner_by_rule(replace(ON_HOLD, ref=f"FB-{ref}"), OFF_DUTY) for ref in range(300))
    assert set(given) == {"Ann", "Bo", "Cy"}
    assert min(given.values()) > 60
    assert owner_by_rule(ON_HOLD, Roster("desk", away_leads=("Lea",))) == "Lea"


def test_agents_on_duty_take_precedence_over_those_off_duty() -> None:
    assert owner_by_rule(ON_HOLD, replace(OFF_DUTY, leads=("Lou",))) == "Lou"
    assert one_step_up("Ann", replace(OFF_DUTY, leads=("Lou",))) == "Lou"
    assert one_step_up("Ann", OFF_DUTY) == "Lea"
    assert one_step_up("Lea", OFF_DUTY) == "Ann"
    assert one_step_up("Lea", Roster("desk", away_leads=("Lea",))) == "Lea"


def test_where_nobody_has_an_account_any_more_the_desk_takes_what_was_missed() -> None:
    assert one_step_up("Ann", Roster("desk")) == "desk"


@given(st.lists(st.sampled_from("ABCDEFGH"), unique=True, min_size=1), st.integers(0, 3), st.text("ABC", max_size=5))
def test_where_anybody_has_an_account_it_is_never_the_desks(people: list[str], part: int, ref: str) -> None:
    field = ("agents", "leads", "away_agents", "away_leads")[part]
    roster = replace(Roster("desk"), **{field: tuple(people)})
    owner = owner_by_rule(replace(ON_HOLD, ref=ref), roster)
    for _ in range(5):
        assert owner in people
        owner = one_step_up(owner, roster)


def test_what_is_over_has_no_owner() -> None:
    assert owner_of(an_order(owner="Ann")) == "Ann"
    settled = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    assert owner_of(an_order(owner="Ann", **settled)) == ""


def test_a_hold_belongs_to_its_desk_until_an_agent_owns_it() -> None:
    assert owner_of(ON_HOLD) == "the desk"
    assert owner_of(an_order()) == ""


def test_an_order_can_be_given_to_each_once() -> None:
    roster = Roster("desk", ("Ann",), ("Lea",), {HoldCode.MISMATCH: "warehouse", HoldCode.POISON: "desk"})
    assert roster.names == ["Ann", "Lea", "warehouse", "desk"]


# --- who may decide a refund

LEADS = Roster("desk", agents=("Ann",), leads=("Lea", "Lou"), away_agents=("Bo",), away_leads=("Lil",))
ASKED = Grant(
    id=1,
    kind=GrantKind.REFUND,
    amount=5,
    reason="broken",
    who="Lea",
    at=NOW,
    incident="standby",
    state=GrantState.ASKED,
)


@pytest.mark.parametrize(
    ("roster", "grants", "leads", "away"),
    [
        (LEADS, (ASKED,), ("Lou",), ("Lil",)),
        (LEADS, (replace(ASKED, who="Lil"),), ("Lea", "Lou"), ()),
        (LEADS, (replace(ASKED, state=GrantState.MADE),), ("Lea", "Lou"), ("Lil",)),
        (replace(LEADS, leads=()), (ASKED,), (), ("Lil",)),
        (replace(LEADS, away_leads=()), (ASKED,), ("Lou",), ()),
    ],
)
def test_a_lead_decides_a_refund_but_not_their_own(
    roster: Roster, grants: tuple[Grant, ...], leads: tuple[str, ...], away: tuple[str, ...]
) -> None:
    order = an_order(holds=(a_hold(HoldCode.REFUND_ASKED),), grants=grants)
    assert who_may(order, roster) == replace(roster, agents=(), away_agents=(), leads=leads, away_leads=away)


def test_where_nobody_else_is_a_lead_or_nothing_is_to_be_decided_all_may() -> None:
    alone = replace(LEADS, leads=("Lea",), away_leads=())
    assert who_may(an_order(holds=(a_hold(HoldCode.REFUND_ASKED),), grants=(ASKED,)), alone) is alone
    assert who_may(an_order(grants=(ASKED,)), LEADS) is LEADS
