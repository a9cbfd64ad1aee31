"""Which orders are nearly the same purchase, and which order of a person asks about which."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.domain.order.cart import Line
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.holds import Hold, HoldCode
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, Order, PaymentState, PlacementState
from fallback.domain.placement import rivals
from fallback.domain.placement.rivals import WITHIN, nearly_same, rival_here, rival_there, same_person
from tests.builders import CUSTOMER, NOW, a_payment, a_primary_order, an_order
from tests.refusals import not_now

LAMP = Line("LAMP-2", "A lamp", 1, 8999)
PEN = Line("PEN-3", "A pen", 1, 199)

lines = st.lists(
    st.builds(Line, st.sampled_from("ABCD"), st.just("x"), st.integers(1, 9), st.integers(0, 9_999)), min_size=1
)


# --- nearly the same


@given(lines)
def test_an_order_is_nearly_the_same_as_itself_in_any_sequence(ours: list[Line]) -> None:
    assert nearly_same(ours, ours[::-1])


@given(lines, lines)
def test_nearly_the_same_is_symmetric(ours: list[Line], theirs: list[Line]) -> None:
    assert nearly_same(ours, theirs) is nearly_same(theirs, ours)


@given(lines, lines)
def test_orders_that_share_nothing_are_not(ours: list[Line], theirs: list[Line]) -> None:
    assert not nearly_same(ours, [replace(line, sku=line.sku.lower()) for line in theirs])


@given(lines)
def test_a_line_in_two_parts_is_the_same_line(ours: list[Line]) -> None:
    doubled = [replace(line, quantity=2 * line.quantity) for line in ours]
    assert nearly_same(doubled, [*ours, *ours])


@given(lines, st.integers(1, 99))
def test_a_discount_hides_nothing(ours: list[Line], percent: int) -> None:
    cheaper = [replace(line, unit_price=line.unit_price * percent // 100) for line in ours]
    assert nearly_same(ours, cheaper)


@given(lines, lines)
def test_additional_different_items_never_make_two_orders_more_alike(ours: list[Line], more: list[Line]) -> None:
    theirs = [*ours, *(replace(line, sku=line.sku.lower()) for line in more)]
    larger = [*theirs, *(replace(line, sku=line.sku.lower()) for line in more)]
    assert nearly_same(ours, theirs) or not nearly_same(ours, larger)


@pytest.mark.parametrize(
    ("theirs", "alike"),
    [
        ((LAMP, PEN), True),
        ((LAMP,), True),
        ((PEN,), False),
        ((LAMP, replace(PEN, quantity=10)), True),
        ((LAMP, replace(PEN, quantity=14)), False),
        ((replace(LAMP, quantity=2),), False),
    ],
)
def test_four_fifths_of_the_value_are_nearly_the_same(theirs: tuple[Line, ...], alike: bool) -> None:
    assert nearly_same((LAMP, PEN), theirs) is alike


# --- which order asks


LATER = an_order(received_at=NOW + timedelta(hours=1))
EARLIER = an_order(received_at=NOW)
FAILED = Refund("re_1", 3093, RefundState.FAILED)


def test_the_later_order_asks_about_the_earlier_and_not_the_other_way_round() -> None:
    assert rival_here(LATER, [EARLIER]) == EARLIER.ref
    assert rival_here(EARLIER, [LATER]) is None


def test_an_earlier_order_that_costs_nothing_since_a_change_is_asked_about() -> None:
    free = a_payment(PaymentState.REFUNDED, amount=0)
    earlier = an_order(received_at=NOW, payment=free, placement=PlacementState.VERIFIED)
    assert rival_here(LATER, [earlier]) == earlier.ref


def test_only_one_of_two_simultaneous_orders_asks_about_the_other() -> None:
    twin = replace(EARLIER, ref="FB-0000-0000-0")
    assert [rival_here(EARLIER, [twin]), rival_here(twin, [EARLIER])].count(None) == 1


@pytest.mark.parametrize(
    "other",
    [
        replace(EARLIER, lines=(LAMP,)),
        replace(EARLIER, currency="CHF"),
        replace(EARLIER, received_at=LATER.received_at - WITHIN - timedelta(seconds=1)),
        replace(EARLIER, cancel_asked=True),
        an_order(placement=PlacementState.CANCELLED),
        an_order(placement=PlacementState.MERGED),
        an_order(payment=a_payment(PaymentState.REFUNDED), placement=PlacementState.VERIFIED),
        an_order(payment=a_payment(PaymentState.CAPTURED, refunds=(FAILED,)), placement=PlacementState.VERIFIED),
    ],
    ids=["other things", "another currency", "long ago", "being undone", "undone", "merged", "refunded", "to refund"],
)
def test_another_purchase_or_an_order_that_is_over_is_no_rival(other: Order) -> None:
    assert rival_here(LATER, [other]) is None


def test_what_the_customer_said_is_another_purchase_is_not_asked_about() -> None:
    assert rival_here(replace(LATER, apart=(EARLIER.ref,)), [EARLIER]) is None


def test_an_order_within_a_day_is_a_rival_and_never_of_itself() -> None:
    a_day_before = replace(EARLIER, received_at=LATER.received_at - WITHIN)
    assert rival_here(LATER, [a_day_before]) == EARLIER.ref
    assert rival_here(LATER, [LATER]) is None


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ({}, {}, True),
        ({"email": "IRIS@example.org"}, {}, True),
        ({"email": "other@example.org"}, {}, False),
        ({"email": "other@example.org", "phone": "+44 1482 300300"}, {"phone": "01482 300300"}, True),
        ({"email": "other@example.org", "phone": "+44 1482 300300"}, {"phone": "01482 300301"}, False),
        ({"email": "other@example.org", "phone": "+44 1482 300300"}, {}, False),
        ({"email": "other@example.org"}, {"phone": "+44 1482 300300"}, False),
    ],
)
def test_the_same_address_or_phone_number_means_the_same_person(
    one: dict[str, str], two: dict[str, str], same: bool
) -> None:
    first, second = (an_order(customer=replace(CUSTOMER, **each)) for each in (one, two))
    assert same_person(first, second) is same_person(second, first) is same
    assert not same_person(first, an_order(customer=None))
    assert not same_person(an_order(customer=None), an_order(customer=None))


@pytest.mark.parametrize(
    ("code", "ask", "what", "answered"),
    [
        (HoldCode.POSSIBLE_RIVAL, lambda order: rivals.ask_them(order, "100077", NOW), "rival_asked", "rival_apart"),
        (
            HoldCode.MAYBE_PAID,
            lambda order: rivals.ask_whether_paid(order, a_primary_order(order, number="100077"), NOW),
            "rival_paid_asked",
            "rival_unpaid",
        ),
    ],
)
def test_the_customer_is_asked_once_and_answers_once(
    code: HoldCode, ask: Callable[[Order], Change], what: str, answered: str
) -> None:
    order = an_order()
    asked = ask(order)
    hold = Hold(code, "customer", NOW, NOW + timedelta(hours=4), "100077")
    notices = (Notice(id="1", kind=NoticeKind.POSSIBLE_RIVAL, due_at=NOW),)
    assert asked == Change(
        replace(order, holds=(hold,), notices=notices), (Event(NOW, what, "worker", {"rival": "100077"}),)
    )
    assert ask(asked.order) == Change(asked.order, ())
    assert rivals.is_about_payment(asked.order) is (code is HoldCode.MAYBE_PAID)
    at = NOW + timedelta(minutes=1)
    both = rivals.keep_both(asked.order, at, "customer")
    kept = replace(asked.order, holds=(), apart=("100077",), placement=replace(order.placement, due_at=at))
    assert both == Change(kept, (Event(at, answered, "customer", {"rival": "100077"}),))
    other = rivals.keep_other(asked.order, at, "Ann")
    assert other.order.placement.state is PlacementState.CANCELLED
    assert other.events[0] == Event(at, "rival_same", "Ann", {"rival": "100077"})
    assert [event.what for event in other.events[1:]] == ["cancel_asked", "cancelled"]


@pytest.mark.parametrize(
    "gone", [{"holds": ()}, {"cancel_asked": True}, {"placement": an_order(placement=PlacementState.PLACED).placement}]
)
def test_a_question_about_a_rival_cannot_be_answered_twice_or_after_the_end(gone: dict[str, Any]) -> None:
    asked = replace(rivals.ask_them(an_order(), "100077", NOW).order, **gone)
    for answer in (rivals.keep_both, rivals.keep_other):
        with not_now("answered", "answer"):
            answer(asked, NOW, "customer")


def test_a_rival_that_was_cancelled_is_told_in_the_timeline() -> None:
    order = an_order()
    told = Event(NOW, "rival_cancelled", "worker", {"number": "100001"})
    assert rivals.cancelled_there(order, a_primary_order(order), NOW) == Change(order, (told,))


def test_things_that_cost_nothing_are_alike_when_they_are_the_same() -> None:
    gift = replace(PEN, unit_price=0)
    assert nearly_same((gift,), (gift,))
    assert not nearly_same((gift,), (replace(gift, sku="other"),))
    assert not nearly_same((gift, PEN, LAMP), (gift, LAMP, replace(LAMP, sku="LAMP-3")))
    assert nearly_same((PEN,), (PEN, replace(gift, sku="LEAFLET", quantity=100)))


def test_an_order_that_the_shop_took_itself_is_a_rival_by_its_number() -> None:
    theirs = a_primary_order(LATER, ref=None, cart_id="basket-2", number="100077")
    assert rival_there(LATER, [theirs]) == "100077"
    for no_rival in (
        replace(theirs, ref=EARLIER.ref),
        replace(theirs, status="cancelled"),
        replace(theirs, currency="CHF"),
        replace(theirs, lines=a_primary_order(an_order(lines=(LAMP,))).lines),
    ):
        assert rival_there(LATER, [no_rival]) is None
    assert rival_there(replace(LATER, apart=("100077",)), [theirs]) is None
