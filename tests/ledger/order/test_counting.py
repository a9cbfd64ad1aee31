"""The counts of pieces and open sums in Redis equal the sum over the living orders, whatever happens in which order."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from itertools import count

import pytest
import redis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict, NotAllowedNow
from fallback.domain.order.cart import Line
from fallback.domain.order.exposure import Terms, WhenSoldOut, available, pieces
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.placement import placement
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.ledger.recount import assert_counts_agree
from tests.ledger.world import a_container, a_new_order, hang_up
from tests.redis_server import RedisServer

STOCK = {"BK-1": 7, "LP-1": 4}
lines = st.builds(
    lambda sku, quantity, told: Line(sku, sku, quantity, 500, available=STOCK[sku] if told else None),
    st.sampled_from(sorted(STOCK)),
    st.integers(1, 3),
    st.booleans(),
)


class Counting(RuleBasedStateMachine):
    house: Container
    admin: redis.Redis
    numbers = count()

    def __init__(self) -> None:
        super().__init__()
        self.admin.flushall()
        self.sent: list[Order] = []

    @rule(
        lines=st.lists(lines, min_size=1, max_size=3),
        terms=st.sampled_from(WhenSoldOut).map(Terms),
        state=st.sampled_from([PaymentState.NONE, PaymentState.PENDING]),
        currency=st.sampled_from(["EUR", "CHF"]),
    )
    def somebody_orders(self, lines: list[Line], terms: Terms, state: PaymentState, currency: str) -> None:
        order = a_new_order(
            lines=tuple(lines),
            payment=Payment(amount=sum(line.quantity * 500 for line in lines), state=state),
            currency=currency,
            cart_id=f"basket-{next(self.numbers)}",
        )
        stock = self._stock()
        short = {sku for sku, left in available(lines).items() if pieces(lines)[sku] > left - stock.get(sku, 0)}
        answer = self.house.ledger.accept(order, order.ref, "print", terms)
        if not short or terms.sold_out is WhenSoldOut.LATE:
            assert isinstance(answer, Accepted)
            assert set(answer.late) == set(self.house.ledger.load(order.ref).late) == short
            self.sent.append(order)
        else:
            assert not isinstance(answer, Accepted)

    @precondition(lambda self: self.sent)
    @rule(data=st.data())
    def the_same_request_comes_again(self, data: st.DataObject) -> None:
        order = data.draw(st.sampled_from(self.sent))
        assert isinstance(self.house.ledger.accept(order, order.ref, "print"), Accepted)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), twice=st.booleans())
    def it_is_cancelled(self, data: st.DataObject, twice: bool) -> None:
        self._changes(data, lambda order: _cancelled(order), twice)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), state=st.sampled_from(PaymentState), twice=st.booleans())
    def its_payment_changes(self, data: st.DataObject, state: PaymentState, twice: bool) -> None:
        amount = 500 * (state in (PaymentState.AUTHORIZED, PaymentState.CAPTURED))
        self._changes(
            data,
            lambda order: replace(order, payment=replace(order.payment, state=state, authorized=amount)),
            twice,
        )

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), state=st.sampled_from(PlacementState), twice=st.booleans())
    def its_placement_changes(self, data: st.DataObject, state: PlacementState, twice: bool) -> None:
        self._changes(data, lambda order: replace(order, placement=Placement(state=state)), twice)

    @precondition(lambda self: self.sent)
    @rule(data=st.data(), twice=st.booleans())
    def a_line_is_left_out(self, data: st.DataObject, twice: bool) -> None:
        self._changes(data, lambda order: replace(order, lines=order.lines[:1]), twice)

    @rule()
    def the_counts_begin_anew(self) -> None:
        assert self.house.exposures.end()

    def teardown(self) -> None:
        orders = self.house.ledger.load_many([order.ref for order in self.sent])
        assert_counts_agree(self.house.redis, orders)

    def _stock(self) -> dict[str, int]:
        return {sku.decode(): int(taken) for sku, taken in self.house.redis.hgetall(keys.STOCK).items()}

    def _changes(self, data: st.DataObject, change: Callable[[Order], Order], twice: bool) -> None:
        """`twice`: a second worker commits the same, based on the same version."""
        order = self.house.ledger.load(data.draw(st.sampled_from(self.sent)).ref)
        with suppress(NotAllowedNow):
            changed = change(order)
            self.house.ledger.commit(order, changed, [])
            if twice:
                with pytest.raises(Conflict):
                    self.house.ledger.commit(order, changed, [])


def _cancelled(order: Order) -> Order:
    asked = placement.ask_to_cancel(order, NOW, "customer")
    return asked.order if asked else order


def test_any_sequence_of_orders_and_changes_is_counted_as_the_orders_stand(redis_server: RedisServer) -> None:
    house = a_container(redis_server.url)
    redis_server.client.config_set("appendfsync", "no")  # nobody dies here
    machine = type("CountingHere", (Counting,), {"house": house, "admin": redis_server.client})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=40,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    redis_server.client.config_set("appendfsync", "always")
    hang_up()
