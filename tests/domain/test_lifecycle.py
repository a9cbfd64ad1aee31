from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAllowedNow
from fallback.domain.grants import GrantState
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import (
    AMENDABLE,
    ENDED,
    GIVEN_UP,
    PATIENCE,
    RELEASED,
    Headline,
    Step,
    due_times,
    headline,
    holds_cart,
    needs_customer,
    next_step,
    step_due,
)
from fallback.domain.order import Attempt, Call, Order, PaymentState, PlacementState, Queue
from fallback.domain.transitions import (
    PAYMENT,
    PLACEMENT,
    PaymentEvent,
    PlacementEvent,
    after_payment,
    after_placement,
)
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.domain.every_order import every_order, rows_used

P, S = PaymentState, PlacementState
WORK = (Queue.PAYMENT, Queue.PLACEMENT)


# --- the tables


@pytest.mark.parametrize(("state", "event"), [pair for pair in product(P, PaymentEvent) if pair not in PAYMENT])
def test_a_payment_event_that_the_table_does_not_name_raises(state: P, event: PaymentEvent) -> None:
    with pytest.raises(NotAllowedNow) as refused:
        after_payment(state, event)
    assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize(("state", "event"), [pair for pair in product(S, PlacementEvent) if pair not in PLACEMENT])
def test_a_placement_event_that_the_table_does_not_name_raises(state: S, event: PlacementEvent) -> None:
    with pytest.raises(NotAllowedNow):
        after_placement(state, event)


@pytest.mark.parametrize("state", sorted(RELEASED | GIVEN_UP))
def test_there_is_no_way_out_of_a_terminal_state(state: P | S) -> None:
    assert {before for before, _ in [*PAYMENT, *PLACEMENT]}.isdisjoint({state})


def test_every_other_state_has_a_way_to_an_end() -> None:
    assert _can_reach(PAYMENT, RELEASED) == set(P)
    assert _can_reach(PLACEMENT, GIVEN_UP) == set(S)


def _can_reach(table: dict[tuple[object, object], object], ends: frozenset[object]) -> set[object]:
    reached = set(ends)
    for _ in table:
        reached |= {before for (before, _), after in table.items() if after in reached}
    return reached


def test_every_row_of_the_tables_is_a_way_that_an_order_can_go() -> None:
    assert rows_used() == (set(PAYMENT), set(PLACEMENT))


def test_the_ways_of_an_order_are_as_many_as_were_looked_at() -> None:
    """Whoever adds a row, or makes one needless, looks here at what else becomes possible."""
    assert (len(PAYMENT), len(PLACEMENT)) == (32, 15)
    assert {order.payment.state for order in every_order()} == set(P)
    assert {order.placement.state for order in every_order()} == set(S)


# --- the headline


@pytest.mark.parametrize("payment", P)
@pytest.mark.parametrize("placement", S)
def test_every_combination_has_one_headline(payment: P, placement: S) -> None:
    for holds, asked in product(((), (a_hold(HoldCode.OUT_OF_STOCK),)), (False, True)):
        order = an_order(payment=a_payment(payment), placement=placement, holds=holds, cancel_asked=asked)
        assert headline(order) in Headline


