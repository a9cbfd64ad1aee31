"""How many orders wait for the shop, without cancelled ones that are still searched for there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.outage.forecast import Waiting
from fallback.ledger.outage.backlog import RedisBacklog
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.fakes.backlog import FakeBacklog
from tests.ledger.world import a_new_order, accepted

HOUR = timedelta(hours=1)


def in_the_ledger(ledger: Ledger, payment: PaymentState, placement: Placement, drill: bool = False) -> Order:
    paid = Payment(amount=3093, state=payment, authorized=3093)
    order = accepted(ledger, an_order(payment=paid, drill=drill))
    return ledger.commit(order, replace(order, placement=placement), [])


@pytest.fixture
def backlog(house: Container) -> RedisBacklog | FakeBacklog:
    return house.backlog


def test_cancelled_orders_are_not_counted_in_the_drain(house: Container, backlog: RedisBacklog | FakeBacklog) -> None:
    for due_at in (NOW, NOW + HOUR):
        in_the_ledger(house.ledger, PaymentState.AUTHORIZED, Placement(due_at=due_at))
        given_up = Placement(state=PlacementState.CANCELLED, late_since=NOW, due_at=due_at)
        for drill in (False, True):
            in_the_ledger(house.ledger, PaymentState.VOIDED, given_up, drill)
    waiting = backlog.waiting(NOW)
    assert (waiting.due, waiting.later) == (1, (HOUR.total_seconds(),))


def test_the_backlog_counts_orders_by_what_they_wait_for(house: Container, backlog: RedisBacklog | FakeBacklog) -> None:
    assert backlog.waiting(NOW) == Waiting(due=0, later=(), on_hold=0, unpaid=0)
    held = accepted(house.ledger, an_order(holds=(a_hold(HoldCode.MISMATCH),)))
    accepted(house.ledger, an_order(payment=a_payment(PaymentState.ACTION_REQUIRED)))
    accepted(house.ledger, a_new_order())
    in_the_ledger(house.ledger, PaymentState.AUTHORIZED, Placement(due_at=NOW + timedelta(seconds=1)))
    waiting = backlog.waiting(NOW)
    assert (waiting.on_hold, waiting.unpaid) == (1, 2), held
    assert backlog.waiting(NOW, soon=timedelta(seconds=2)).due == waiting.due + len(waiting.later)


def test_a_cancelled_order_that_is_due_soon_is_not_counted_as_waiting(
    house: Container, backlog: RedisBacklog | FakeBacklog
) -> None:
    in_the_ledger(house.ledger, PaymentState.AUTHORIZED, Placement(due_at=NOW + HOUR))
    given_up = Placement(state=PlacementState.CANCELLED, late_since=NOW, due_at=NOW + HOUR)
    in_the_ledger(house.ledger, PaymentState.VOIDED, given_up, False)
    waiting = backlog.waiting(NOW, soon=HOUR)
    assert (waiting.due, waiting.later) == (1, ())
