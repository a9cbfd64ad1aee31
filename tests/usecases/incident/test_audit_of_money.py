"""The audit looks at money too, also in standby and while the shop is away."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.incident.balance import DifferenceCode
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.incident.outages import an_outage, counted
from tests.usecases.incident.test_audit import audited
from tests.usecases.world import TOTAL, World, an_authorized_order


def with_payment(world: World, **figures: int) -> World:
    """As an older release, or a hand in the database, has left it."""
    order = world.order
    world.ledger.commit(order, replace(order, payment=replace(order.payment, **figures)), ())
    return world


def a_settled_order_in_standby() -> World:
    world = an_authorized_order()
    world.time_passes(timedelta(minutes=5))
    assert world.is_settled()
    return world


def test_an_order_that_was_settled_with_less_than_it_costs_is_held_and_a_persons_word_settles_it() -> None:
    world = with_payment(a_settled_order_in_standby(), captured=100)
    assert audited(world).money == (world.ref,)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.CAPTURED_LESS])
    assert world.order.holds[0].detail == f"100 of {TOTAL}"
    release_hold(world.container, world.ref, HoldCode.CAPTURED_LESS, "Ann")
    assert (audited(world).money, world.holds, world.headline) == ((), [], Headline.SETTLED)


def test_the_audit_refunds_what_was_captured_above_the_price() -> None:
    world = with_payment(a_settled_order_in_standby(), amount=TOTAL - 1299)
    assert audited(world).money == (world.ref,)
    world.time_passes()
    assert (world.captured, world.headline, audited(world).money) == (TOTAL - 1299, Headline.SETTLED, ())


def test_the_money_is_looked_at_although_the_shop_does_not_answer() -> None:
    world = with_payment(a_settled_order_in_standby(), amount=TOTAL - 1299)
    world.primary.fail_next("placed_since", TryAgain("away"), times=5)
    audit = audited(world)
    assert (audit.money, bool(audit.why_not)) == ((world.ref,), True)


def test_an_incident_balances_although_less_was_captured_when_a_person_let_that_stand() -> None:
    world = an_outage()
    with_payment(world, captured=100)
    assert [each.code for each in counted(world).differences if each.code is DifferenceCode.NOT_TAKEN] == [
        DifferenceCode.NOT_TAKEN
    ]
    audited(world)
    release_hold(world.container, world.ref, HoldCode.CAPTURED_LESS, "Ann")
    assert DifferenceCode.NOT_TAKEN not in {each.code for each in counted(world).differences}


def test_an_incident_does_not_balance_while_more_is_kept_than_an_order_costs() -> None:
    world = an_outage()
    with_payment(world, amount=TOTAL - 1299)
    assert DifferenceCode.OWED in {each.code for each in counted(world).differences}
    audited(world)
    assert DifferenceCode.OWED not in {each.code for each in counted(world).differences}
