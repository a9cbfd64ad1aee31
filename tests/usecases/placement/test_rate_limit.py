"""A shop that limits calls gets every order as soon as it takes it, however often it stops one half-way."""

from __future__ import annotations

import pytest

from fallback.domain.errors import OutcomeUnknown, RateLimited
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.placement.primary import PAYMENTS
from fallback.domain.retries import POISON_AFTER
from tests.usecases.world import LONG, TOTAL, an_authorized_order

MINUTE = 60.0


@pytest.mark.parametrize("call", ["rivals", "place", "read", "payment_changed"])
@pytest.mark.parametrize("error", [RateLimited("429", MINUTE), OutcomeUnknown("half-way", after=MINUTE)])
def test_no_order_is_put_aside_because_the_shop_limits_calls(call: str, error: Exception) -> None:
    world = an_authorized_order()
    world.primary.can |= {PAYMENTS}
    world.primary.fail_next(call, error, times=3 * POISON_AFTER)

    world.time_passes(LONG)

    assert (world.headline, world.captured, world.holds) == (Headline.SETTLED, TOTAL, [])
    assert world.primary.payments[world.ref][1].state == "captured"
    assert world.orders_there == 1


def test_the_rest_of_an_order_is_not_sent_before_its_time() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("half-way", after=MINUTE))
    world.shifts_work()
    assert world.states == (PaymentState.AUTHORIZED, PlacementState.UNKNOWN)

    due = world.order.placement.due_at
    assert due
    assert (due - world.now).total_seconds() >= MINUTE
