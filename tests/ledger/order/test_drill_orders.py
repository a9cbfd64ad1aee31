"""The order of a drill: shifts and webhooks find it, but no list, count or sum contains it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.incident.incident import Span
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Event, Order, Payment, PaymentState, Placement, PlacementState, Queue
from tests.builders import NOW
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

LEASE = timedelta(seconds=40)
CANCELLED = PlacementState.CANCELLED


@pytest.fixture
def container(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


def on_hold(container: Container, order: Order) -> Order:
    paid = Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_drill", authorized=3093)
    held = replace(order, payment=paid, holds=(new_hold(HoldCode.MISMATCH, "the desk", NOW),))
    return container.ledger.commit(order, held, [Event(NOW, "on_hold", "worker")])


def test_shifts_and_webhooks_find_it(container: Container) -> None:
    order = accepted(container.ledger, a_new_order(drill=True))
    assert container.ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]
    assert container.ledger.claim_due(Queue.NOTICE, LEASE, 10) == [order.ref]
    on_hold(container, order)
    assert container.ledger.ref_of_intent("pi_drill") == order.ref


def test_no_list_and_no_count_has_it_whatever_becomes_of_it(container: Container) -> None:
    drill = accepted(container.ledger, a_new_order(drill=True))
    for _ in range(2):
        assert container.views.page().rows == []
        counts = container.views.counts("the desk")
        assert not any((*counts.headlines.values(), *counts.holds.values()))
        assert (counts.promised, counts.owned) == (0, 0)
        assert container.ledger.refs_of_person(email=IRIS.email, limit=9) == []
        assert container.search.find(drill.ref[3:7]).rows == []
        assert container.books.accepted(Span(0)) == 0
        assert list(container.books.scan(Span(0))) == []
        assert container.metrics_store.read().accepted == 0
        drill = on_hold(container, drill)


def test_customers_orders_are_counted_beside_it_as_if_it_were_not_there(container: Container) -> None:
    accepted(container.ledger, a_new_order(drill=True))
    order = accepted(container.ledger)
    accepted(container.ledger, a_new_order(drill=True))
    assert [each.ref for each in container.views.page().rows] == [order.ref]
    assert container.books.accepted(Span(0)) == 1
    assert container.views.counts().headlines[Headline.RECEIVED] == 1


def test_a_drill_order_is_found_by_its_complete_ref(container: Container) -> None:
    drill = accepted(container.ledger, a_new_order(drill=True))
    assert [each.ref for each in container.search.find(drill.ref).rows] == [drill.ref]


def test_a_cancelled_drill_order_frees_its_cart(container: Container) -> None:
    drill = accepted(container.ledger, a_new_order(drill=True))
    assert container.ledger.ref_of_cart(drill.cart_id) == drill.ref
    voided = Payment(amount=3093, state=PaymentState.VOIDED)
    container.ledger.commit(drill, replace(drill, payment=voided, placement=Placement(state=CANCELLED)), [])
    assert container.ledger.ref_of_cart(drill.cart_id) is None
