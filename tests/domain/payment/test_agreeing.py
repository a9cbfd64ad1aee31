"""The captured amount of a settled order matches its price, or it is refunded or put on hold."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.order.grants import GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.payment import agreeing
from tests.builders import NOW, a_payment, an_order


def settled(captured: int, **payment: int) -> Order:
    return an_order(
        payment=a_payment(PaymentState.CAPTURED, captured=captured, **payment), placement=PlacementState.VERIFIED
    )


def test_a_capture_below_the_price_is_a_hold_unless_a_person_accepted_it() -> None:
    held = agreeing.put_right(settled(3092), NOW, "the desk")
    assert held
    [hold] = held.order.holds
    assert (hold.code, hold.owner, hold.since, hold.detail) == (
        HoldCode.CAPTURED_LESS, "the desk", NOW, "3092 of 3093",
    )  # fmt: skip
    assert agreeing.put_right(settled(3092, settled_for=3092), NOW, "the desk") is None
    assert agreeing.put_right(settled(3091, settled_for=3092), NOW, "the desk")


def test_a_cent_too_much_goes_back() -> None:
    owed = settled(3094)
    assert agreeing.is_owed(owed)
    right = agreeing.put_right(owed, NOW, "the desk")
    assert right
    [grant] = right.order.grants
    assert (grant.kind, grant.amount, grant.who, grant.at, grant.state) == (
        GrantKind.DIFFERENCE, 1, "worker", NOW, GrantState.GRANTED,
    )  # fmt: skip


@pytest.mark.parametrize("order", [settled(3093), an_order(payment=a_payment(PaymentState.CAPTURED, captured=4000))])
def test_the_amounts_of_an_order_are_corrected_only_if_it_is_settled_and_they_differ(order: Order) -> None:
    assert agreeing.put_right(order, NOW, "the desk") is None
    assert not agreeing.is_short(replace(order, placement=replace(order.placement, state=PlacementState.PLACED)))
