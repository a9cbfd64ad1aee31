"""A payment provider that limits calls gets every order's calls as soon as it takes them."""

from __future__ import annotations

import pytest

from fallback.domain.errors import OutcomeUnknown, RateLimited
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, Queue
from fallback.domain.retries import POISON_AFTER
from tests.fakes.gateway import VISA
from tests.usecases.world import LONG, an_authorized_order, an_order_with

MINUTE = 60.0
LIMITED = pytest.mark.parametrize("error", [RateLimited("429", MINUTE), OutcomeUnknown("half-way", after=MINUTE)])


@LIMITED
@pytest.mark.parametrize("call", ["create", "confirm", "retrieve", "find", "capture"])
def test_no_order_is_put_aside_because_the_provider_limits_calls(call: str, error: Exception) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, error, times=3 * POISON_AFTER)

    world.time_passes(LONG)

    assert world.is_settled()
    assert (world.holds, world.gateway.captures[world.ref]) == ([], 1)


@LIMITED
@pytest.mark.parametrize("call", ["void", "refund"])
def test_nor_one_that_is_undone(call: str, error: Exception) -> None:
    world = an_authorized_order()
    if call == "refund":
        world.time_passes(LONG)
    world.gateway.fail_next(call, error, times=3 * POISON_AFTER)

    if call == "refund":
        world.an_agent_gives_back(500)
    else:
        world.the_customer_cancels()
    world.time_passes(LONG)

    assert world.holds == []
    assert world.headline is (Headline.SETTLED if call == "refund" else Headline.CANCELLED)
    assert world.order.payment.refunded == (500 if call == "refund" else 0)


def test_a_call_that_may_have_arrived_is_not_asked_about_before_its_time() -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next("confirm", OutcomeUnknown("half-way", after=MINUTE))

    world.shifts_work(Queue.PAYMENT)

    due = world.order.payment.due_at
    assert world.order.payment.state is PaymentState.UNKNOWN
    assert due
    assert (due - world.now).total_seconds() >= MINUTE