@pytest.mark.parametrize(
    ("expected", "order"),
    [
        (Headline.RECEIVED, an_order(payment=a_payment(P.PENDING))),
        (Headline.PAYMENT_NEEDED, an_order(payment=a_payment(P.NONE))),
        (Headline.PAYMENT_NEEDED, an_order(payment=a_payment(P.ACTION_REQUIRED), placement=S.VERIFIED)),
        (Headline.CHECKING, an_order(payment=a_payment(P.UNKNOWN))),
        (Headline.CHECKING, an_order(placement=S.UNKNOWN)),
        (Headline.WAITING, an_order()),
        (Headline.WAITING, an_order(payment=a_payment(P.CAPTURED))),
        (Headline.PLACING, an_order(placement=S.PLACING)),
        (Headline.PLACING, an_order(placement=S.VERIFIED)),
        (Headline.ON_HOLD, an_order(holds=(a_hold(HoldCode.OUT_OF_STOCK),))),
        (Headline.ON_HOLD, an_order(placement=S.CANCELLED, holds=(a_hold(HoldCode.POISON, "payment"),))),
        (Headline.UNDOING, an_order(placement=S.PLACED, cancel_asked=True)),
        (Headline.UNDOING, an_order(placement=S.MERGED)),
        (Headline.SETTLED, an_order(payment=a_payment(P.CAPTURED), placement=S.VERIFIED)),
        (Headline.MERGED, an_order(payment=a_payment(P.VOIDED), placement=S.MERGED)),
        (Headline.CANCELLED, an_order(payment=a_payment(P.VOIDED), placement=S.CANCELLED)),
        (Headline.REFUNDED, an_order(payment=a_payment(P.REFUNDED), placement=S.CANCELLED)),
        (Headline.REFUNDED, an_order(payment=a_payment(P.REFUNDED), placement=S.VERIFIED)),
    ],
    ids=lambda value: value if isinstance(value, Headline) else "",  # an order has a new ref each time
)
def test_the_headline_says_where_an_order_stands(expected: Headline, order: Order) -> None:
    assert headline(order) is expected


def test_every_headline_is_one_that_an_order_can_have() -> None:
    assert {headline(order) for order in every_order()} == set(Headline)


def test_what_is_unknown_is_never_shown_as_known() -> None:
    unknown = [
        order for order in every_order() if P.UNKNOWN is order.payment.state or order.placement.state is S.UNKNOWN
    ]
    assert {headline(order) for order in unknown} == {Headline.CHECKING, Headline.ON_HOLD, Headline.UNDOING}


def test_only_an_order_that_was_undone_leaves_its_cart_free() -> None:
    free = {headline(order) for order in every_order() if not holds_cart(order)}
    assert free == {Headline.CANCELLED, Headline.REFUNDED}


# --- when it is due


def test_no_order_is_ever_forgotten() -> None:
    """It has ended, or a shift will take it, if only to see that it has an owner and its customer hears."""
    assert [order for order in every_order() if not (headline(order) in ENDED or due_times(order))] == []


def test_whoever_waits_for_the_customer_says_so() -> None:
    """A person who holds the order is shown first; she is asked all the same."""
    waiting = {headline(order) for order in every_order() if needs_customer(order)}
    assert waiting == {Headline.PAYMENT_NEEDED, Headline.ON_HOLD, Headline.CHECKING}


def test_while_the_page_says_that_we_check_a_shift_does() -> None:
    checking = [order for order in every_order() if headline(order) is Headline.CHECKING]
    assert all(any(next_step(order, queue) for queue in WORK) for order in checking)


def test_an_order_that_has_ended_is_due_only_when_a_shift_was_told_to_look() -> None:
    for order in every_order():
        if headline(order) in ENDED:
            giving_back = order.payment.attempt is not None
            told = order.payment.state is P.CAPTURED and order.payment.due_at is not None
            assert (next_step(order, Queue.PAYMENT) is Step.FOLLOW) is (told or giving_back)
            assert next_step(order, Queue.PLACEMENT) is None


def test_nothing_is_left_to_do_only_where_it_has_ended_or_waits_for_somebody() -> None:
    """The other way round: while a shift has work, the order is not shown as ended."""
    for order in every_order():
        if not any(next_step(order, queue) for queue in WORK) and not order.holds and not needs_customer(order):
            assert headline(order) in ENDED


def test_an_open_attempt_is_never_due_while_its_caller_may_be_alive() -> None:
    began = timedelta(days=1) + NOW
    for order in every_order():
        for queue, part in ((Queue.PAYMENT, "payment"), (Queue.PLACEMENT, "placement")):
            of_it = getattr(order, part)
            if of_it.attempt:
                fresh = replace(order, **{part: replace(of_it, attempt=replace(of_it.attempt, began_at=began))})
                assert due_times(fresh).get(queue, began + PATIENCE) == began + PATIENCE
                assert step_due(fresh, queue, began + PATIENCE - timedelta(seconds=1)) is None


