"""A shop that wants to hear of the money is told after each capture, void and refund, and nothing waits for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, is_over
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.placement.primary import PAYMENTS
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.placement.reporting import dies_in, is_overtaken, pauses
from tests.usecases.world import LONG, TOTAL, World, an_authorized_order

A_WHILE = timedelta(hours=1)


def an_order(*, hears: bool = True) -> World:
    world = an_authorized_order()
    if hears:
        world.primary.can |= {PAYMENTS}
    return world


def heard(world: World) -> PaymentStands:
    return world.primary.payments[world.ref][1]


def told(world: World) -> list[dict[str, str | int]]:
    events = [event for event in world.ledger.timeline(world.ref) if event.what == "payment_reported"]
    assert {event.who for event in events} <= {"worker"}
    return [event.data for event in events]


def test_the_shop_hears_of_the_capture_once() -> None:
    world = an_order()
    world.time_passes(LONG)

    assert world.headline is Headline.SETTLED
    assert heard(world) == PaymentStands("captured", world.intent_id, captured=TOTAL)
    assert world.primary.calls["payment_changed"] == 1
    assert told(world) == [{"state": "captured", "captured": TOTAL, "refunded": 0}]
    assert Queue.PLACEMENT not in due_times(world.order)


def test_each_refund_is_told_and_each_report_has_a_higher_number() -> None:
    world = an_order()
    world.time_passes(A_WHILE)
    world.an_agent_gives_back(1_000)
    world.time_passes(A_WHILE)
    assert heard(world) == PaymentStands("captured", world.intent_id, captured=TOTAL, refunded=1_000)
    assert world.primary.payments[world.ref][0] == 2

    world.the_customer_cancels()
    world.time_passes(A_WHILE)
    assert heard(world) == PaymentStands("refunded", world.intent_id, captured=TOTAL, refunded=TOTAL)


def test_the_shop_hears_that_a_cancelled_order_was_voided() -> None:
    world = an_order()
    world.primary.fail_next("read", TryAgain("away"))
    world.make_step(Queue.PLACEMENT, world.ref)
    world.the_customer_cancels()
    world.time_passes(A_WHILE)

    assert world.headline is Headline.CANCELLED
    assert heard(world).state == "voided"


def test_an_order_that_the_shop_never_had_is_not_reported() -> None:
    world = an_order()
    world.the_customer_cancels()
    world.time_passes(LONG)

    assert world.headline is Headline.CANCELLED
    assert world.primary.calls["payment_changed"] == 0


def test_a_shop_that_does_not_ask_for_it_is_never_called() -> None:
    world = an_order(hears=False)
    world.time_passes(LONG)

    assert world.headline is Headline.SETTLED
    assert world.primary.calls["payment_changed"] == 0


def test_a_shop_that_no_longer_asks_for_it_is_not_called() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", TryAgain("away"))
    world.time_passes(timedelta(seconds=1))
    world.primary.can -= {PAYMENTS}
    world.time_passes(LONG)

    assert world.primary.calls["payment_changed"] == 1
    assert told(world) == []
    assert Queue.PLACEMENT not in due_times(world.order)


@pytest.mark.parametrize("error", [TryAgain("away"), OutcomeUnknown("no answer")], ids=["away", "unknown"])
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_report_without_an_answer_is_repeated_and_the_customer_waits_for_nothing(
    error: Exception, after_effect: bool
) -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", error, after_effect, times=3)
    world.time_passes(timedelta(seconds=1))
    assert world.headline is Headline.SETTLED

    world.time_passes(LONG)

    assert len(told(world)) == 1
    assert heard(world).captured == TOTAL
    assert world.primary.calls["payment_changed"] == 4


def test_a_shop_that_refuses_to_hear_it_is_not_told_again() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", Refused("invalid"))
    world.time_passes(LONG)

    [event] = [event for event in world.ledger.timeline(world.ref) if event.what == "payment_not_reported"]
    assert (event.who, event.data) == ("worker", {"state": "captured", "code": "invalid"})
    assert world.headline is Headline.SETTLED
    assert world.primary.calls["payment_changed"] == 1


@pytest.mark.parametrize(
    ("error", "why"), [(Refused("invalid"), "captured invalid"), (OutcomeUnknown("no answer"), "captured no_answer")]
)
def test_an_agent_hears_of_what_the_shop_was_not_told_and_the_customer_does_not(error: Exception, why: str) -> None:
    world = an_order()
    mails = len(world.order.notices)
    world.primary.fail_next("payment_changed", error, times=100)
    world.time_passes(LONG)

    [hold] = world.order.holds
    assert (hold.code, hold.detail, hold.stops) == (HoldCode.PAYMENT_NOT_REPORTED, why, False)
    assert hold.owner
    assert not is_over(world.order)
    world.time_passes(LONG)
    assert {notice.kind for notice in world.order.notices[mails:]} <= {NoticeKind.OWNER, NoticeKind.PLACED}
    assert world.headline is Headline.SETTLED

    release_hold(world.container, world.ref, HoldCode.PAYMENT_NOT_REPORTED, "Ida")
    assert is_over(world.order)


def test_the_next_report_that_the_shop_hears_says_all_so_nobody_has_to_tell_it() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", Refused("invalid"))
    world.time_passes(LONG)
    assert world.order.holds

    world.the_customer_cancels()
    world.time_passes(LONG)
    assert heard(world).refunded == TOTAL
    assert world.order.holds == ()


def test_a_shop_that_never_answers_is_left_alone_in_the_end() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", OutcomeUnknown("no answer"), times=100)
    world.time_passes(LONG)

    assert world.primary.calls["payment_changed"] == POISON_AFTER
    assert world.headline is Headline.SETTLED
    assert Queue.PLACEMENT not in due_times(world.order)


def test_a_shop_that_is_away_for_a_day_hears_of_it_afterwards() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", TryAgain("away", after=600), times=100)
    world.time_passes(LONG / 2)
    assert world.primary.calls["payment_changed"] > POISON_AFTER
    world.time_passes(LONG)

    assert heard(world).captured == TOTAL


def test_a_report_that_comes_after_a_later_one_is_refused_and_counts_as_told() -> None:
    world = an_order()
    world.time_passes(A_WHILE)
    number, payment = world.primary.payments[world.ref]
    world.primary.payments[world.ref] = (number + 5, payment)
    world.an_agent_gives_back(1_000)
    world.time_passes(A_WHILE)

    assert world.primary.calls["payment_changed"] == 2
    assert Queue.PLACEMENT not in due_times(world.order)


def test_a_change_of_the_order_does_not_wait_for_a_report_that_was_put_off() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", TryAgain("away", after=600), times=100)
    world.time_passes(A_WHILE)
    world.primary.fail_next("payment_changed", TryAgain("away", after=600))
    report = world.order.placement.report
    assert report is not None
    assert report.due_at is not None
    assert report.due_at > world.now

    world.the_customer_cancels()
    world.shifts_work()

    assert world.primary.orders[world.ref].status == "cancelled"


def settled(by: timedelta = A_WHILE) -> World:
    """The shop heard of the capture, and has to hear of a refund."""
    world = an_order()
    world.time_passes(by)
    world.an_agent_gives_back(1_000)
    world.shifts_work(Queue.PAYMENT)
    return world


def test_the_pauses_get_longer_until_the_shop_answers_and_it_says_itself_how_long_it_is_away() -> None:
    world = settled()
    lost, away = OutcomeUnknown("no answer"), TryAgain("away", after=600)
    half_way = OutcomeUnknown("stopped half-way", after=60)
    assert pauses(world, "payment_changed", [lost, lost, lost, away, lost, half_way, lost]) == [2, 4, 8, 604, 2, 64, 2]


def test_what_an_earlier_report_met_delays_no_later_one() -> None:
    world = an_order()
    world.primary.fail_next("payment_changed", OutcomeUnknown("no answer"), times=POISON_AFTER - 1)
    world.time_passes(LONG)
    assert heard(world).captured == TOTAL

    world.an_agent_gives_back(1_000)
    world.primary.fail_next("payment_changed", OutcomeUnknown("no answer"), times=POISON_AFTER - 1)
    world.time_passes(LONG)
    assert heard(world).refunded == 1_000


def test_a_process_that_died_while_it_told_is_followed_by_another_once_it_must_be_dead() -> None:
    world = settled()
    dies_in(world, "payment_changed")
    world.make_step(Queue.PLACEMENT, world.ref)
    assert world.primary.calls["payment_changed"] == 2
    world.time_passes(A_WHILE)
    assert world.primary.calls["payment_changed"] == 3


def test_what_became_of_a_report_is_nothing_new_once_a_later_one_was_heard() -> None:
    world = settled()
    is_overtaken(world, "payment_changed", Refused("invalid"))
    assert heard(world).refunded == 1_000
    assert (len(told(world)), world.holds) == (2, [])


def test_a_shop_that_lost_the_order_and_gets_it_again_hears_of_the_money_again() -> None:
    world = an_order()
    world.time_passes(A_WHILE)
    number, _ = world.primary.payments[world.ref]
    world.primary.orders.clear()
    audit_primary(world.container)

    release_hold(world.container, world.ref, HoldCode.PRIMARY_REGRESSED, "Ann")
    world.time_passes(LONG)

    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL)
    assert heard(world) == PaymentStands("captured", world.intent_id, captured=TOTAL)
    assert world.primary.payments[world.ref][0] > number
