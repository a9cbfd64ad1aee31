"""A part was refunded in the provider's dashboard, and we hear of it late: only the rest is refunded here."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.money import Money
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.payment.news import PaymentNews
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import a_settled_order, gives, refund
from tests.usecases.world import TOTAL, World

A_WHILE = timedelta(minutes=5)


def refunded_in_the_dashboard(amount: int) -> World:
    """Its webhook has not come yet."""
    world = a_settled_order()
    world.gateway.refund(world.intent_id, Money(amount, "EUR"), "dashboard")
    return world


def test_news_of_it_is_read_before_a_cancelled_order_is_refunded() -> None:
    world = refunded_in_the_dashboard(500)
    world.the_customer_cancels()
    world.shifts_work(Queue.PLACEMENT)
    assert world.headline is Headline.UNDOING
    world.stripe_says(PaymentNews.REFUNDED)
    world.time_passes(A_WHILE)
    assert (world.headline, world.holds, world.captured) == (Headline.REFUNDED, [], 0)


def test_without_news_a_person_releases_the_refused_refund_and_it_is_read_then() -> None:
    world = refunded_in_the_dashboard(500)
    world.the_customer_cancels()
    world.time_passes(A_WHILE)
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    world.time_passes(A_WHILE)
    assert (world.headline, world.holds, world.captured) == (Headline.REFUNDED, [], 0)


def test_a_refused_grant_is_released_and_what_is_left_goes_back() -> None:
    world = refunded_in_the_dashboard(TOTAL - 100)
    gives(world, **refund(500))
    world.time_passes(A_WHILE)
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    world.time_passes(A_WHILE)
    assert (world.headline, world.holds, world.captured) == (Headline.REFUNDED, [], 0)
