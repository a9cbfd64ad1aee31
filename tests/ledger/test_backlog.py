"""How many orders wait for the shop: what was given up and is looked for there for days is none of them."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.bootstrap import Container
from fallback.domain.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.ledger.redis_ledger import RedisLedger
from tests.builders import NOW, an_order
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer

HOUR = timedelta(hours=1)


def in_the_ledger(ledger: RedisLedger, payment: PaymentState, placement: Placement, drill: bool = False) -> Order:
    paid = Payment(amount=3093, state=payment, authorized=3093)
    order = accepted(ledger, an_order(payment=paid, drill=drill))
    return ledger.commit(order, replace(order, placement=placement), [])


def test_what_was_given_up_is_no_part_of_the_drain(redis_server: RedisServer) -> None:
    container: Container = a_container(redis_server.url)
    for due_at in (NOW, NOW + HOUR):
        in_the_ledger(container.ledger, PaymentState.AUTHORIZED, Placement(due_at=due_at))
        given_up = Placement(state=PlacementState.CANCELLED, late_since=NOW, due_at=due_at)
        for drill in (False, True):
            in_the_ledger(container.ledger, PaymentState.VOIDED, given_up, drill)
    waiting = container.backlog.waiting(NOW)
    assert (waiting.due, waiting.later) == (1, (HOUR.total_seconds(),))
