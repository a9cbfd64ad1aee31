"""The audit finds orders that the shop lost, puts each on hold with a named owner, and halts the drain."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.incident.audit import Audit
from fallback.domain.incident.balance import DifferenceCode, Side
from fallback.domain.incident.incident import ITSELF, IncidentEvent
from fallback.domain.incident.watching import T
from fallback.domain.money import Money
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Placement, PlacementState, Queue
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import NOTHING
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.matching import PrimaryOrder
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.lift_halt import lift_halt
from fallback.usecases.order.cancel_order import cancel_order
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import wanted
from tests.fakes.pace import a_rule
from tests.refusals import refused
from tests.usecases.incident.outages import an_outage, another_customer_orders, counted, switched
from tests.usecases.world import LONG, TOTAL, World, an_authorized_order


def audited(world: World, **how: object) -> Audit:
    audit: Audit = audit_primary(world.container, **how)
    return audit


def test_a_shop_that_has_everything_is_left_alone() -> None:
    world = an_outage(orders=3)
    audit = audited(world)
    assert (audit.checked, audit.lost, audit.new, audit.why_not, audit.unread) == (3, (), 0, "", 0)
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
    assert "lost 1 order that" in halt.reason
    last = world.incidents.last()
    assert last
    assert last.timeline[-1].what is IncidentEvent.HALTED
    world.time_passes(timedelta(minutes=1), Queue.NOTICE)
    assert world.order.owner


def test_a_known_loss_does_not_halt_the_drain_again_after_a_person_resumed_it() -> None:
    world = an_outage()
    world.primary.orders.clear()
    audited(world)
    assert lift_halt(world.container, "Ada", "the backup is complete again")
    again = audited(world)
    assert (again.lost, again.new, world.halts.read()) == ((world.ref,), 0, None)
    last = world.incidents.last()
    assert last
    assert (last.timeline[-1].what, last.timeline[-1].who) == (IncidentEvent.LIFTED, "Ada")
    assert not lift_halt(world.container, "Ada", "twice")


@pytest.mark.parametrize(
    ("reason", "code", "detail"),
    [
        ("\u200b", "empty", "Please write something."),
        ("x" * 301, "too_long", "At most 300 characters."),
        ("of 4242 4242 4242 4242", "card_number", "Please leave card numbers out."),
    ],
    ids=ascii,
)
def test_a_halt_is_lifted_for_a_reason_that_can_be_kept(reason: str, code: str, detail: str) -> None:
    world = an_outage()
    world.primary.orders.clear()
    audited(world)
    with refused("reason", code, detail):
        lift_halt(world.container, "Ada", reason)
    assert world.halts.read()


def test_a_list_that_is_a_moment_behind_is_not_believed() -> None:
    world = an_outage()
    world.primary.placed_at = dict.fromkeys(world.primary.placed_at, world.now - LONG)
    assert audited(world).lost == ()


def test_the_audit_does_not_look_up_each_of_very_many_lost_orders() -> None:
    world = an_outage(orders=60)
    world.primary.orders.clear()
    before = world.primary.calls["find"]
    assert len(audited(world).lost) == 60
    halt = world.halts.read()
    assert halt
    assert "lost 60 orders that" in halt.reason
    assert world.primary.calls["find"] - before == 50


def test_what_was_undone_need_not_be_there() -> None:
    world = an_outage()
    world.the_customer_cancels()
    world.time_passes(timedelta(minutes=1))
    world.primary.orders.clear()
    assert (audited(world).checked, audited(world).lost) == (0, ())


def test_the_audit_covers_the_requested_period() -> None:
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


def test_an_order_that_comes_meanwhile_does_not_make_up_for_one_that_cannot_be_read() -> None:
    world = an_outage(orders=3)
    world.books.unread.add(world.ref)

    def meanwhile(side: Side, items: Iterable[T], _: int | None = None) -> Iterable[T]:
        if side is Side.LEDGER:
            another_customer_orders(world, "late")
        return items

    assert audited(world, watch=meanwhile).unread == 1


def test_what_cannot_be_read_is_counted_though_the_shop_is_away() -> None:
    world = an_outage(orders=2)
    world.books.unread.add(world.ref)
    world.primary.fail_next("placed_since", TryAgain("the shop is away"))
    audit = audited(world)
    assert (audit.why_not, audit.checked, audit.unread) == ("the shop is away", 1, 1)


# --- what must not be there


def stands_there(world: World, **changes: object) -> PrimaryOrder:
    """Somebody at the shop brings it back, or it arrives late."""
    return world.primary.keep(replace(world.primary.orders[world.ref], status="placed", **changes))


def refunded_by_hand(world: World) -> World:
    world.gateway.refund(world.intent_id, Money(TOTAL, "EUR"), "dashboard")
    world.stripe_says(PaymentNews.REFUNDED)
    world.time_passes(timedelta(minutes=1))
    assert world.headline is Headline.REFUNDED
    return world


@pytest.mark.parametrize("mode", [Mode.STANDBY, Mode.DRAINING])
def test_the_audit_cancels_an_ended_order_in_the_shop_in_every_mode(mode: Mode) -> None:
    world = an_outage()
    switched(world, mode)
    world.the_customer_cancels()
    world.time_passes(timedelta(minutes=1))
    there = stands_there(world)
    assert audited(world).standing == (world.ref,)
    world.time_passes(timedelta(minutes=1))
    assert (world.orders_there, world.holds, audited(world).standing) == (0, [], ())
    [found] = [event for event in world.ledger.timeline(world.ref) if event.what == "late_found"]
    assert found.data == {"number": there.number}


def test_what_was_merged_and_stands_there_beside_the_rival_is_undone_there() -> None:
    world = an_authorized_order()
    world.a_rival()
    world.time_passes(timedelta(minutes=1))
    assert world.headline is Headline.MERGED
    ours = replace(wanted(world.order), id="88", number="100088", status="placed")
    world.primary.placed_at["88"] = world.now
    world.primary.keep(ours)
    assert audited(world).standing == (world.ref,)
    world.time_passes(timedelta(minutes=1))
    assert (world.orders_there, world.holds) == (1, [])


def test_where_the_shop_cannot_cancel_a_person_does_and_it_is_held_once() -> None:
    world = an_outage()
    world.the_customer_cancels()
    world.time_passes(timedelta(minutes=1))
    there = stands_there(world)
    world.primary.can -= {"cancel", "tombstones"}
    for _ in range(2):
        assert audited(world).standing == (world.ref,)
        world.time_passes(timedelta(hours=1))
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.BY_HAND, f"cancel {there.number}")]
    assert world.headline is Headline.REFUNDED  # what the customer reads is true still


def test_what_was_given_back_by_hand_and_stands_there_is_a_persons_business() -> None:
    world = refunded_by_hand(an_outage())
    number = world.primary.orders[world.ref].number
    assert audited(world).standing == (world.ref,)
    world.time_passes(timedelta(minutes=1))
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.BY_HAND, f"cancel {number}")]
    assert (world.headline, bool(world.order.owner)) == (Headline.REFUNDED, True)
    assert [(each.code, each.ref) for each in counted(world).differences] == [(DifferenceCode.STILL_THERE, world.ref)]

    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    assert (audited(world).standing, world.holds, counted(world).differences) == ((), [], ())


def test_what_was_given_back_by_hand_and_cancelled_there_need_not_be_there() -> None:
    world = refunded_by_hand(an_outage())
    world.primary.keep(replace(world.primary.orders[world.ref], status="cancelled"))
    assert (audited(world).standing, audited(world).lost, counted(world).differences) == ((), (), ())
    del world.primary.orders[world.ref]
    assert (audited(world).lost, counted(world).differences) == ((), ())


def test_goods_that_left_and_were_sent_back_stay_as_they_are() -> None:
    world = refunded_by_hand(an_outage())
    world.primary.keep(replace(world.primary.orders[world.ref], status="shipped"))
    assert (audited(world).standing, counted(world).differences) == ((), ())


def test_an_order_of_long_ago_that_comes_now_is_found_too() -> None:
    world = an_outage()
    world.the_customer_cancels()
    world.time_passes(timedelta(days=30))
    there = stands_there(world)
    world.primary.placed_at[there.id] = world.now
    assert audited(world).standing == (world.ref,)


# --- at the pace of the drain


def test_the_audit_takes_a_turn_for_each_request_to_the_shop() -> None:
    world = an_outage(orders=3)
    world.primary.orders.clear()
    given = world.pace.going().given
    audited(world)
    heard = sum((heard for heard in world.pace.heard), NOTHING)
    assert world.pace.going().given - given == heard.finished == 1 + 3  # the list, and each order that it lacks


def test_while_the_drain_is_paused_the_shop_is_asked_nothing() -> None:
    world = an_outage(orders=3)
    world.pace.decide(a_rule(paused=True))
    before = world.primary.calls.copy()
    assert audited(world).why_not == "The drain is paused."
    assert world.primary.calls == before


def test_a_person_may_ask_although_it_is_paused() -> None:
    world = an_outage()
    world.pace.decide(a_rule(10_000, paused=True))
    assert audited(world, although_paused=True).why_not == ""


# --- what it asks for, and how much of it


def test_the_shops_clock_may_be_behind_ours() -> None:
    world = an_outage()
    since = world.order.received_at
    world.primary.placed_at = dict.fromkeys(world.primary.placed_at, since - timedelta(minutes=4))
    before = world.primary.calls["find"]
    audited(world, since=since)
    assert world.primary.calls["find"] == before  # it was on the list


def test_what_is_on_the_list_is_not_asked_for_again() -> None:
    world = an_outage(orders=3)
    before = world.primary.calls["find"]
    assert audited(world).checked == 3
    assert world.primary.calls["find"] == before


def test_the_audit_reads_every_page_of_the_shops_list(monkeypatch: pytest.MonkeyPatch) -> None:
    world = an_outage(orders=5)
    monkeypatch.setattr(f"{audit_primary.__module__}.AT_ONCE", 2)
    there = dict(world.primary.orders)
    for ref in there:
        cancel_order(world.container, ref, "customer")
    world.time_passes(timedelta(minutes=1))
    world.primary.orders |= there  # an older backup
    before = world.primary.calls["find"]
    assert set(audited(world).standing) == set(there)
    assert world.primary.calls["find"] - before == 5  # each once


def test_the_audit_reads_no_more_lost_orders_at_once_than_redis_answers_quickly(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = an_outage(orders=5)
    monkeypatch.setattr(f"{audit_primary.__module__}.AT_ONCE", 2)
    world.primary.orders.clear()
    read: list[int] = []
    orders = world.books.orders
    monkeypatch.setattr(world.books, "orders", lambda refs: read.append(len(refs)) or orders(refs))
    assert len(audited(world).lost) == 5
    assert read[-3:] == [2, 2, 1]  # after all that should be there


def test_an_order_that_may_be_there_is_not_asked_for_singly() -> None:
    world = an_outage()
    world.ledger.keep(replace(world.order, placement=Placement(state=PlacementState.UNKNOWN)))
    before = world.primary.calls["find"]
    assert audited(world).standing == ()
    assert world.primary.calls["find"] == before


def test_a_shop_that_is_away_was_still_to_be_asked_about_so_many() -> None:
    world = an_outage(orders=2)
    world.primary.fail_next("placed_since", TryAgain("the shop is away"))
    assert audited(world).checked == 2


def test_the_incident_says_who_halted_it_and_why() -> None:
    world = an_outage()
    world.primary.orders.clear()
    audited(world)
    last, halt = world.incidents.last(), world.halts.read()
    assert last
    assert halt
    assert (last.timeline[-1].who, last.timeline[-1].text) == (ITSELF, halt.reason)
    lift_halt(world.container, "Ada", "the backup is complete again")
    last = world.incidents.last()
    assert last
    assert last.timeline[-1].text == "the backup is complete again"
