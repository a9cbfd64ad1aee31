"""The authorization has reached its end, and the provider does not say what became of it."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.order.bounded import MOST_FOR_CUSTOMERS
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from tests.fakes.gateway import AUTHORIZATION_LIFE
from tests.usecases.world import an_authorized_order

DAYS = timedelta(days=3)


def test_it_is_looked_at_ever_more_seldom_so_that_the_order_stays_open_to_people() -> None:
    world = an_authorized_order()
    world.time_passes(AUTHORIZATION_LIFE + DAYS, Queue.PAYMENT, Queue.NOTICE)
    assert world.holds == [HoldCode.PAYMENT_EXPIRING]
    assert world.order.version < MOST_FOR_CUSTOMERS
    world.gateway.lapse(world.intent_id)
    world.time_passes(DAYS, Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.PAYMENT_NEEDED
