"""The customer withdraws from the contract: by when, for what, and what comes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.order.cart import Discount
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.next_step import Step, due_times, next_step
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PaymentState, Placement, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.texts_by_people import read
from fallback.domain.order.withdrawal import WORKING_DAYS, WithdrawalState
from fallback.domain.placement import contract_withdrawal
from fallback.domain.placement.contract_withdrawal import may_withdraw, still_bought
from tests.builders import BOOK, NOW, SLOT, STANDARD, a_payment, an_order
from tests.refusals import not_now, refused

S, W = PlacementState, WithdrawalState
STONE = replace(BOOK, sku="ST-1", title="A stone", quantity=1, unit_price=500)
WITHOUT_SLOT = replace(STANDARD, slot=None)


def in_the_shop(**changes: Any) -> Order:
    captured = a_payment(PaymentState.CAPTURED)
    return an_order(**({"placement": S.VERIFIED, "payment": captured, "lines": (BOOK, STONE)} | changes))


IN_WHOLE = WithdrawContract("Iris M.", "iris@home.example", UNSET)


def stating(order: Order, stated: WithdrawContract, key: str = "a", at: Any = NOW) -> Change | None:
    return contract_withdrawal.withdraw(order, stated, key, 14, at, lambda _: None)


def withdrawn(order: Order, *quantities: int, key: str = "a", at: Any = NOW) -> Order:
    done = stating(order, replace(IN_WHOLE, quantities=quantities or UNSET), key, at)
    return done.order if done else order


# --- by when


@pytest.mark.parametrize(
    ("order", "days", "may"),
    [
        (in_the_shop(delivery=WITHOUT_SLOT), 44, True),  # delivered within 30 days at the latest
        (in_the_shop(delivery=WITHOUT_SLOT), 50, False),
        (in_the_shop(), 2 + 14, True),  # delivered on the third day
        (in_the_shop(), 2 + 14 + 4, True),  # the last day was Good Friday
        (in_the_shop(), 2 + 14 + 6, False),
        (an_order(), 100, True),  # nothing was delivered
        (in_the_shop(placement=S.MERGED), 1, True),
        (in_the_shop(placement=S.CANCELLED), 1, False),
        (in_the_shop(cancel_asked=True), 1, False),
        (in_the_shop(payment=a_payment(PaymentState.REFUNDED)), 1, False),
        (in_the_shop(customer=None), 1, False),
    ],
)
def test_it_is_possible_from_the_order_on_until_the_period_after_the_delivery_is_over(
    order: Order, days: int, may: bool
) -> None:
    assert may_withdraw(order, 14, NOW + timedelta(days=days)) is may


def test_a_shop_may_grant_none() -> None:
    assert not may_withdraw(in_the_shop(), 0, NOW)


def test_whoever_comes_too_late_is_told() -> None:
    last = SLOT.ends + timedelta(days=14) + WORKING_DAYS
    assert withdrawn(in_the_shop(), at=last).withdrawal
    with not_now(Headline.SETTLED, "withdraw"):
        withdrawn(in_the_shop(), at=last + timedelta.resolution)


# --- what is stated


def test_the_statement_is_kept_with_its_time_and_the_receipt_goes_to_the_address_in_it() -> None:
    order = withdrawn(in_the_shop())
    assert order.withdrawal
    [statement] = order.withdrawal.statements
    assert (statement.at, read(order, statement.name)) == (NOW, "Iris M.")
    assert [(line.sku, line.quantity) for line in statement.lines] == [("BK-1", 2), ("ST-1", 1)]
    [notice] = order.notices
    assert (notice.kind, read(order, notice.to)) == (NoticeKind.WITHDRAWAL, "iris@home.example")


def test_everybody_sees_who_stated_it_and_for_how_many_pieces() -> None:
    done = stating(in_the_shop(), IN_WHOLE)
    assert done
    assert done.events == (Event(NOW, "contract_withdrawn", "customer", {"pieces": 3}),)


@pytest.mark.parametrize(
    ("field", "text"), [("name", "4242 4242 4242 4242"), ("email", "4242424242424242@home.example")]
)
def test_a_card_number_is_refused_where_it_was_written(field: str, text: str) -> None:
    with refused(field, "card_number", "Please leave card numbers out."):
        stating(in_the_shop(), replace(IN_WHOLE, **{field: text}))


def test_pressing_twice_is_one_withdrawal() -> None:
    once = withdrawn(in_the_shop(), 1, 0)
    assert withdrawn(once, 1, 0) == once
    whole = withdrawn(in_the_shop())
    assert withdrawn(whole, key="another page") == whole


def test_chosen_pieces_leave_the_others_and_the_rest_may_follow() -> None:
    order = withdrawn(in_the_shop(), 1, 0)
    assert still_bought(order) == (1, 1)
    order = withdrawn(order, 1, 1, key="b")
    assert still_bought(order) == (0, 0)


def test_what_the_order_lost_since_then_is_not_counted_twice() -> None:
    order = withdrawn(in_the_shop(), 1, 0)
    assert still_bought(replace(order, lines=(replace(BOOK, quantity=1), STONE))) == (1, 1)


def test_what_was_taken_out_before_the_shop_had_the_order_may_be_followed_by_more() -> None:
    order = withdrawn(an_order(lines=(replace(BOOK, quantity=3),)), 1)
    order = withdrawn(replace(order, placement=Placement(state=S.VERIFIED)), 1, key="b")
    assert still_bought(order) == (1,)


def test_pieces_taken_out_of_one_of_two_lines_with_the_same_product_are_not_counted_twice() -> None:
    order = withdrawn(an_order(lines=(replace(BOOK, quantity=1), BOOK)), 1, 0)
    assert still_bought(order) == (2,)


@pytest.mark.parametrize(
    ("quantities", "field", "code", "detail"),
    [
        ((3, 0), "quantities.0", "more_than_bought", "At most 2 of this line."),
        ((0, 0), "quantities", "nothing_withdrawn", "Name at least one piece."),
        ((1,), "quantities", "other_lines", "Give a quantity for each line of the order."),
    ],
)
def test_what_cannot_be_is_refused(quantities: tuple[int, ...], field: str, code: str, detail: str) -> None:
    with refused(field, code, detail):
        withdrawn(in_the_shop(), *quantities)


# --- what comes of it


@pytest.mark.parametrize("placement", [S.PLACED, S.VERIFIED, S.MERGED])
def test_of_what_the_shop_has_it_is_told_next_and_nothing_is_refunded(placement: PlacementState) -> None:
    order = withdrawn(in_the_shop(placement=placement), 1, 0)
    assert order.withdrawal
    assert order.withdrawal.state is W.ASKED
    assert next_step(order, Queue.PLACEMENT) is Step.REPORT
    assert due_times(order)[Queue.PLACEMENT] == NOW
    assert (order.payment.refunded, order.grants, order.cancel_asked) == (0, (), False)


def test_the_shop_is_told_again_in_time_if_a_report_failed_and_later_if_it_may_have_arrived() -> None:
    order = withdrawn(in_the_shop())
    again, began = NOW + timedelta(hours=1), NOW + timedelta(hours=2)
    for changes, due in (({"due_at": again}, again), ({"due_at": again, "began_at": began}, began + PATIENCE)):
        later = replace(order, withdrawal=replace(order.withdrawal, **changes))
        assert due_times(later)[Queue.PLACEMENT] == due


def test_by_hand_is_a_hold_that_stops_nothing_and_names_all_that_was_stated() -> None:
    asked = put_on_hold(withdrawn(in_the_shop(), 1, 0), HoldCode.ASKED_FOR_A_PERSON, NOW, "the desk").order
    order = withdrawn(contract_withdrawal.by_hand(asked, NOW, "the desk").order, 0, 1, key="b")
    order = contract_withdrawal.by_hand(order, NOW, "the desk").order
    question, hold = order.holds
    assert question.code is HoldCode.ASKED_FOR_A_PERSON
    assert (hold.code, hold.owner, hold.stops) == (HoldCode.WITHDRAWAL, "the desk", False)
    assert hold.detail == "BK-1: 1; ST-1: 1"


def test_what_the_shop_does_not_have_is_cancelled_at_once() -> None:
    order = withdrawn(an_order())
    assert (order.placement.state, order.holds) == (S.CANCELLED, ())
    assert order.withdrawal
    assert order.withdrawal.state is W.UNDONE


@pytest.mark.parametrize("state", [S.PLACING, S.UNKNOWN])
def test_what_is_being_placed_is_cancelled_by_the_existing_way(state: PlacementState) -> None:
    order = withdrawn(an_order(placement=Placement(state=state)))
    assert (order.cancel_asked, order.placement.state) == (True, state)


def test_chosen_pieces_are_taken_out_of_an_order_that_the_shop_does_not_have() -> None:
    order = withdrawn(an_order(), 1)
    assert [line.quantity for line in order.lines] == [1]
    assert order.payment.amount == 1299 + 495
    assert order.customer
    assert [word.text for word in order.customer.said] == ["Iris M.", "iris@home.example"]
    assert order.withdrawal
    assert order.withdrawal.state is W.UNDONE
    assert still_bought(order) == (1,)
    assert withdrawn(order, 1) == order


def test_of_pieces_that_only_the_shop_can_price_it_is_told_once_it_has_the_order() -> None:
    order = withdrawn(an_order(discounts=(Discount("5 euros off", 500),)), 1)
    assert [line.quantity for line in order.lines] == [2]
    assert order.withdrawal
    assert order.withdrawal.state is W.ASKED
    assert next_step(order, Queue.PLACEMENT) is Step.RECONCILE


def test_what_could_not_be_taken_out_while_the_order_was_placed_is_taken_out_with_the_next_pieces() -> None:
    order = withdrawn(an_order(lines=(replace(BOOK, quantity=3),), placement=Placement(state=S.PLACING)), 1)
    order = withdrawn(replace(order, placement=Placement()), 1, key="b")
    assert [line.quantity for line in order.lines] == [1]
    assert still_bought(order) == (1,)


@pytest.mark.parametrize(
    ("order", "follows"),
    [
        (in_the_shop(), None),
        (withdrawn(in_the_shop()), W.ASKED),
        (replace(withdrawn(in_the_shop()), cancel_asked=True), W.ASKED),
        (replace(withdrawn(in_the_shop()), placement=Placement(state=S.CANCELLED)), None),
        (replace(withdrawn(in_the_shop()), placement=Placement(state=S.PLACING)), W.ASKED),
        (withdrawn(an_order()), W.UNDONE),
    ],
    ids=["nothing was withdrawn", "in the shop", "to be undone there", "undone before", "on its way", "only here"],
)
def test_what_people_read_that_comes_of_it(order: Order, follows: WithdrawalState | None) -> None:
    assert contract_withdrawal.what_follows(order) is follows
