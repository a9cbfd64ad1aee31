"""What the shop reads back after a change decides whether it is done."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order import amended
from fallback.domain.order.grants import GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Change,
    Event,
    Notice,
    NoticeKind,
    Order,
    PaymentState,
)
from fallback.domain.placement import amendments
from tests.builders import a_payment, a_primary_order, an_order
from tests.domain.placement.test_amendments import BIKE, IDLE, LATER, ONE_BOOK, a_wish, an_order_there, with_one_book

READ_ONCE = replace(IDLE, due_at=LATER)


def read_back(order: Order, numbered: bool = True, **there: object) -> Change:
    return amendments.read_back(order, a_primary_order(amended.as_amended(order), **there), LATER, "the desk", numbered)


def test_a_change_that_the_shop_has_is_done_and_told() -> None:
    order = an_order_there(amendment=replace(ONE_BOOK, said=4))
    done = read_back(order)
    told = Notice(id="1", kind=NoticeKind.CHANGED, due_at=LATER, said=4)
    assert done.order == replace(with_one_book(order), amendment=None, placement=READ_ONCE, notices=(told,))
    data = {"amount": 3093 - 1299, "before": 3093, "what": "lines"}
    assert done.events == (Event(LATER, "amended", "primary", data),)


def test_what_costs_the_same_says_no_sum() -> None:
    order = an_order_there(amendment=a_wish(what="delivery", delivery=BIKE))
    assert read_back(order).events == (Event(LATER, "amended", "primary", {"what": "delivery"}),)


def test_the_difference_after_a_cheaper_change_is_refunded() -> None:
    order = an_order_there(amendment=replace(ONE_BOOK, who="Ann"), payment=a_payment(PaymentState.CAPTURED))
    done = read_back(order)
    [grant] = done.order.grants
    assert (grant.kind, grant.amount, grant.who, grant.at) == (GrantKind.DIFFERENCE, 1299, "Ann", LATER)
    assert [event.what for event in done.events] == ["amended", "difference_granted"]


def test_an_authorization_that_is_too_small_after_a_change_is_released_at_once() -> None:
    order = an_order_there(amendment=a_wish(delivery=replace(BIKE, price=995)))
    assert read_back(order).order.payment.due_at == LATER
    assert read_back(an_order_there(amendment=ONE_BOOK)).order.payment.due_at is None


def test_a_shop_that_does_not_look_at_numbers_is_read_once_more() -> None:
    done = read_back(an_order_there(amendment=ONE_BOOK), numbered=False)
    assert done.order.placement == replace(READ_ONCE, read_again_at=LATER + timedelta(hours=2))


def test_what_is_not_as_wanted_is_held_with_all_that_is_different() -> None:
    order = an_order_there(amendment=ONE_BOOK)
    held = read_back(order, currency="USD", cart_id="other").order
    assert (held.amendment, held.lines, held.placement) == (ONE_BOOK, order.lines, READ_ONCE)
    assert [(hold.code, hold.owner, hold.since) for hold in held.holds] == [(HoldCode.MISMATCH, "the desk", LATER)]
    assert held.holds[0].detail == f"currency: EUR agreed, USD there; cart: {order.cart_id} agreed, other there"


def test_the_contact_is_compared_only_where_it_was_to_be_told() -> None:
    order = an_order_there(amendment=ONE_BOOK)
    assert read_back(order, email="old@example.org").order.holds == ()
    held = read_back(replace(order, amendment=replace(ONE_BOOK, contact=True)), email="old@example.org").order
    assert [hold.detail for hold in held.holds] == ["contact: not as agreed (email)"]


def test_a_change_of_contact_is_done_when_the_shop_has_the_new_contact() -> None:
    order = an_order_there(amendment=a_wish(what="contact", contact=True))
    assert read_back(order) == Change(
        replace(order, amendment=None, placement=READ_ONCE), (Event(LATER, "contact_there", "primary"),)
    )


@pytest.mark.parametrize("impossible", [True, False])
def test_what_was_taken_back_is_as_before_and_told_where_the_shop_would_not_have_it(impossible: bool) -> None:
    order = an_order_there(amendment=a_wish(impossible=impossible))
    told = (Notice(id="1", kind=NoticeKind.NOT_CHANGED, due_at=LATER),) if impossible else ()
    assert read_back(order) == Change(
        replace(order, amendment=None, placement=READ_ONCE, notices=told), (Event(LATER, "verified", "primary"),)
    )


def test_the_difference_is_counted_from_the_captured_amount() -> None:
    order = an_order(payment=a_payment(PaymentState.CAPTURED, captured=2000))
    assert amendments.costs_less(order, with_one_book(order)) == 2000 - (3093 - 1299)
