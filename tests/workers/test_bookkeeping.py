"""The clock keeps the books: it counts when asked to, audits once an hour, and a halt stops the drain."""

from __future__ import annotations

from datetime import timedelta

from structlog.testing import capture_logs

from fallback.domain.incident.audit import Halt
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.order import PaymentState, PlacementState, Queue
from fallback.domain.outage.mode import Mode
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import NOW, a_payment, an_order
from tests.fakes.pace import a_rule
from tests.workers.conftest import World
from workers.bookkeeping import Bookkeeping

HOUR = timedelta(hours=1)


def test_a_count_that_somebody_asked_for_is_made_once(world: World) -> None:
    world.switch(Mode.ACTIVE)
    follow_mode(world.container)
    incident = world.incidents.last()
    assert incident
    world.books.ask(incident.id)
    world.books.ask("2020-01-01-000000")
    Bookkeeping(world.container).once()
    assert world.books.asked() == []
    balance = world.books.balance(incident.id)
    assert balance
    assert balance.captured.orders == 0


def test_the_shop_is_audited_once_an_hour(world: World) -> None:
    books = Bookkeeping(world.container)
    for passes in (timedelta(), HOUR / 2, HOUR / 2):
        world.later(passes)
        books.once()
    assert world.primary.calls["placed_since"] == 2


def test_a_shop_that_is_down_is_not_audited(world: World) -> None:
    world.switch(Mode.ACTIVE)
    Bookkeeping(world.container).once()
    assert world.primary.calls["placed_since"] == 0


def test_in_a_halt_and_in_a_pause_it_asks_the_shop_nothing(world: World) -> None:
    books = Bookkeeping(world.container)
    world.halts.halt(Halt(NOW, "fallback", "the shop forgets"))
    books.once()
    world.halts.lift()
    world.container.pace.decide(a_rule(paused=True))
    books.once()
    assert (world.primary.calls["placed_since"], world.books.last_audit()) == (0, None)
    world.container.pace.decide(a_rule())
    books.once()
    assert world.primary.calls["placed_since"] == 1


def test_lost_orders_are_logged_as_an_error(world: World) -> None:
    world.orders(1, placement=PlacementState.VERIFIED)
    with capture_logs() as logs:
        Bookkeeping(world.container).once()
    assert [(told["event"], told["log_level"], told["count"]) for told in logs] == [("primary_regressed", "error", 1)]


def test_while_the_drain_is_halted_nothing_is_handed_over(world: World) -> None:
    [order] = world.orders(1)
    world.halts.halt(Halt(NOW, "fallback", "the shop forgets"))
    world.shift(Queue.PLACEMENT)
    assert world.now_of(order).placement.state is PlacementState.WAITING
    world.halts.lift()
    world.shift(Queue.PLACEMENT)
    assert world.now_of(order).placement.state is PlacementState.VERIFIED


def test_what_is_in_standby_is_counted_once_a_day_and_a_difference_is_logged(world: World) -> None:
    books, days = Bookkeeping(world.container), 3
    books.once()
    books.once()
    assert world.books.balance(NO_INCIDENT) is None
    order = world.ledger.keep(an_order(payment=a_payment(PaymentState.CAPTURED), received_at=world.now))
    counted = set()
    with capture_logs() as lines:
        for _ in range(days * 24 + 1):
            world.later(HOUR)
            books.once()
            books.once()
            balance = world.books.balance(NO_INCIDENT)
            assert balance
            counted.add(balance.counted_at)
    assert len(counted) == days + 1
    assert [each.ref for each in balance.differences] == [order.ref]
    assert {line["count"] for line in lines if line["event"] == "standby_does_not_balance"} == {1}
