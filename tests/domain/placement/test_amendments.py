"""A change of a placed order: everything that each step changes, and nothing else."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.order import amended
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.cart import Delivery, Tax
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Event,
    Order,
    PaymentState,
    Placement,
    PlacementState,
    Queue,
)
from fallback.domain.placement import amendments
from tests.builders import BOOK, CUSTOMER, NOW, a_hold, a_payment, a_primary_order, an_order
from tests.refusals import not_now

LATER = NOW + timedelta(minutes=10)

ELSEWHERE = replace(CUSTOMER.address, line1="2 Quay")

BIKE = Delivery("bike", "Bicycle", 495)

# A call is under way to the shop, which was tried before and let something stand.
THERE = Placement(
    state=PlacementState.VERIFIED,
    id="1",
    number="100001",
    attempt=Attempt(Call.AMEND, "FB", NOW),
    tries=3,
    amendments=2,
    let_stand=("total",),
)

IDLE = replace(THERE, attempt=None, tries=0)


def an_order_there(**changes: object) -> Order:
    return an_order(**({"customer": CUSTOMER, "placement": THERE} | changes))


def with_one_book(order: Order) -> Order:
    return amended.priced(order, (replace(BOOK, quantity=1),), order.delivery)


def a_wish(**changes: object) -> Amendment:
    return Amendment(**({"who": "customer", "since": NOW, "what": "lines"} | changes))


ONE_BOOK = a_wish(lines=(replace(BOOK, quantity=1),))


# --- what is asked for


def test_fewer_pieces_are_wanted_and_asked_of_the_shop_at_once() -> None:
    order = an_order_there()
    assert amendments.ask(order, with_one_book(order), "lines", LATER, "customer") == Change(
        replace(order, amendment=replace(ONE_BOOK, since=LATER), placement=replace(THERE, let_stand=(), due_at=LATER)),
        (Event(LATER, "change_asked", "customer", {"what": "lines"}),),
    )


def test_another_address_is_kept_with_the_personal_data() -> None:
    order = an_order_there()
    asked = amendments.ask(order, replace(order, customer=replace(CUSTOMER, address=ELSEWHERE)), "address", NOW, "Ann")
    assert asked.order.amendment == a_wish(who="Ann", what="address", address=True)
    assert asked.order.customer == replace(CUSTOMER, wanted_address=ELSEWHERE)


def test_another_delivery_with_a_sentence_of_an_agent() -> None:
    order = an_order_there()
    asked = amendments.ask(order, replace(order, delivery=BIKE), "delivery", NOW, "Ann", said=4)
    assert asked.order.amendment == a_wish(who="Ann", what="delivery", delivery=BIKE, said=4)
    assert asked.order.customer == CUSTOMER


def test_a_second_change_keeps_the_sentence_and_the_contact_of_the_first() -> None:
    order = an_order_there(amendment=a_wish(what="delivery", delivery=BIKE, said=4, contact=True))
    asked = amendments.ask(order, with_one_book(order), "lines", NOW, "customer")
    assert asked.order.amendment == replace(ONE_BOOK, said=4, contact=True)
    said_anew = amendments.ask(order, with_one_book(order), "lines", NOW, "Ann", said=5)
    assert said_anew.order.amendment
    assert said_anew.order.amendment.said == 5


def test_nothing_is_asked_of_a_shop_that_does_not_have_it() -> None:
    with not_now("placing", "change"):
        amendments.ask(an_order_there(placement=PlacementState.PLACING), an_order(), "lines", NOW, "customer")


@pytest.mark.parametrize("requested", [None, replace(ONE_BOOK, who="Ann")])
def test_the_shop_hears_how_the_customer_is_reached_now_besides_all_else(requested: Amendment | None) -> None:
    customer = replace(CUSTOMER, wanted_address=ELSEWHERE)
    order = an_order_there(amendment=requested, customer=customer)
    told = amendments.tell_contact(order, LATER, "customer")
    wanted = replace(requested, contact=True) if requested else a_wish(since=LATER, what="contact", contact=True)
    assert told == replace(order, amendment=wanted, placement=replace(THERE, due_at=LATER))


def test_what_is_under_way_to_the_shop_keeps_its_time_to_be_asked() -> None:
    placement = Placement(state=PlacementState.UNKNOWN, due_at=NOW)
    assert amendments.tell_contact(an_order_there(placement=placement), LATER, "customer").placement == placement


# --- what is taken back


def test_a_change_that_is_taken_back_wants_nothing_and_the_shop_is_asked_what_it_has() -> None:
    order = an_order_there(
        amendment=replace(ONE_BOOK, contact=True), customer=replace(CUSTOMER, wanted_address=ELSEWHERE)
    )
    assert amendments.take_back(order, LATER, "Ann") == Change(
        replace(
            order,
            amendment=Amendment(who="Ann", since=LATER, what="lines", contact=True),
            customer=CUSTOMER,
            placement=replace(THERE, due_at=LATER),
        ),
        (Event(LATER, "change_taken_back", "Ann", {"what": "lines"}),),
    )


@pytest.mark.parametrize(
    ("hold", "impossible", "stays"),
    [
        (replace(a_hold(HoldCode.OUT_OF_STOCK), since=NOW), True, False),
        (replace(a_hold(HoldCode.OUT_OF_STOCK), since=NOW - timedelta(seconds=1)), False, False),
        (replace(a_hold(HoldCode.ASKED_FOR_A_PERSON), since=LATER), False, True),
    ],
)
def test_what_the_shop_answered_to_the_change_goes_with_it(hold: object, impossible: bool, stays: bool) -> None:
    order = an_order_there(amendment=ONE_BOOK, holds=(hold,))
    taken_back = amendments.take_back(order, LATER, "customer")
    assert taken_back
    assert taken_back.order.amendment == a_wish(since=LATER, impossible=impossible)
    assert bool(taken_back.order.holds) is stays


def test_only_a_change_that_is_wanted_can_be_taken_back() -> None:
    for requested in (None, a_wish(), a_wish(what="contact", contact=True)):
        assert amendments.take_back(an_order_there(amendment=requested), NOW, "customer") is None


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"cancel_asked": True}, Headline.UNDOING), ({"placement": PlacementState.CANCELLED}, Headline.UNDOING)],
)
def test_a_change_of_an_order_that_is_being_cancelled_cannot_be_withdrawn(
    changes: dict[str, object], state: Headline
) -> None:
    with not_now(state, "change"):
        amendments.take_back(an_order_there(amendment=ONE_BOOK, **changes), NOW, "customer")


# --- what it costs


def test_tax_shrinks_with_the_goods_and_the_sum_follows_goods_and_delivery() -> None:
    order = an_order(payment=a_payment(PaymentState.AUTHORIZED))
    dearer = replace(BIKE, price=995)
    priced = amended.priced(order, (replace(BOOK, quantity=1),), dearer)
    assert priced == replace(
        order,
        lines=(replace(BOOK, quantity=1),),
        delivery=dearer,
        tax=Tax(True, 159),
        payment=replace(order.payment, amount=3093 - 1299 + 500),
    )


def test_a_requested_address_becomes_the_address_once_the_shop_has_it() -> None:
    order = an_order_there(customer=replace(CUSTOMER, wanted_address=ELSEWHERE), amendment=a_wish(address=True))
    assert amended.as_amended(order) == replace(order, amendment=None, customer=replace(CUSTOMER, address=ELSEWHERE))
    assert amended.as_amended(an_order_there(customer=None, amendment=a_wish())).customer is None


def test_goods_that_cost_nothing_keep_their_tax() -> None:
    gift = replace(BOOK, unit_price=0)
    order = an_order(lines=(gift,), tax=Tax(False, 20))
    assert amended.priced(order, (replace(gift, quantity=1),), order.delivery).tax == Tax(False, 20)


# --- how the shop is told


def test_each_try_to_amend_has_its_own_number() -> None:
    order = an_order_there(amendment=ONE_BOOK, placement=replace(IDLE, tries=1))
    attempt = Attempt(Call.AMEND, order.ref, LATER)
    assert amendments.begin(order, LATER, "desk") == Change(
        replace(order, placement=replace(THERE, attempt=attempt, tries=2, amendments=3)), ()
    )


def test_after_too_many_tries_a_person_looks_at_it() -> None:
    order = an_order_there(amendment=ONE_BOOK, placement=replace(THERE, tries=8))
    held = amendments.begin(order, LATER, "the desk").order
    assert held.placement == replace(THERE, tries=8, attempt=None)
    assert [(hold.code, hold.owner, hold.since, hold.detail) for hold in held.holds] == [
        (HoldCode.POISON, "the desk", LATER, Queue.PLACEMENT)
    ]


@pytest.mark.parametrize(
    ("number", "status", "late"),
    [(0, "placed", True), (None, "placed", True), (1, "placed", False), (0, "cancelled", False), (0, "shipped", False)],
)
def test_what_was_sent_before_this_try_and_is_not_there_may_still_come(
    number: int | None, status: str, late: bool
) -> None:
    order = an_order_there()
    assert amendments.may_come_late(order, a_primary_order(order, amendment=number, status=status)) is late


def test_while_the_shop_is_away_its_tries_are_not_counted() -> None:
    order = an_order_there(amendment=ONE_BOOK)
    assert amendments.put_off(order, LATER) == Change(replace(order, placement=replace(IDLE, due_at=LATER)), ())


def test_what_the_shop_will_not_do_is_a_hold_and_the_wish_stays() -> None:
    order = an_order_there(amendment=ONE_BOOK)
    held = amendments.not_taken(order, "out_of_stock", "BK-1", LATER, "the desk").order
    assert (held.placement, held.amendment) == (IDLE, ONE_BOOK)
    assert [(hold.code, hold.owner, hold.since, hold.detail) for hold in held.holds] == [
        (HoldCode.OUT_OF_STOCK, "the desk", LATER, "BK-1")
    ]


def test_what_the_shop_cannot_be_told_a_person_does_there() -> None:
    order = an_order_there(amendment=ONE_BOOK)
    held = amendments.by_hand(order, a_primary_order(order), LATER, "the desk").order
    assert (held.placement, held.amendment) == (IDLE, ONE_BOOK)
    assert [(hold.code, hold.owner, hold.since, hold.detail) for hold in held.holds] == [
        (HoldCode.BY_HAND, "the desk", LATER, "change 100001")
    ]


@pytest.mark.parametrize(("seen", "number"), [(7, 7), (None, 0)])
def test_a_higher_number_at_the_shop_is_counted_on_from(seen: int | None, number: int) -> None:
    order = an_order_there(amendment=ONE_BOOK)
    counted = amendments.counted_anew(order, a_primary_order(order, amendment=seen), LATER)
    assert counted == Change(
        replace(order, placement=replace(THERE, attempt=None, amendments=number, due_at=LATER)), ()
    )


@pytest.mark.parametrize(
    ("requested", "left"),
    [
        (a_wish(what="contact", contact=True), None),
        (replace(ONE_BOOK, contact=True), ONE_BOOK),
        (a_wish(contact=True), a_wish()),
    ],
)
def test_a_contact_that_the_shop_will_not_take_is_kept_here_and_the_rest_goes_on(
    requested: Amendment, left: Amendment | None
) -> None:
    order = an_order_there(amendment=requested)
    assert amendments.kept_here(order, LATER) == Change(
        replace(order, amendment=left, placement=replace(IDLE, due_at=LATER)),
        (Event(LATER, "contact_kept_here", "worker"),),
    )
