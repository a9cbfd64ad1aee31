"""The shop has the order, and what was set aside for it is gone: the customer is asked once, by a time, and then it is
withdrawn there or a person holds it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, pays_by
from fallback.domain.order.order import NoticeKind, PlacementState, Queue
from fallback.domain.payment.letting_go import PAY_AGAIN_WITHIN
from fallback.domain.payment.news import PaymentNews
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import THREE_D_SECURE
from tests.usecases.world import World, an_authorized_order

DECLINED = "pm_card_chargeDeclinedExpiredCard"
SOON = timedelta(minutes=10)
GONE: list[tuple[str, Callable[[World], None]]] = [
    ("authorization_cancelled", lambda world: world.gateway.cancel_in_dashboard(world.intent_id)),
    ("authorization_lapsed", lambda world: world.gateway.lapse(world.intent_id)),
]


def gone_after_placing(how: Callable[[World], None] = GONE[0][1], can: str = "amend cancel tombstones") -> World:
    """No webhook tells of it: the capture finds it."""
    world = an_authorized_order()
    world.primary.can = frozenset(can.split())
    how(world)
    world.time_passes(SOON)
    return world


@pytest.mark.parametrize(("what", "how"), GONE, ids=[what for what, _ in GONE])
def test_the_customer_is_asked_once_by_a_time_and_told_what_happened(what: str, how: Callable[[World], None]) -> None:
    world = gone_after_placing(how)
    assert (world.headline, world.orders_there) == (Headline.PAYMENT_NEEDED, 1)
    assert [each for each in world.told if each.startswith("authorization_")] == [what]
    by = pays_by(world.order)
    assert by is not None
    assert by - world.now == pytest.approx(PAY_AGAIN_WITHIN, abs=SOON)
    world.time_passes(by - world.now - SOON)
    assert world.mails.count(NoticeKind.PAYMENT_NEEDED) == 1
    assert world.headline is Headline.PAYMENT_NEEDED


def test_what_is_not_paid_by_then_is_withdrawn_from_the_shop() -> None:
    world = gone_after_placing()
    world.time_passes(PAY_AGAIN_WITHIN + SOON)
    assert world.is_undone()
    assert world.mails.count(NoticeKind.PAYMENT_NEEDED) == 1
    assert world.mails[-1] is NoticeKind.CANCELLED


def test_where_the_shop_cannot_cancel_a_person_holds_it() -> None:
    world = gone_after_placing(can="amend")
    world.time_passes(PAY_AGAIN_WITHIN + SOON)
    assert world.headline is Headline.ON_HOLD
    assert world.holds == [HoldCode.BY_HAND]
    assert world.order.owner


def test_another_card_in_time_settles_it() -> None:
    world = gone_after_placing()
    world.time_passes(timedelta(hours=20))
    world.the_customer_gives()
    world.time_passes(timedelta(days=2))
    assert world.is_settled()
    assert pays_by(world.order) is None


@pytest.mark.parametrize("card", [DECLINED, THREE_D_SECURE], ids=["declined", "left at the bank"])
def test_a_failed_payment_does_not_extend_the_deadline(card: str) -> None:
    world = gone_after_placing()
    by = pays_by(world.order)
    world.the_customer_gives(card)
    world.time_passes(SOON)
    assert pays_by(world.order) == by
    world.time_passes(PAY_AGAIN_WITHIN)
    assert world.is_undone()


def test_while_only_we_have_it_there_is_no_hurry() -> None:
    world = an_authorized_order()
    world.gateway.cancel_in_dashboard(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED)
    world.time_passes(SOON, Queue.PAYMENT, Queue.NOTICE)
    assert world.order.placement.state is PlacementState.WAITING
    assert "authorization_cancelled" in world.told
    world.time_passes(timedelta(days=2), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.PAYMENT_NEEDED


def test_a_payment_at_the_bank_that_is_cancelled_is_not_told_as_money_that_was_set_aside() -> None:
    world = World()
    world.a_customer_orders(THREE_D_SECURE)
    world.time_passes(SOON, Queue.PAYMENT)
    world.gateway.cancel_in_dashboard(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED)
    world.time_passes(SOON, Queue.PAYMENT)
    assert "payment_cancelled" in world.told
    assert world.order.payment.decline is None


def test_what_the_bank_has_said_in_the_last_minute_is_looked_at_before_it_is_withdrawn() -> None:
    world = gone_after_placing()
    world.the_customer_gives(THREE_D_SECURE)
    world.time_passes(SOON)
    by = pays_by(world.order)
    assert by is not None
    world.time_passes(by - world.now - timedelta(minutes=1))
    world.the_bank_asks_and_the_customer()
    world.stripe_says(PaymentNews.AUTHORIZED)
    world.time_passes(timedelta(minutes=3), Queue.NOTICE)
    world.time_passes()
    assert world.is_settled()
    assert "unpaid" not in world.told


def test_an_unpaid_order_that_was_shipped_can_still_be_paid_after_its_hold_is_released() -> None:
    world = gone_after_placing()
    world.primary.keep(replace(world.primary.ours(world.ref), status="shipped"))
    world.time_passes(PAY_AGAIN_WITHIN + SOON)
    assert world.holds == [HoldCode.ALREADY_SHIPPED]
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes(timedelta(hours=1))
    assert world.headline is Headline.PAYMENT_NEEDED
    world.the_customer_gives()
    world.time_passes()
    assert world.is_settled()