def test_money_is_captured_only_for_what_was_read_back() -> None:
    capturing = [
        order for order in every_order() if order.payment.attempt and order.payment.attempt.call is Call.CAPTURE
    ]
    assert {order.placement.state for order in capturing} == {S.VERIFIED, S.CANCELLED}  # cancelled inside the call
    assert all(order.cancel_asked for order in capturing if order.placement.state is S.CANCELLED)


def test_a_change_is_wanted_refused_taken_back_or_done_and_never_shown_as_done_before() -> None:
    changing = [order for order in every_order() if order.amendment]
    assert {order.amendment.wants_something for order in changing} == {True, False}
    assert {HoldCode.ALREADY_SHIPPED, HoldCode.MISMATCH} <= {hold.code for order in changing for hold in order.holds}
    assert {headline(order) for order in changing}.isdisjoint(ENDED)
    assert {order.placement.state for order in changing if order.amendment.wants_something} == AMENDABLE


def test_a_difference_goes_back_once_the_shop_has_the_change() -> None:
    cheaper = [order for order in every_order() if order.grants]
    assert {grant.state for order in cheaper for grant in order.grants} == {GrantState.GRANTED, GrantState.MADE}
    assert all(order.placement.number for order in cheaper)
    assert all(order.payment.amount < order.payment.captured for order in cheaper)


def test_no_money_is_asked_for_a_purchase_that_she_does_not_want_any_more() -> None:
    unwanted = [order for order in every_order() if order.cancel_asked or order.placement.state in GIVEN_UP]
    assert Step.AUTHORIZE not in {next_step(order, Queue.PAYMENT) for order in unwanted}
    assert Step.RECONCILE not in {next_step(order, Queue.PLACEMENT) for order in unwanted}


def test_an_order_is_due_when_its_part_says_so_else_by_its_age() -> None:
    soon = NOW + timedelta(seconds=8)
    pending = an_order(payment=a_payment(P.PENDING))
    assert due_times(pending)[Queue.PAYMENT] == pending.received_at
    assert due_times(replace(pending, payment=replace(pending.payment, due_at=soon)))[Queue.PAYMENT] == soon
    attempt = Attempt(Call.CREATE, "key", NOW)
    begun = replace(pending, payment=replace(pending.payment, due_at=soon, attempt=attempt))
    assert due_times(begun)[Queue.PAYMENT] == NOW + PATIENCE
    assert Queue.PLACEMENT not in due_times(begun)


def test_a_step_is_made_when_its_time_has_come() -> None:
    soon = NOW + timedelta(seconds=8)
    order = an_order(payment=a_payment(P.PENDING, due_at=soon))
    assert step_due(order, Queue.PAYMENT, NOW) is None
    assert step_due(order, Queue.PAYMENT, soon) is Step.AUTHORIZE
    assert step_due(order, Queue.PLACEMENT, soon) is None


@pytest.mark.parametrize("code", HoldCode)
def test_a_hold_stops_the_placement_except_a_question_and_one_that_only_capturing_mends(code: HoldCode) -> None:
    stopped = next_step(an_order(holds=(a_hold(code),)), Queue.PLACEMENT) is None
    assert stopped is (code not in (HoldCode.PAYMENT_EXPIRING, HoldCode.ASKED_FOR_A_PERSON))


@pytest.mark.parametrize("code", HoldCode)
def test_a_withdrawal_waits_only_for_what_it_cannot_answer_itself(code: HoldCode) -> None:
    order = an_order(placement=S.PLACED, cancel_asked=True, holds=(a_hold(code),))
    stopped = next_step(order, Queue.PLACEMENT) is None
    assert stopped is (code in (HoldCode.ALREADY_SHIPPED, HoldCode.PRIMARY_REFUSED, HoldCode.POISON))


def test_a_question_never_changes_what_a_shift_does_nor_what_is_said_of_the_order() -> None:
    question = a_hold(HoldCode.ASKED_FOR_A_PERSON)
    for order in every_order():
        asked = replace(order, holds=(*order.holds, question))
        assert headline(asked) is headline(order)
        assert [next_step(asked, queue) for queue in WORK] == [next_step(order, queue) for queue in WORK]
