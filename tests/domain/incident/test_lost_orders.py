"""Orders that the shop lost, or still has although they are over, are handled once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.incident import lost_orders
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Event, Order, PaymentState, Placement, PlacementState
from tests.builders import NOW, a_hold, a_payment, a_primary_order, an_order

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(days=1)
SETTLED = an_order(payment=a_payment(P.CAPTURED), placement=S.VERIFIED)
# By hand, in the dashboard of the payment provider.
BY_HAND = replace(SETTLED, payment=a_payment(P.REFUNDED))
CANCELLED = an_order(payment=a_payment(P.VOIDED), placement=S.CANCELLED)


def given_back(amount: int, state: GrantState = GrantState.MADE) -> Order:
    """All of it went back, and so much of it by our own grants."""
    made = Grant(
        id=1, kind=GrantKind.REFUND, amount=amount, reason="broken", who="Ann", at=NOW, incident="standby", state=state
    )
    return replace(BY_HAND, grants=(made,))


@pytest.mark.parametrize(
    ("order", "is_lost"),
    [
        (SETTLED, True),
        (an_order(placement=S.PLACED), False),
        (BY_HAND, False),
        (given_back(3093), True),
        (given_back(3092), False),
        (given_back(3093, GrantState.DECLINED), False),
        (replace(BY_HAND, cancel_asked=True), True),
        (CANCELLED, False),
        (replace(SETTLED, holds=(a_hold(HoldCode.PRIMARY_REGRESSED),)), False),
    ],
)
def test_what_should_be_there_and_is_not_is_a_hold_once(order: Order, is_lost: bool) -> None:
    change = lost_orders.lost_by_shop(order, LATER, "the desk")
    assert bool(change) is is_lost
    if change:
        [hold] = change.order.holds
        assert (hold.code, hold.owner, hold.since, hold.detail) == (
            HoldCode.PRIMARY_REGRESSED, "the desk", LATER, "100001",
        )  # fmt: skip


def test_an_order_without_a_number_is_held_all_the_same() -> None:
    change = lost_orders.lost_by_shop(replace(SETTLED, placement=Placement(state=S.VERIFIED)), LATER, "the desk")
    assert change
    assert change.order.holds[0].detail == ""


@pytest.mark.parametrize(
    ("order", "status", "must_not"),
    [
        (CANCELLED, "placed", True),
        (CANCELLED, "shipped", True),
        (CANCELLED, "cancelled", False),
        (BY_HAND, "placed", True),
        (BY_HAND, "shipped", False),
        (SETTLED, "placed", False),
        (replace(CANCELLED, placement=replace(CANCELLED.placement, stays=True)), "placed", False),
    ],
)
def test_an_order_that_is_over_here_must_not_be_open_in_the_shop(order: Order, status: str, must_not: bool) -> None:
    assert lost_orders.must_not_be_there(order, a_primary_order(order, status=status)) is must_not


def test_what_was_given_up_is_undone_there_and_what_was_refunded_by_hand_asks_a_person() -> None:
    looked_for = replace(CANCELLED, placement=replace(CANCELLED.placement, late_since=LATER, due_at=LATER))
    assert lost_orders.still_there(CANCELLED, a_primary_order(CANCELLED), LATER, "the desk") == Change(
        looked_for, (Event(LATER, "late_found", "worker", {"number": "100001"}),)
    )
    asked = lost_orders.still_there(BY_HAND, a_primary_order(BY_HAND), LATER, "the desk")
    assert asked
    [hold] = asked.order.holds
    assert (hold.code, hold.owner, hold.since, hold.detail) == (HoldCode.BY_HAND, "the desk", LATER, "cancel 100001")


def test_an_order_that_may_be_in_the_shop_or_has_a_hold_for_it_is_left_alone() -> None:
    for order in (SETTLED, asked := replace(BY_HAND, holds=(a_hold(HoldCode.ALREADY_SHIPPED),))):
        assert lost_orders.still_there(order, a_primary_order(order), LATER, "the desk") is None
    other = replace(asked, holds=(a_hold(HoldCode.MISMATCH),))
    assert lost_orders.still_there(other, a_primary_order(other), LATER, "the desk")


@pytest.mark.parametrize(
    ("order", "code", "stays"),
    [
        (CANCELLED, HoldCode.ALREADY_SHIPPED, True),
        (CANCELLED, HoldCode.BY_HAND, False),
        (BY_HAND, HoldCode.BY_HAND, True),
        (BY_HAND, HoldCode.ALREADY_SHIPPED, False),
        (SETTLED, HoldCode.BY_HAND, False),
    ],
)
def test_a_person_lets_stand_there_what_they_were_asked_about(order: Order, code: HoldCode, stays: bool) -> None:
    order = replace(order, placement=replace(order.placement, late_since=NOW))
    after = replace(order, placement=replace(order.placement, stays=True, late_since=None)) if stays else order
    assert lost_orders.let_stand(order, code) == after
