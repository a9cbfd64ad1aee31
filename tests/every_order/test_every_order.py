"""What holds for every kind of order that there can be. In one module, so that they are found once."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.domain.incident.balance import Fate, fate_of, lacking, own_differences, total
from fallback.domain.order.grants import GIVEN, GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import (
    AMENDABLE,
    ENDED,
    GIVEN_UP,
    WORD_TAKES,
    Headline,
    customer_waits,
    headline,
    holds_cart,
    is_over,
    needs_customer,
    next_word_by,
    word_due,
)
from fallback.domain.order.next_step import Step, due_times, next_step, step_due
from fallback.domain.order.order import Call, Order, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.transitions import PAYMENT, PLACEMENT
from tests.builders import NOW, a_hold
from tests.domain.incident.test_balance import NOBODY, the_balance
from tests.domain.support.test_promises import kept
from tests.every_order.every_order import every_order, reached_from, rows_used

P, S = PaymentState, PlacementState
WORK = (Queue.PAYMENT, Queue.PLACEMENT)


# --- the tables and the headline


def test_every_row_of_the_tables_is_a_way_that_an_order_can_go() -> None:
    assert rows_used() == (set(PAYMENT), set(PLACEMENT))


def test_the_ways_of_an_order_are_as_many_as_were_looked_at() -> None:
    """Whoever adds a row, or makes one needless, looks here at what else becomes possible."""
    assert (len(PAYMENT), len(PLACEMENT)) == (33, 15)
    assert {order.payment.state for order in every_order()} == set(P)
    assert {order.placement.state for order in every_order()} == set(S)


def test_every_headline_is_one_that_an_order_can_have() -> None:
    assert {headline(order) for order in every_order()} == set(Headline)


def test_what_is_unknown_is_never_shown_as_known() -> None:
    unknown = [
        order for order in every_order() if P.UNKNOWN is order.payment.state or order.placement.state is S.UNKNOWN
    ]
    assert {headline(order) for order in unknown} == {Headline.CHECKING, Headline.ON_HOLD, Headline.UNDOING}


def test_only_an_order_that_was_undone_leaves_its_cart_free() -> None:
    free = [order for order in every_order() if not holds_cart(order)]
    kept = [order for order in free if not any(refund.came_back for refund in order.payment.refunds)]
    assert {headline(order) for order in kept} == {Headline.CANCELLED, Headline.REFUNDED}
    assert all(order.placement.state in GIVEN_UP for order in free if headline(order) not in ENDED)
    assert all(order.placement.state is not S.MERGED for order in free)  # the shop has another order of its cart


def test_a_cart_is_wanted_again_only_after_everything_was_refunded() -> None:
    """Verifying knows by this that another order may have taken it meanwhile."""
    free = (order for order in every_order() if not holds_cart(order))
    again = [after for order in free for after in reached_from(order) if holds_cart(after)]
    assert {headline(order) for order in again} == {Headline.ON_HOLD, Headline.UNDOING}
    assert all(order.payment.may_have_freed_cart for order in again)


# --- when it is due


def test_no_order_is_ever_forgotten() -> None:
    """It has ended, or a shift will take it, if only to see that it has an owner and its customer hears."""
    assert [order for order in every_order() if not (headline(order) in ENDED or due_times(order))] == []


def test_every_order_that_waits_for_the_customer_says_so() -> None:
    """A person who holds the order is shown first; the customer is asked all the same."""
    waiting = {headline(order) for order in every_order() if needs_customer(order)}
    assert waiting == {Headline.PAYMENT_NEEDED, Headline.ON_HOLD, Headline.CHECKING}


def test_while_the_page_says_that_we_check_a_shift_does() -> None:
    checking = [order for order in every_order() if headline(order) is Headline.CHECKING]
    assert all(any(next_step(order, queue) for queue in WORK) for order in checking)


def test_an_order_that_has_ended_is_due_only_when_a_shift_was_told_to_look() -> None:
    for order in every_order():
        if headline(order) in ENDED:
            giving_back = order.payment.attempt is not None
            told = order.payment.state in (P.CAPTURED, P.REFUNDED) and order.payment.due_at is not None
            assert (next_step(order, Queue.PAYMENT) is Step.FOLLOW) is (told or giving_back)
            looked_for = order.placement.late_since and not order.holds
            assert next_step(order, Queue.PLACEMENT) is (Step.UNDO_LATE if looked_for else None)


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
            if of_it.attempt and of_it.state is not PlacementState.UNKNOWN:  # its caller got no answer and is over it
                fresh = replace(order, **{part: replace(of_it, attempt=replace(of_it.attempt, began_at=began))})
                assert due_times(fresh).get(queue, began + PATIENCE) == began + PATIENCE
                assert step_due(fresh, queue, began + PATIENCE - timedelta(seconds=1)) is None


def test_only_money_that_is_set_aside_can_lapse() -> None:
    lapsing = {order.payment.state for order in every_order() if order.payment.capture_before}
    assert lapsing == {P.AUTHORIZED, P.UNKNOWN}


def test_money_is_captured_only_for_what_was_read_back() -> None:
    capturing = [
        order for order in every_order() if order.payment.attempt and order.payment.attempt.call is Call.CAPTURE
    ]
    assert {order.placement.state for order in capturing} == {S.VERIFIED, S.CANCELLED}  # cancelled inside the call
    assert all(order.cancel_asked for order in capturing if order.placement.state is S.CANCELLED)


def test_a_requested_change_is_never_shown_as_done_before_the_shop_has_it() -> None:
    changing = [order for order in every_order() if order.amendment]
    assert {order.amendment.wants_something for order in changing} == {True, False}
    assert {HoldCode.ALREADY_SHIPPED, HoldCode.MISMATCH} <= {hold.code for order in changing for hold in order.holds}
    assert {headline(order) for order in changing}.isdisjoint(ENDED)
    assert {order.placement.state for order in changing if order.amendment.wants_something} == AMENDABLE


def test_a_difference_goes_back_once_the_shop_has_the_change() -> None:
    cheaper = [order for order in every_order() if order.grants]
    assert {grant.state for order in cheaper for grant in order.grants} == GIVEN
    cheaper = [order for order in cheaper if any(grant.kind is GrantKind.DIFFERENCE for grant in order.grants)]
    assert cheaper
    assert all(order.placement.number for order in cheaper)
    assert all(order.payment.amount < order.payment.captured for order in cheaper)


def test_no_money_is_asked_for_a_purchase_that_the_customer_does_not_want_any_more() -> None:
    unwanted = [order for order in every_order() if order.cancel_asked or order.placement.state in GIVEN_UP]
    assert Step.AUTHORIZE not in {next_step(order, Queue.PAYMENT) for order in unwanted}
    assert Step.RECONCILE not in {next_step(order, Queue.PLACEMENT) for order in unwanted}


def test_a_question_never_changes_what_a_shift_does_nor_what_is_said_of_the_order() -> None:
    question = a_hold(HoldCode.ASKED_FOR_A_PERSON)
    for order in every_order():
        asked = replace(order, holds=(*order.holds, question))
        assert headline(asked) is headline(order)
        assert [next_step(asked, queue) for queue in WORK] == [next_step(order, queue) for queue in WORK]


# --- who looks after it


@cache
def all_open() -> list[Order]:
    return [order for order in every_order() if not is_over(order)]


def test_every_order_that_is_not_over_is_looked_after_in_its_time() -> None:
    assert [headline(order) for order in all_open() if Queue.NOTICE not in due_times(order)] == []


def test_whatever_waits_has_an_owner_and_a_word_and_neither_stands_still() -> None:
    for order in all_open():
        owners, timeline = [], []
        for _ in range(4):
            due = next_word_by(order) - WORD_TAKES
            change = kept(order, due, *timeline)
            order, timeline = change.order, [*timeline, *change.events]
            if "unpaid" in [event.what for event in change.events]:  # the shop had it, so it ends after a day
                assert order.cancel_asked
                break
            assert next_word_by(order) > due + WORD_TAKES
            assert order.notices or not customer_waits(order)
            owners.append(order.owner)
        assert all(owners)
        assert all(earlier != later for earlier, later in pairwise(owners)), "who is late is relieved, a lead too"


def test_an_order_in_flight_gets_no_owner_in_its_first_minute() -> None:
    soon = NOW + timedelta(minutes=1)
    in_flight = [order for order in all_open() if not order.holds]
    assert {headline(order) for order in in_flight} == {*Headline} - ENDED - {Headline.ON_HOLD}
    assert [order for order in in_flight if word_due(order) <= soon or kept(order, soon).events] == []


# --- the balance


ORDERS = st.lists(
    st.tuples(
        st.deferred(lambda: st.sampled_from(every_order())),
        st.sampled_from(["EUR", "JPY"]),
        st.sampled_from(["", "Ann", "the desk"]),
    ),
    max_size=30,
)


@given(ORDERS)
def test_all_fates_together_are_all_that_was_captured(kinds: list[tuple[Order, str, str]]) -> None:
    orders = [replace(order, currency=currency, owner=owner) for order, currency, owner in kinds]
    balance = the_balance(*orders)
    rest = total([balance.fates[Fate.UNNAMED], balance.fates[Fate.UNDER_WAY]])
    assert balance.captured == total([balance.ended, rest])
    assert balance.captured.orders == len(orders) == sum(balance.by_headline.values())
    for currency in ("EUR", "JPY"):
        agreed = sum(order.payment.amount for order in orders if order.currency == currency)
        assert balance.captured.amounts.get(currency, 0) == agreed
    assert (lacking(balance) == {}) == (rest.orders == 0)


@pytest.mark.parametrize("owner", ["Ann", "the desk"])
def test_every_kind_of_order_has_the_fate_of_its_headline(owner: str) -> None:
    of_ends = {Headline.SETTLED, Headline.MERGED, Headline.CANCELLED, Headline.REFUNDED}
    for order in every_order():
        order = replace(order, owner=owner)
        fate, now = fate_of(order, NOBODY), headline(order)
        if now in of_ends:
            assert fate == now
        elif now is Headline.ON_HOLD:
            assert fate is (Fate.HELD if owner == "Ann" else Fate.UNNAMED)
        else:
            assert fate is Fate.UNDER_WAY


def test_no_way_of_the_domain_leads_to_an_order_whose_money_is_wrong() -> None:
    wrong = [found for order in every_order() for found in own_differences(order, fate_of(order, NOBODY))]
    assert wrong == []
