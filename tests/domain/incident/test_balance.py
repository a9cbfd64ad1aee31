"""Every order has one fate, and the balance sheet adds up for any orders."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.incident.balance import (
    ENDS,
    Count,
    Difference,
    DifferenceCode,
    Fate,
    Missing,
    Side,
    Sum,
    fate_of,
    lacking,
    own_differences,
    unpaid,
)
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import NO_INCIDENT, Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Event, Order, PaymentState, PlacementState
from tests.builders import NOW, a_hold, a_payment, an_order

NOBODY = frozenset({"the desk", "customer", ""})
INCIDENT = "2026-11-21-100000"


def the_balance(*orders: Order) -> object:
    metrics = Count(INCIDENT, NOBODY)
    for number, order in enumerate(orders):
        metrics.add(replace(order, ref=f"{number}"), [])
    return metrics.balance(NOW, len(orders), metrics.differences, {})


def settled(**changes: object) -> Order:
    return an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED, **changes)


def test_a_settled_order_that_is_not_fully_captured_is_a_difference() -> None:
    order = settled(ref="FB-1")
    short = replace(order, payment=replace(order.payment, captured=1))
    figures = "0.01 EUR taken, 0.00 EUR given back, 30.93 EUR agreed"
    assert own_differences(short, Fate.SETTLED) == [Difference(Side.LEDGER, DifferenceCode.NOT_TAKEN, "FB-1", figures)]


def test_money_above_what_it_costs_is_named() -> None:
    order = settled(ref="FB-1")
    owed = replace(order, payment=replace(order.payment, captured=4000))
    figures = "40.00 EUR taken, 0.00 EUR given back, 30.93 EUR agreed"
    assert own_differences(owed, Fate.SETTLED) == [Difference(Side.LEDGER, DifferenceCode.OWED, "FB-1", figures)]


def test_money_that_was_kept_of_an_order_that_was_undone_is_named() -> None:
    undone = an_order(
        ref="FB-1", payment=a_payment(PaymentState.REFUNDED, refunded=3000), placement=PlacementState.CANCELLED
    )
    figures = "30.93 EUR taken, 30.00 EUR given back, 30.93 EUR agreed"
    kept = [Difference(Side.LEDGER, DifferenceCode.KEPT, "FB-1", figures)]
    assert own_differences(undone, fate_of(undone, NOBODY)) == kept
    but_a_cent = replace(undone, payment=replace(undone.payment, refunded=3092))
    assert [found.code for found in own_differences(but_a_cent, Fate.CANCELLED)] == [DifferenceCode.KEPT]
    all_back = replace(undone, payment=replace(undone.payment, refunded=3093))
    assert own_differences(all_back, Fate.CANCELLED) == own_differences(an_order(), Fate.UNDER_WAY) == []


def test_the_differences_of_all_orders_are_on_the_sheet() -> None:
    short = settled(ref="FB-1")
    short = replace(short, payment=replace(short.payment, captured=1))
    assert [found.code for found in the_balance(short, settled(), short).differences] == [DifferenceCode.NOT_TAKEN] * 2


def test_what_went_back_and_what_is_doubted_or_lost_is_counted_by_currency() -> None:
    undone = an_order(payment=a_payment(PaymentState.REFUNDED), placement=PlacementState.CANCELLED)
    dispute = Concern("du_1", ConcernKind.DISPUTE, ConcernState.OPEN, NOW, amount=2000)
    disputed = settled(concerns=(dispute,))
    reviewed = an_order(concerns=(replace(dispute, id="prv_1", kind=ConcernKind.REVIEW, amount=0),))
    lost = settled(concerns=(replace(dispute, state=ConcernState.UPHELD),), currency="JPY")
    partly = replace(disputed, payment=replace(disputed.payment, captured=3000))
    balance = the_balance(undone, undone, disputed, reviewed, lost, partly)
    assert balance.given_back == {"EUR": 6186}
    assert balance.doubted == Sum(3, {"EUR": 3093 + 3093 + 3000})
    assert balance.lost == Sum(1, {"JPY": 2000})


def test_an_order_on_hold_without_a_named_owner_keeps_the_incident_open() -> None:
    held = an_order(holds=(a_hold(HoldCode.MISMATCH),))
    waiting = an_order()
    assert lacking(the_balance(held, waiting, settled())) == {Missing.UNNAMED: 1, Missing.UNDER_WAY: 1}
    assert lacking(the_balance(replace(held, owner="Ann"), settled())) == {}


def test_standby_goes_on_with_orders_under_way() -> None:
    metrics = Count(NO_INCIDENT, NOBODY)
    metrics.add(an_order(), [])
    metrics.add(an_order(), [])
    standby = metrics.balance(NOW, 2, [], {})
    assert lacking(standby) == {}
    assert standby.by_headline == {Headline.WAITING: 2}


def test_what_only_the_customers_can_bring_on_is_counted() -> None:
    waits = an_order(payment=a_payment(PaymentState.NONE))
    assert unpaid(the_balance(waits, an_order(), settled())) == 1
    assert unpaid(the_balance(an_order(), settled())) == 0
    assert unpaid(None) == 0


def test_money_is_counted_by_currency() -> None:
    balance = the_balance(settled(), settled(currency="JPY"), settled())
    assert balance.fates[Fate.SETTLED].amounts == balance.taken == {"EUR": 6186, "JPY": 3093}
    assert [balance.fates[fate].orders for fate in ENDS] == [3, 0, 0, 0, 0]


def test_goodwill_is_that_of_this_incident() -> None:
    grant = Grant(
        id=1, kind=GrantKind.GOODWILL, amount=500, reason="waited", who="Ann", at=NOW, incident=INCIDENT,
        state=GrantState.GRANTED,
    )  # fmt: skip
    other = replace(grant, id=2, incident="standby")
    asked = replace(grant, id=3, state=GrantState.ASKED)
    assert the_balance(settled(grants=(grant, other, asked))).goodwill == {"EUR": 500}
    assert the_balance(settled(grants=(grant,)), settled(grants=(grant,))).goodwill == {"EUR": 1000}


def test_the_time_to_the_first_word_is_that_of_the_timelines() -> None:
    metrics = Count(INCIDENT, NOBODY)
    metrics.add(settled(), [Event(NOW + timedelta(seconds=40), "notice_sent", "worker")])
    assert metrics.balance(NOW, 1, [], {}).word.median == 40


def test_a_side_that_did_not_answer_keeps_the_incident_open() -> None:
    metrics = Count(INCIDENT, NOBODY)
    assert lacking(metrics.balance(NOW, 0, [], {Side.SHOP: "away"})) == {Missing.SHOP: 1}
