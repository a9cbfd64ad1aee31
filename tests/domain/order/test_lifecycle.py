from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.holds import STOPS_NOTHING, HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, GONE, Headline, headline
from fallback.domain.order.next_step import Step, due_times, next_step, step_due
from fallback.domain.order.order import Attempt, Call, Order, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.transitions import (
    PAYMENT,
    PLACEMENT,
    PaymentEvent,
    PlacementEvent,
    after_payment,
    after_placement,
)
from tests.builders import NOW, a_hold, a_payment, an_order

P, S = PaymentState, PlacementState
WORK = (Queue.PAYMENT, Queue.PLACEMENT)


# --- the tables


def test_a_payment_event_that_the_table_does_not_name_raises() -> None:
    for state, event in {*product(P, PaymentEvent)} - {*PAYMENT}:
        with pytest.raises(NotAllowedNow) as refused:
            after_payment(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


def test_a_placement_event_that_the_table_does_not_name_raises() -> None:
    for state, event in {*product(S, PlacementEvent)} - {*PLACEMENT}:
        with pytest.raises(NotAllowedNow) as refused:
            after_placement(state, event)
        assert (refused.value.state, refused.value.event) == (state, event)


@pytest.mark.parametrize("state", sorted(GONE | GIVEN_UP))
def test_there_is_no_way_out_of_a_terminal_state(state: P | S) -> None:
    left = {(before, event) for before, event in [*PAYMENT, *PLACEMENT] if before is state}
    # But for money that comes back after all of it was sent.
    assert left == ({(P.REFUNDED, PaymentEvent.REFUND_FAILED)} if state is P.REFUNDED else set())


def test_every_other_state_has_a_way_to_an_end() -> None:
    assert _can_reach(PAYMENT, GONE) == set(P)
    assert _can_reach(PLACEMENT, GIVEN_UP) == set(S)


def _can_reach(table: dict[tuple[object, object], object], ends: frozenset[object]) -> set[object]:
    reached = set(ends)
    for _ in table:
        reached |= {before for (before, _), after in table.items() if after in reached}
    return reached


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


# --- when it is due


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
def test_a_hold_stops_the_placement_unless_it_is_about_words_or_about_the_money_alone(
    code: HoldCode,
) -> None:
    stopped = next_step(an_order(holds=(a_hold(code),)), Queue.PLACEMENT) is None
    assert stopped is (code not in STOPS_NOTHING | {HoldCode.PAYMENT_EXPIRING, HoldCode.REFUND_FAILED})


@pytest.mark.parametrize("code", HoldCode)
def test_a_withdrawal_waits_only_for_what_it_cannot_answer_itself(code: HoldCode) -> None:
    order = an_order(placement=S.PLACED, cancel_asked=True, holds=(a_hold(code),))
    stopped = next_step(order, Queue.PLACEMENT) is None
    assert stopped is (code in (HoldCode.ALREADY_SHIPPED, HoldCode.PRIMARY_REFUSED, HoldCode.POISON, HoldCode.BY_HAND))
