"""The bank takes its time over a payment: days, with some ways to pay, and nobody tells us when it has decided."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.bounded import MOST_FOR_CUSTOMERS
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from tests.fakes.gateway import THREE_D_SECURE
from tests.usecases.world import World, an_order_with

MINUTE, DAY, DAYS = timedelta(minutes=1), timedelta(days=1), timedelta(days=5)


def in_processing(world: World | None = None) -> World:
    """The customer was at their bank, and came back."""
    world = world or an_order_with(THREE_D_SECURE)
    world.shifts_work(Queue.PAYMENT)
    intent = world.gateway.intents[world.intent_id]
    world.gateway.intents[intent.id] = replace(intent, state=IntentState.PROCESSING)
    world.the_customer_comes_back()
    world.shifts_work(Queue.PAYMENT)
    assert world.headline is Headline.CHECKING
    return world


def test_it_is_read_ever_more_seldom_so_that_the_order_stays_open_to_people() -> None:
    world = in_processing()
    world.time_passes(DAYS, Queue.PAYMENT)
    assert world.headline is Headline.CHECKING
    assert world.order.version < MOST_FOR_CUSTOMERS / 10


def test_a_decision_that_nobody_tells_us_of_is_found_within_a_day() -> None:
    world = in_processing()
    world.time_passes(DAYS, Queue.PAYMENT)
    world.the_bank_asks_and_the_customer(passes=True)
    world.time_passes(DAY, Queue.PAYMENT)
    assert world.headline is Headline.WAITING


def test_news_of_the_decision_is_read_at_once() -> None:
    world = in_processing()
    world.time_passes(DAYS, Queue.PAYMENT)
    world.the_bank_asks_and_the_customer(passes=True)
    world.stripe_says(PaymentNews.AUTHORIZED)
    world.shifts_work(Queue.PAYMENT)
    assert world.headline is Headline.WAITING


def test_what_the_next_card_came_to_is_read_soon_again() -> None:
    world = in_processing()
    world.time_passes(DAYS, Queue.PAYMENT)
    world.the_bank_asks_and_the_customer(passes=False)
    world.time_passes(DAY, Queue.PAYMENT)
    world.the_customer_gives(THREE_D_SECURE)
    in_processing(world)
    world.the_bank_asks_and_the_customer(passes=True)
    world.time_passes(MINUTE, Queue.PAYMENT)
    assert world.headline is Headline.WAITING
