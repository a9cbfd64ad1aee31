"""An amount that the bank took back, or may take back, is not refunded a second time."""

from __future__ import annotations

import pytest

from fallback.domain.errors import NotAllowedNow, Refused
from fallback.domain.order.concern import ConcernState
from fallback.domain.order.grants import GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.domain.payment.refunds import owed, refundable
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import (
    ABOVE,
    LEA,
    WITHIN,
    a_settled_order,
    decides,
    gives,
    refund,
    refunded_by_hand,
    states,
)
from tests.usecases.payment.test_concerns import CLEARED, DAY, DISPUTE, OPEN, UPHELD, WARNING, counted, said
from tests.usecases.payment.test_refunds_that_come_back import came_back
from tests.usecases.placement.amending import ONE_BOOK
from tests.usecases.world import TOTAL, World


def disputed(world: World, state: ConcernState = OPEN) -> World:
    said(world, DISPUTE, OPEN)
    if state is not OPEN:
        said(world, DISPUTE, state)
    return world


@pytest.mark.parametrize("state", [OPEN, UPHELD])
def test_no_refund_is_offered_or_taken(state: ConcernState) -> None:
    world = disputed(a_settled_order(), state)
    assert refundable(world.order) == owed(world.order) == 0
    with pytest.raises(NotAllowedNow):
        gives(world, **refund(500), refundable=TOTAL)
    world.time_passes(DAY)
    assert (world.gateway.calls["refund"], world.headline) == (0, Headline.SETTLED)


def test_a_warning_takes_no_money_and_stops_no_refund() -> None:
    world = a_settled_order()
    said(world, WARNING, OPEN)
    gives(world)
    world.time_passes(DAY)
    assert world.captured == TOTAL - WITHIN


def test_after_a_dispute_that_was_won_it_is_refunded_as_before() -> None:
    world = disputed(a_settled_order(), CLEARED)
    gives(world)
    world.time_passes(DAY)
    assert world.captured == TOTAL - WITHIN


def test_what_became_owed_during_a_dispute_goes_back_once_it_is_won() -> None:
    world = disputed(a_settled_order())
    world.the_customer_changes(ONE_BOOK)
    world.time_passes(DAY)
    assert (world.captured, states(world)) == (TOTAL, [])
    said(world, DISPUTE, CLEARED)
    world.time_passes(DAY)
    assert (world.captured, states(world)) == (TOTAL - 1299, [GrantState.MADE])


def test_what_became_owed_during_a_dispute_that_is_lost_stays_with_the_bank() -> None:
    world = disputed(a_settled_order())
    world.the_customer_changes(ONE_BOOK)
    said(world, DISPUTE, UPHELD)
    world.time_passes(DAY)
    assert (world.gateway.calls["refund"], owed(world.order), world.headline) == (0, 0, Headline.SETTLED)


def test_a_request_waits_for_the_bank_and_ends_with_a_dispute_that_is_lost() -> None:
    world = a_settled_order()
    gives(world, amount=ABOVE)
    disputed(world)
    with pytest.raises(NotAllowedNow):
        decides(world, LEA)
    assert world.holds == [HoldCode.REFUND_ASKED]
    said(world, DISPUTE, UPHELD)
    assert (states(world), world.holds) == ([GrantState.DECLINED], [])
    world.time_passes(DAY)
    assert world.gateway.calls["refund"] == 0


def test_a_grant_that_was_not_made_yet_ends_with_a_dispute_that_is_lost() -> None:
    world = a_settled_order()
    gives(world)
    disputed(world, UPHELD)
    world.time_passes(DAY)
    assert (states(world), world.gateway.calls["refund"]) == ([GrantState.DECLINED], 0)


def test_an_order_that_is_undone_after_the_bank_took_the_money_ends_without_a_refund() -> None:
    world = disputed(a_settled_order(), UPHELD)
    world.the_customer_cancels()
    world.time_passes(DAY)
    assert (world.headline, world.orders_there, world.holds) == (Headline.REFUNDED, 0, [])
    assert world.gateway.calls["refund"] == 0
    assert world.mails[-1] is NoticeKind.CANCELLED
    assert counted(world).differences == ()


@pytest.mark.parametrize("state", [CLEARED, UPHELD])
def test_what_the_provider_refuses_during_a_dispute_is_held_until_the_bank_decides(state: ConcernState) -> None:
    world = a_settled_order()
    world.the_customer_cancels()
    world.gateway.fail_next("refund", Refused("charge_disputed"))
    disputed(world)
    world.time_passes(DAY)
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    said(world, DISPUTE, state)
    world.time_passes(DAY)
    assert (world.headline, world.holds) == (Headline.REFUNDED, [])
    assert world.captured == (0 if state is CLEARED else TOTAL)


@pytest.mark.parametrize("state", [CLEARED, UPHELD])
def test_a_failed_refund_that_is_sent_again_during_a_dispute_waits_until_the_bank_decides(state: ConcernState) -> None:
    world = a_settled_order()
    refunded_by_hand(world, 500)
    disputed(came_back(world))
    world.gateway.fail_next("refund", Refused("charge_disputed"))
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes(DAY)
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    said(world, DISPUTE, state)
    world.time_passes(DAY)
    assert (world.headline, world.holds) == (Headline.SETTLED, [])
    assert world.captured == (TOTAL - 500 if state is CLEARED else TOTAL)
