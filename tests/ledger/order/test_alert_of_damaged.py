"""On call hears of each order that cannot be read, until it is restored."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.domain.errors import Damaged
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.order import (
    Order,
    Queue,
)
from fallback.ledger.order import damaged as damaged_orders
from fallback.ledger.order import newer
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.redis import keys
from fallback.usecases.incident.count_balance import count_balance
from tests.builders import NOW, an_order
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.ledger.order.damaging import alerted, damage
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

HOUR = timedelta(hours=1)


@pytest.fixture
def house_(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


@pytest.mark.parametrize("part", ["doc", "who", "log"])
def test_on_call_is_alerted_until_it_is_restored(house_: Container, part: str) -> None:
    _, *orders = (keys.order(accepted(house_.ledger).ref) for _ in range(4))
    whole = {order: house_.redis.dump(order) for order in orders}
    for order in orders:
        house_.redis.hset(order, part, b"[")
    assert alerted(house_) == 3
    for order in orders:
        house_.redis.restore(order, 0, whole[order], replace=True)
    assert alerted(house_) == 0
    assert not house_.redis.exists(keys.DAMAGED)


def test_on_call_is_alerted_of_one_that_is_gone_until_no_list_has_it(house_: Container) -> None:
    gone, damaged = (accepted(house_.ledger, a_new_order(ref=ref)) for ref in ("FB-7K3M-92QX-N", "FB-92QX-7K3M-H"))
    house_.redis.delete(keys.order(gone.ref))
    damage(house_, damaged)
    assert alerted(house_) == 2
    verification = house_.verification(repair=True)
    list(verification.differences(verification.keys()))
    assert alerted(house_) == 1


def test_on_call_is_alerted_of_those_that_came_last_and_of_those_that_are_next(
    house_: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newer, "MOST", 1)
    next_, between, last = (accepted(house_.ledger, an_order(received_at=NOW - hours * HOUR)) for hours in (3, 2, 1))
    damage(house_, between)
    assert alerted(house_) == 0
    damage(house_, next_)
    assert alerted(house_) == 1
    house_.redis.zrem(keys.due(Queue.PLACEMENT), last.ref)
    damage(house_, last)
    assert alerted(house_) == 2


def list_them(container: Container, _: Order) -> None:
    container.views.page()


def ask_for_it(container: Container, order: Order) -> None:
    with pytest.raises(Damaged):
        container.ledger.load(order.ref)


def verify(container: Container, _: Order) -> None:
    verification = container.verification()
    list(verification.differences(verification.keys()))


def count_all(container: Container, _: Order) -> None:
    container.gateway, container.primary = FakeGateway(), FakePrimary()
    count_balance(container, NO_INCIDENT)


def report(container: Container, _: Order) -> None:
    source = container.report_source
    list(source.stories(source.period(NOW - HOUR, NOW + HOUR, most=9)))


@pytest.mark.parametrize("meet", [list_them, ask_for_it, verify, count_all, report])
def test_an_old_one_that_nobody_works_on_is_heard_of_when_somebody_meets_it(
    house_: Container, meet: Callable[[Container, Order], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newer, "MOST", 1)
    old, _, recent = (accepted(house_.ledger) for _ in range(3))
    for queue in Queue:
        house_.redis.zrem(keys.due(queue), old.ref)
    damage(house_, old)
    assert alerted(house_) == 0
    meet(house_, old)
    assert alerted(house_) == 1
    damage(house_, recent)
    assert alerted(house_) == 2


def test_a_process_with_a_wrong_key_alerts_nobody(house_: Container, redis_server: RedisServer) -> None:
    accepted(house_.ledger)
    stranger = a_container(redis_server.url, secret_key=("another-key-of-a-wrong-setting-012345",))
    assert stranger.views.page().rows == []
    assert house_.overview.see(NOW).damaged == 0
    assert alerted(house_) == 0


def test_where_all_are_damaged_so_many_are_listed(house_: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(damaged_orders, "MOST", 2)
    for _ in range(3):
        damage(house_, accepted(house_.ledger))
    assert alerted(house_) == 2
    house_.views.page()
    assert alerted(house_) == 2


def test_it_is_logged_again_after_a_while(house_: Container) -> None:
    time = 0.0
    damaged = DamagedOrders(house_.redis, lambda: time)
    with capture_logs() as logs:
        for time in (0.0, damaged_orders.AGAIN_AFTER - 1, damaged_orders.AGAIN_AFTER):  # noqa: B007
            damaged.met("FB-7K3M-92QX-5", "order_damaged", reason="cut short")
    assert [(line["ref"], line["reason"]) for line in logs] == [("FB-7K3M-92QX-5", "cut short")] * 2


def test_where_all_are_damaged_a_process_keeps_in_mind_so_many(
    house_: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(damaged_orders, "MOST", 2)
    with capture_logs() as logs:
        for ref in ("FB-1", "FB-2", "FB-1", "FB-3", "FB-1"):
            house_.ledger.damaged.met(ref, "order_damaged")
    assert [line["ref"] for line in logs] == ["FB-1", "FB-2", "FB-3", "FB-1"]


def test_one_that_is_met_while_the_clock_looks_again_stays_listed(
    house_: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(newer, "MOST", 1)
    old, _ = accepted(house_.ledger), accepted(house_.ledger)
    for queue in Queue:
        house_.redis.zrem(keys.due(queue), old.ref)
    damage(house_, old)
    confirm = house_.ledger.damaged.confirm

    def meanwhile(*found: Collection[str]) -> None:
        ask_for_it(house_, old)
        confirm(*found)

    with monkeypatch.context() as patch:
        patch.setattr(house_.ledger.damaged, "confirm", meanwhile)
        house_.looking_again.once()
    assert alerted(house_) == 1
