"""An order in the shop, step by step: what each step changes, tells and refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.amendment import Amendment
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Event,
    Notice,
    NoticeKind,
    Order,
    PaymentState,
    Placement,
    PlacementState,
    Queue,
)
from fallback.domain.order.patience import PATIENCE
from fallback.domain.placement import placement as placements
from tests.builders import NOW, a_hold, a_payment, a_primary_order, an_order
from tests.refusals import not_now, refused

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(hours=2)
ATTEMPT = Attempt(Call.PLACE, "FB", NOW)


def of(state: PlacementState, **changes: Any) -> Order:
    """A call is under way, and was tried before."""
    placement = Placement(state=state, attempt=ATTEMPT, tries=3, due_at=NOW, sent=state is not S.WAITING)
    return an_order(**({"placement": placement} | changes))


def after(order: Order, *events: Event, **changes: Any) -> Change:
    return Change(replace(order, placement=replace(order.placement, **changes)), events)


def the_hold(change: Change | None) -> tuple[Any, ...]:
    assert change
    [hold] = change.order.holds
    return hold.code, hold.owner, hold.since, hold.detail


# --- on its way there


def test_each_try_is_counted_until_a_person_looks_at_it() -> None:
    order = of(S.WAITING, placement=Placement(tries=7))
    attempt = Attempt(Call.PLACE, order.ref, LATER)
    begun = placements.begin_placing(order, LATER, "the desk")
    assert begun == after(order, state=S.PLACING, attempt=attempt, tries=8, sent=True)
    poison = placements.begin_placing(of(S.WAITING, placement=Placement(tries=8)), LATER, "the desk")
    assert the_hold(poison) == (HoldCode.POISON, "the desk", LATER, "placement")


def test_what_the_shop_has_is_read_back_at_once() -> None:
    order = of(S.PLACING)
    told = Event(LATER, "placed", "primary", {"number": "100001"})
    assert placements.placed(order, a_primary_order(order), LATER) == after(
        order, told, state=S.PLACED, attempt=None, tries=0, id="1", number="100001", due_at=LATER
    )


def test_what_the_shop_does_not_take_now_goes_later() -> None:
    order = of(S.PLACING)
    away = {"state": S.WAITING, "attempt": None}
    assert placements.turned_away(order, MUCH_LATER) == after(order, **away, tries=0, due_at=MUCH_LATER)
    assert placements.turned_away_for_rival(order, LATER) == after(order, **away, due_at=LATER)
    released = replace(order, released=True)
    assert placements.not_there(released, NOW + PATIENCE) == after(order, **away, due_at=NOW + PATIENCE)


def test_an_order_whose_response_was_lost_is_looked_for_soon() -> None:
    order = of(S.PLACING)
    told = Event(LATER, "placement_unknown", "worker")
    lost = placements.lost(order, LATER, LATER)
    assert lost == after(order, told, state=S.UNKNOWN, attempt=ATTEMPT, due_at=LATER)
    assert due_times(lost.order)[Queue.PLACEMENT] == LATER
    assert placements.put_off(order, MUCH_LATER, LATER) == placements.lost(order, MUCH_LATER, LATER)
    unknown = of(S.UNKNOWN)
    assert placements.put_off(unknown, MUCH_LATER, LATER) == after(unknown, due_at=MUCH_LATER)


def test_that_the_shop_does_not_have_it_is_believed_only_when_the_attempts_time_is_over() -> None:
    """What was sent may still arrive: placed again before that, it would be there twice."""
    order = placements.lost(of(S.PLACING), LATER, LATER).order
    began = order.placement.attempt.began_at
    asked_again = [began + timedelta(seconds=2)]
    while (change := placements.not_there(order, asked_again[-1])).order.placement.state is S.UNKNOWN:
        order = change.order
        asked_again.append(due_times(order)[Queue.PLACEMENT])
    assert [at - began for at in asked_again] == [timedelta(seconds=each) for each in (2, 4, 8, 16, 30)]
    assert asked_again[-1] == began + PATIENCE
    assert change.order.placement == replace(order.placement, state=S.WAITING, attempt=None, due_at=asked_again[-1])


@pytest.mark.parametrize(
    ("order", "is_asked_for"),
    [
        (of(S.PLACED), True),
        (of(S.VERIFIED, payment=a_payment(P.CAPTURED)), True),
        (of(S.VERIFIED, payment=a_payment(P.NONE, amount=0)), True),
        (of(S.VERIFIED, payment=a_payment(P.ACTION_REQUIRED)), False),
        (of(S.PLACING), False),
        (of(S.VERIFIED, amendment=Amendment(who="Ann", since=NOW, what="lines", address=True)), False),
        (of(S.VERIFIED, payment=a_payment(P.AUTHORIZED, attempt=ATTEMPT)), False),
    ],
)
def test_what_the_shop_may_have_lost_is_placed_anew_while_it_is_paid_for(order: Order, is_asked_for: bool) -> None:
    anew = after(order, state=S.UNKNOWN, attempt=None).order
    assert placements.forgotten(order) == (anew if is_asked_for else order)


@pytest.mark.parametrize(
    ("code", "hold", "detail"),
    [
        ("out_of_stock", HoldCode.OUT_OF_STOCK, "BK-1"),
        ("price_changed", HoldCode.PRICE_CHANGED, "BK-1"),
        ("already_shipped", HoldCode.ALREADY_SHIPPED, "BK-1"),
        ("not_found", HoldCode.PRIMARY_REGRESSED, "BK-1"),
        ("odd", HoldCode.PRIMARY_REFUSED, "odd: BK-1"),
    ],
)
def test_what_the_shop_will_never_take_a_person_decides(code: str, hold: HoldCode, detail: str) -> None:
    order = of(S.PLACING)
    held = placements.not_taken(order, code, "BK-1", LATER, "the desk")
    assert the_hold(held) == (hold, "the desk", LATER, detail)
    assert held.order.placement == replace(order.placement, state=S.WAITING, attempt=None, tries=0)


# --- read back


def test_what_an_order_at_agreed_prices_would_have_cost_that_day_is_kept() -> None:
    order = of(S.PLACED, payment=a_payment(P.AUTHORIZED))
    there = a_primary_order(order)
    for price_now, difference in ((there.lines[0].unit_price + 50, 50), (there.lines[0].unit_price - 20, -20)):
        changed = replace(there, lines=(replace(there.lines[0], price_now=price_now), *there.lines[1:]))
        verified = placements.read_back(order, changed, LATER, "the desk")
        assert verified
        amount = difference * there.lines[0].quantity
        assert verified.order.placement.honoured == amount
        assert verified.events[1:] == (Event(LATER, "prices_honoured", "primary", {"amount": amount}),)


@pytest.mark.parametrize(
    ("payment", "kinds"), [(P.AUTHORIZED, []), (P.CAPTURED, [NoticeKind.PLACED]), (P.REFUNDED, [])]
)
def test_an_order_that_reads_back_as_agreed_is_verified(payment: PaymentState, kinds: list[NoticeKind]) -> None:
    order = of(S.PLACED, payment=a_payment(payment))
    verified = placements.read_back(order, a_primary_order(order), LATER, "the desk")
    assert verified
    assert verified.order.placement == replace(order.placement, state=S.VERIFIED, due_at=None)
    assert [(notice.kind, notice.due_at) for notice in verified.order.notices] == [(kind, LATER) for kind in kinds]
    assert verified.events == (Event(LATER, "verified", "primary"),)


def test_an_order_that_reads_back_differently_is_held_with_all_differences() -> None:
    order = of(S.PLACED, placement=Placement(state=S.PLACED, read_again_at=LATER, due_at=NOW))
    held = placements.read_back(order, a_primary_order(order, currency="USD", cart_id="x"), LATER, "the desk")
    detail = f"currency: EUR agreed, USD there; cart: {order.cart_id} agreed"
    assert the_hold(held) == (HoldCode.MISMATCH, "the desk", LATER, f"{detail}, x there")
    assert held
    assert held.order.placement == replace(order.placement, read_again_at=None)


@pytest.mark.parametrize(
    ("read_again_at", "now", "left"),
    [
        (MUCH_LATER, LATER, {"due_at": MUCH_LATER}),
        (LATER, LATER, {"due_at": None, "read_again_at": None}),
        (None, LATER, None),
    ],
)
def test_a_change_may_come_late_so_it_is_read_once_more(read_again_at: Any, now: Any, left: Any) -> None:
    placement = Placement(state=S.VERIFIED, read_again_at=read_again_at, due_at=NOW)
    order = an_order(payment=a_payment(P.CAPTURED), placement=placement)
    again = placements.read_back(order, a_primary_order(order), now, "the desk")
    assert again == (after(order, **left) if left else None)
    not_captured = replace(order, payment=a_payment(P.AUTHORIZED))
    assert placements.read_back(not_captured, a_primary_order(order), now, "the desk") is None


# --- given up


def released(order: Order, kind: NoticeKind, now: Any, *events: Event, **placement: Any) -> Change:
    """Nothing was ever paid, so the payment is void at once."""
    payment = replace(order.payment, state=P.VOIDED, due_at=None, tries=0)
    voided = Event(now, "voided", "worker")
    notices = (Notice(id="1", kind=kind, due_at=now),)
    over = replace(order, payment=payment, notices=notices, placement=replace(order.placement, **placement))
    return Change(over, (*events, voided))


UNPAID = a_payment(P.NONE, tries=2, due_at=NOW)


def test_ours_gives_way_to_the_order_that_the_shop_has() -> None:
    order = of(S.WAITING, payment=UNPAID)
    merged = Event(LATER, "merged", "worker", {"number": "100077"})
    rival = a_primary_order(order, id="77", number="100077")
    there = {"state": S.MERGED, "attempt": None, "due_at": None, "id": "77", "number": "100077"}
    assert placements.merged(order, rival, LATER) == released(order, NoticeKind.MERGED, LATER, merged, **there)


@pytest.mark.parametrize(("written", "number"), [(" #A-77 ", "A-77"), ("X-77", "X-77")])
def test_a_person_found_it_in_the_shop(written: str, number: str) -> None:
    order = of(S.WAITING, payment=UNPAID, holds=(a_hold(HoldCode.OUT_OF_STOCK),))
    there = {"state": S.MERGED, "attempt": None, "due_at": None, "number": number}
    merged = Event(LATER, "merged", "Ann", {"number": number})
    found = placements.found_there(order, HoldCode.OUT_OF_STOCK, written, True, LATER, "Ann")
    assert found == released(replace(order, holds=()), NoticeKind.MERGED, LATER, merged, **there)


def test_what_a_person_found_has_a_number_and_is_paid() -> None:
    order = of(S.WAITING, holds=(a_hold(HoldCode.OUT_OF_STOCK),))
    for number in ("", "a number", "4242424242424242", "77#"):
        with refused("number", "number", "This is not an order number."):
            placements.found_there(order, HoldCode.OUT_OF_STOCK, number, True, LATER, "Ann")
    with refused("paid", "not_paid", "An unpaid order is not shipped."):
        placements.found_there(order, HoldCode.OUT_OF_STOCK, "77", False, LATER, "Ann")


@pytest.mark.parametrize(
    "changes",
    [
        {"holds": ()},
        {"holds": (a_hold(HoldCode.MISMATCH),), "code": HoldCode.MISMATCH},
        {"cancel_asked": True},
        {"placement": Placement(state=S.PLACED)},
    ],
)
def test_only_what_waits_for_that_and_is_not_in_the_shop_is_found_there(changes: dict[str, Any]) -> None:
    about = {"holds": (a_hold(HoldCode.OUT_OF_STOCK),), "code": HoldCode.OUT_OF_STOCK} | changes
    code = about.pop("code")
    order = of(S.WAITING, **about)
    with not_now(placements.headline(order), "merge"):
        placements.found_there(order, code, "77", True, LATER, "Ann")
    assert placements.may_be_there(of(S.WAITING, holds=(a_hold(HoldCode.PRIMARY_REFUSED),)), HoldCode.PRIMARY_REFUSED)


def test_an_order_that_was_not_sent_is_cancelled_at_once() -> None:
    order = of(S.WAITING, payment=UNPAID, holds=(a_hold(HoldCode.BY_HAND), a_hold(HoldCode.ASKED_FOR_A_PERSON)))
    undone = replace(order, cancel_asked=True, holds=order.holds[1:])
    events = Event(LATER, "cancel_asked", "customer"), Event(LATER, "cancelled", "worker")
    there = {"state": S.CANCELLED, "attempt": None, "due_at": None}
    asked = placements.ask_to_cancel(order, LATER, "customer")
    assert asked == released(undone, NoticeKind.CANCELLED, LATER, *events, **there)


@pytest.mark.parametrize(("state", "due_at"), [(S.VERIFIED, LATER), (S.PLACING, LATER), (S.UNKNOWN, NOW)])
def test_what_the_shop_may_have_is_cancelled_there_first(state: PlacementState, due_at: Any) -> None:
    order = of(state, holds=(a_hold(HoldCode.BY_HAND), a_hold(HoldCode.MISMATCH)))
    asked = placements.ask_to_cancel(order, LATER, "Ann")
    undoing = replace(order, cancel_asked=True, holds=order.holds[1:])
    assert asked == after(undoing, Event(LATER, "cancel_asked", "Ann"), due_at=due_at)


def test_a_cancelled_or_merged_order_cannot_be_cancelled_again() -> None:
    assert placements.ask_to_cancel(of(S.PLACED, cancel_asked=True), LATER, "customer") is None
    assert placements.ask_to_cancel(of(S.CANCELLED), LATER, "customer") is None
    with not_now(Headline.UNDOING, "cancel"):
        placements.ask_to_cancel(of(S.MERGED), LATER, "customer")


STAYING = (HoldCode.ASKED_FOR_A_PERSON, HoldCode.REFUND_FAILED)
GOING = (HoldCode.MISMATCH, HoldCode.REFUND_ASKED, HoldCode.POISON)


@pytest.mark.parametrize(
    "payment",
    [
        a_payment(P.AUTHORIZED, tries=2),
        a_payment(P.PENDING, attempt=ATTEMPT, tries=2),
        a_payment(P.UNKNOWN, intent=None, tries=2),
    ],
)
def test_cancelling_an_order_ends_its_holds_and_makes_the_release_of_its_money_due(payment: Any) -> None:
    holds = tuple(map(a_hold, STAYING + GOING))
    requested = Amendment(who="Ann", since=NOW, what="lines", address=True)
    order = of(S.PLACED, payment=payment, holds=holds, amendment=requested)
    over = replace(order, holds=holds[:2], amendment=None, payment=replace(payment, tries=0, due_at=LATER))
    told = Event(LATER, "cancelled", "worker")
    gone = {"state": S.CANCELLED, "attempt": None}
    assert placements.cancelled(order, LATER) == after(over, told, **gone, late_since=LATER, due_at=LATER)
    assert placements.cancelled(order, LATER, for_good=True) == after(over, told, **gone, due_at=None)
