"""An incident is counted, compared with Stripe and the shop, and closed when it balances."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import TryAgain, UnknownIncident
from fallback.domain.incident.audit import LOOKS_BACK
from fallback.domain.incident.balance import Balance, DifferenceCode, Fate, Missing, Side, lacking
from fallback.domain.incident.closing import NotBalanced
from fallback.domain.incident.incident import IncidentEvent
from fallback.domain.money import Money
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Attempt, Call, Event, PlacementState, Queue
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import a_hold
from tests.fakes.gateway import VISA
from tests.fakes.pace import a_rule
from tests.usecases.world import TOTAL, World, an_authorized_order

MINUTE = timedelta(minutes=1)


def switched(world: World, mode: Mode, reason: str = "the payment page is down") -> None:
    world.modes.switch(ModeState(mode, world.clock(), "Ada", reason))
    follow_mode(world.container)


def an_outage(orders: int = 1) -> World:
    """So many customers bought in it, all was handed over, and the shop serves again."""
    world = World()
    switched(world, Mode.ACTIVE)
    for number in range(orders):
        another_customer_orders(world, f"{number}")
    switched(world, Mode.DRAINING, "it is back")
    world.time_passes(MINUTE)
    switched(world, Mode.STANDBY, "all is handed over")
    return world


def another_customer_orders(world: World, who: str, card: str | None = VISA) -> None:
    world.a_customer_orders(card, cart_id=f"basket-{who}", key=f"key-{who}", email=f"{who}@example.org")


def incident_id(world: World) -> str:
    last = world.incidents.last()
    assert last
    return last.id


def counted(world: World) -> Balance:
    balance: Balance = count_balance(world.container, incident_id(world))
    return balance


def differences(world: World) -> list[tuple[str, str, str]]:
    return [(each.side, each.code, each.ref) for each in counted(world).differences]


def closes(world: World) -> None:
    close_incident(world.container, incident_id(world), "Mara")


def lacks(world: World) -> dict[Missing, int]:
    with pytest.raises(NotBalanced) as refusal:
        closes(world)
    return dict(refusal.value.lacking)


# --- it balances


def test_an_outage_that_went_well_balances_and_is_closed() -> None:
    world = an_outage(orders=3)
    balance = counted(world)
    assert (balance.accepted, balance.captured.orders, balance.fates[Fate.SETTLED].orders) == (3, 3, 3)
    assert balance.captured.amounts == balance.ended.amounts == balance.taken == {"EUR": 3 * TOTAL}
    assert (balance.differences, balance.unasked) == ((), {})
    closes(world)
    last = world.incidents.last()
    assert last
    assert last.closed
    assert (last.timeline[-1].what, last.timeline[-1].who) == (IncidentEvent.CLOSED, "Mara")


def test_orders_of_before_and_after_are_not_counted() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    world.a_customer_orders(VISA)
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    assert counted(world).captured.orders == 1


def test_what_was_undone_counts_with_its_money_given_back() -> None:
    world = an_outage(orders=2)
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    balance = counted(world)
    assert (balance.fates[Fate.REFUNDED].orders, balance.given_back) == (1, {"EUR": TOTAL})
    assert differences(world) == []


def test_what_a_named_person_holds_is_on_the_right_side() -> None:
    world = an_outage()
    order = world.order
    world.ledger.commit(order, replace(order, owner="Ann", holds=(a_hold(HoldCode.MISMATCH),)), [])
    assert counted(world).ended.orders == 1
    closes(world)


# --- what is missing


def test_while_it_lasts_it_is_not_closed() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    counted(world)
    assert lacks(world) == {Missing.AN_END: 1}


def test_what_was_not_counted_is_not_closed() -> None:
    assert lacks(an_outage()) == {Missing.A_COUNT: 1}


def test_a_count_that_is_old_or_overtaken_has_to_be_made_anew() -> None:
    world = an_outage()
    counted(world)
    world.now += timedelta(minutes=16)
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}
    counted(world)
    world.the_customer_cancels()
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def test_a_count_from_before_it_ended_does_not_close_it() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    counted(world)
    switched(world, Mode.STANDBY)
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def test_what_is_under_way_keeps_it_open() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    world.a_customer_orders(card=None)
    switched(world, Mode.STANDBY)
    assert counted(world).fates[Fate.UNDER_WAY].amounts == {"EUR": TOTAL}
    assert lacks(world) == {Missing.UNDER_WAY: 1}


@pytest.mark.parametrize(("side", "lack"), [(Side.PROVIDER, Missing.PROVIDER), (Side.SHOP, Missing.SHOP)])
def test_who_does_not_answer_is_named_and_keeps_it_open(side: Side, lack: Missing) -> None:
    world = an_outage()
    if side is Side.PROVIDER:
        world.gateway.fail_next("listed", TryAgain("Stripe is away"))
    else:
        world.primary.fail_next("placed_since", TryAgain("the shop is away"))
    away = {Side.PROVIDER: "Stripe is away", Side.SHOP: "the shop is away"}
    assert counted(world).unasked == {side: away[side]}
    assert lacks(world) == {lack: 1}


# --- what is different, order by order


def test_an_index_that_has_an_order_elsewhere_is_named() -> None:
    world = an_outage(orders=2)
    world.books.moved[world.ref] = Headline.WAITING
    assert differences(world) == [(Side.LEDGER, DifferenceCode.INDEX, world.ref)]
    assert lacks(world) != {}


def test_money_that_stripe_gave_back_and_nobody_told_us_of_is_named() -> None:
    world = an_outage(orders=2)
    world.gateway.refund(world.intent_id, Money(500, "EUR"), "by hand")
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.REFUNDED, world.ref)]
    assert lacks(world) == {Missing.DIFFERENCES: 1}


def test_a_second_charge_for_an_order_is_named() -> None:
    world = an_outage(orders=2)
    charge_by_hand(world, world.ref)
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.TWICE, world.ref)]


def test_a_charge_for_an_order_that_we_never_had_is_named() -> None:
    world = an_outage()
    charge_by_hand(world, "FB-0000-0000-0")
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.STRANGER, "FB-0000-0000-0")]


def test_a_charge_for_an_order_of_another_time_is_no_difference() -> None:
    world = an_outage()
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    assert differences(world) == []


def charge_by_hand(world: World, ref: str) -> None:
    intent = world.gateway.create(ref, Money(TOTAL, "EUR"), "by hand")
    world.gateway.confirm(intent.id, VISA, "", "by hand, too")
    world.gateway.capture(intent.id, Money(TOTAL, "EUR"), "and captured")


def test_an_order_that_the_shop_has_no_more_is_named() -> None:
    world = an_outage(orders=2)
    del world.primary.orders[world.ref]
    assert differences(world) == [(Side.SHOP, DifferenceCode.MISSING, world.ref)]


def test_an_order_that_was_changed_in_the_shop_is_named_with_what_is_different() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    [found] = counted(world).differences
    assert (found.side, found.code, found.ref) == (Side.SHOP, DifferenceCode.DIFFERENT, world.ref)
    assert found.detail == f"total: {Money(TOTAL, 'EUR')} agreed, 0.01 EUR there"


def test_an_order_that_stands_in_the_shop_although_it_was_undone_is_named() -> None:
    world = an_outage()
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    world.primary.keep(replace(world.primary.orders[world.ref], status="placed"))
    assert differences(world) == [(Side.SHOP, DifferenceCode.STILL_THERE, world.ref)]


def test_what_moves_while_it_is_counted_is_no_difference() -> None:
    world = an_outage(orders=2)

    def the_customer_undoes_it() -> None:
        world.the_customer_cancels()
        world.time_passes(MINUTE)

    world.meanwhile("gateway", "listed", the_customer_undoes_it, before=True)
    assert differences(world) == []
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def changed_meanwhile(world: World, **changes: Any) -> None:
    """While it is counted the order becomes another one, after what was read of it first."""

    def change() -> None:
        order = world.order
        changed = replace(order, **{name: make(order) for name, make in changes.items()})
        world.ledger.commit(order, changed, [Event(world.now, "x", "y")])

    world.meanwhile("gateway", "listed", change, before=True)


def test_money_that_moves_by_a_call_that_is_under_way_is_no_difference() -> None:
    world = an_outage()
    world.gateway.refund(world.intent_id, Money(500, "EUR"), "a call")
    changed_meanwhile(
        world, payment=lambda order: replace(order.payment, attempt=Attempt(Call.REFUND, "key", world.now))
    )
    assert differences(world) == []


def test_a_list_of_stripe_that_is_behind_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    world = an_outage(orders=2)
    monkeypatch.setattr(world.gateway, "listed", lambda _: [])
    assert differences(world) == []


def test_what_the_shop_shall_change_is_no_difference() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    changed_meanwhile(world, amendment=lambda _: Amendment(who="Ann", since=world.now, what="lines"))
    assert differences(world) == []


def test_what_is_not_compared_any_more_is_no_difference() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    changed_meanwhile(world, placement=lambda order: replace(order.placement, state=PlacementState.PLACED))
    assert differences(world) == []


def test_an_order_of_which_the_shop_says_that_it_is_cancelled_there_is_named() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], status="cancelled"))
    assert [each.detail for each in counted(world).differences] == ["status: cancelled there"]


def test_goods_without_the_money_are_named() -> None:
    world = an_outage()
    order = world.order
    world.ledger.commit(order, replace(order, payment=replace(order.payment, captured=1)), [Event(world.now, "x", "y")])
    assert (Side.LEDGER, DifferenceCode.NOT_TAKEN, world.ref) in differences(world)
    assert world.order.placement.state is PlacementState.VERIFIED


# --- standby


def standby(world: World) -> Balance:
    balance: Balance = count_balance(world.container, NO_INCIDENT)
    return balance


def test_the_orders_of_no_incident_are_counted_as_standby() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    another_customer_orders(world, "within")
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    balance = standby(world)
    assert (balance.accepted, balance.captured.orders, balance.taken) == (2, 2, {"EUR": 2 * TOTAL})
    assert (balance.differences, lacking(balance)) == ((), {})
    assert world.books.balance(NO_INCIDENT) == balance


def test_standby_is_counted_up_to_an_incident_that_lasts() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    another_customer_orders(world, "within")
    assert standby(world).accepted == 1


def test_standby_is_counted_as_far_back_as_an_audit_looks() -> None:
    world = World()
    another_customer_orders(world, "first")
    world.time_passes(LOOKS_BACK)
    another_customer_orders(world, "now")
    world.time_passes(MINUTE)
    assert standby(world).accepted == 1


def test_what_is_different_in_standby_is_named() -> None:
    world = World()
    world.a_customer_orders(VISA)
    another_customer_orders(world, "second")
    world.time_passes(MINUTE)
    lost, undone = world.ledger.refs()
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    world.primary.keep(replace(world.primary.orders[undone], status="placed"))
    del world.primary.orders[lost]
    world.gateway.refund(world.ledger.load(lost).payment.intent or "", Money(500, "EUR"), "by hand")
    assert {(each.side, each.code, each.ref) for each in standby(world).differences} == {
        (Side.SHOP, DifferenceCode.STILL_THERE, undone),
        (Side.SHOP, DifferenceCode.MISSING, lost),
        (Side.PROVIDER, DifferenceCode.REFUNDED, lost),
    }


def test_an_index_that_has_an_order_of_standby_elsewhere_is_named() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    moved = world.ledger.refs()[1]
    world.books.moved[moved] = Headline.WAITING
    assert [(each.code, each.ref) for each in standby(world).differences] == [(DifferenceCode.INDEX, moved)]


def test_in_standby_some_order_is_always_under_way() -> None:
    world = World()
    world.a_customer_orders(card=None)
    balance = standby(world)
    assert (balance.fates[Fate.UNDER_WAY].orders, lacking(balance)) == (1, {})


def test_standby_is_not_closed() -> None:
    with pytest.raises(UnknownIncident):
        close_incident(World().container, NO_INCIDENT, "Mara")


@pytest.mark.parametrize("taken", [TOTAL, 100])
def test_a_capture_by_hand_whose_news_are_lost_is_found_by_the_count_of_standby(taken: int) -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, Money(taken, "EUR"), "by hand")
    world.time_passes(MINUTE, Queue.PAYMENT)
    assert world.order.payment.captured == 0
    assert [(each.side, each.code) for each in standby(world).differences] == [(Side.PROVIDER, DifferenceCode.CAPTURED)]
    world.time_passes(MINUTE, Queue.PAYMENT)
    assert world.order.payment.captured == taken
    assert (HoldCode.CAPTURED_LESS in world.holds) is (taken < TOTAL)
    assert standby(world).differences == ()


def test_it_is_compared_while_the_drain_is_paused() -> None:
    world = an_outage()
    world.pace.decide(a_rule(20, paused=True))
    assert counted(world).unasked == {}
