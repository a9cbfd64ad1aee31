"""The audit finds what the shop lost, holds each order for a person by name, and nothing more is handed over."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.audit import Audit
from fallback.domain.errors import TryAgain
from fallback.domain.incident import Happened
from fallback.domain.order import Queue
from tests.usecases.test_balance import an_outage, another_customer_orders
from tests.usecases.world import LONG, World


def audited(world: World, **how: object) -> Audit:
    audit: Audit = world.container.audit_primary(**how)
    return audit


def test_a_shop_that_has_everything_is_left_alone() -> None:
    world = an_outage(orders=3)
    audit = audited(world)
    assert (audit.checked, audit.lost, audit.new, audit.why_not) == (3, (), 0, "")
    assert world.halts.read() is None
    assert world.books.last_audit() == audit


def test_what_the_shop_lost_is_on_hold_for_somebody_and_the_drain_stops() -> None:
    world = an_outage(orders=3)
    lost = world.primary.orders.pop(world.ref)
    audit = audited(world)
    assert (audit.lost, audit.new) == ((world.ref,), 1)
    [hold] = world.order.holds
    assert (hold.code, hold.detail) == ("primary_regressed", lost.number)
    halt = world.halts.read()
    assert halt
    assert "lost 1 of the orders" in halt.reason
    last = world.incidents.last()
    assert last
    assert last.timeline[-1].what is Happened.HALTED
    world.time_passes(timedelta(minutes=1), Queue.NOTICE)
    assert world.order.owner


def test_what_is_known_does_not_halt_again_what_a_person_let_go_on() -> None:
    world = an_outage()
    world.primary.orders.clear()
    audited(world)
    assert world.container.lift_halt("Ada", "the backup is complete again")
    again = audited(world)
    assert (again.lost, again.new, world.halts.read()) == ((world.ref,), 0, None)
    last = world.incidents.last()
    assert last
    assert (last.timeline[-1].what, last.timeline[-1].who) == (Happened.LIFTED, "Ada")
    assert not world.container.lift_halt("Ada", "twice")


def test_a_list_that_is_a_moment_behind_is_not_believed() -> None:
    world = an_outage()
    world.primary.placed_at = dict.fromkeys(world.primary.placed_at, world.now - LONG)
    assert audited(world).lost == ()


def test_of_a_shop_that_lost_very_many_not_each_is_asked_for() -> None:
    world = an_outage(orders=60)
    world.primary.orders.clear()
    before = world.primary.calls["find"]
    assert len(audited(world).lost) == 60
    assert world.primary.calls["find"] - before == 50


def test_what_was_undone_need_not_be_there() -> None:
    world = an_outage()
    world.she_cancels()
    world.time_passes(timedelta(minutes=1))
    world.primary.orders.clear()
    assert (audited(world).checked, audited(world).lost) == (0, ())


def test_it_looks_back_as_far_as_it_is_told() -> None:
    world = an_outage()
    late = world.now
    another_customer_orders(world, "late")
    world.time_passes(timedelta(minutes=1))
    world.primary.orders.clear()
    assert audited(world, since=late).lost == (world.ref,)


@pytest.mark.parametrize("call", ["placed_since", "find"])
def test_a_shop_that_does_not_answer_is_not_audited(call: str) -> None:
    world = an_outage()
    world.primary.orders.clear()
    world.primary.fail_next(call, TryAgain("the shop is away"))
    assert audited(world).why_not == "the shop is away"
    assert (world.order.holds, world.halts.read()) == ((), None)
