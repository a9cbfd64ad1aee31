"""A shop that can hear of withdrawals from the contract is told; of every other a person is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import WithdrawContract
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.cart import Totals
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import NoticeKind, NoticeState, Queue
from fallback.domain.order.withdrawal import WithdrawalState
from fallback.domain.placement.contract_withdrawal import what_follows
from fallback.domain.placement.matching import SHIPPED
from fallback.domain.placement.primary import WITHDRAWALS
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import BOOK
from tests.usecases.placement.reporting import dies_in, is_overtaken, pauses
from tests.usecases.world import LONG, World, an_authorized_order

A_WHILE = timedelta(hours=1)
ONE = WithdrawContract("Ada Lovelace", "ada@home.example", (1,))


def withdrawn(*, hears: bool = True) -> World:
    """The shop has the order, and the customer withdrew from one piece of it."""
    world = an_authorized_order()
    world.time_passes(A_WHILE)
    assert world.headline is Headline.SETTLED
    if not hears:
        world.primary.can -= {WITHDRAWALS}
    world.the_customer_withdraws(ONE, "a")
    return world


def state(world: World) -> WithdrawalState:
    assert world.order.withdrawal
    return world.order.withdrawal.state


def test_the_shop_hears_of_it_once_and_the_customer_has_the_receipt() -> None:
    world = withdrawn()
    world.time_passes(LONG)
    [(email, pieces)] = world.primary.withdrawals[world.ref]
    assert (email, list(pieces.values())) == ("ada@home.example", [1])
    assert world.primary.calls["withdrawn"] == 1
    [event] = [event for event in world.ledger.timeline(world.ref) if event.what == "withdrawal_reported"]
    assert event.who == "worker"
    assert (state(world), world.order.holds, world.order.payment.refunded) == (WithdrawalState.TOLD, (), 0)
    assert Queue.PLACEMENT not in due_times(world.order)
    sent = [notice.kind for notice in world.order.notices if notice.state is NoticeState.SENT]
    assert sent.count(NoticeKind.WITHDRAWAL) == 1


def test_a_shop_that_cannot_hear_of_it_is_told_by_a_person_who_says_so() -> None:
    world = withdrawn(hears=False)
    world.make_step(Queue.PLACEMENT, world.ref)
    assert world.primary.calls["withdrawn"] == 0
    [hold] = world.order.holds
    assert (hold.code, state(world)) == (HoldCode.WITHDRAWAL, WithdrawalState.BY_HAND)
    release_hold(world.container, world.ref, HoldCode.WITHDRAWAL, "Mara")
    assert (world.order.holds, state(world)) == ((), WithdrawalState.TOLD)


def test_of_an_order_that_the_shop_cancelled_meanwhile_nobody_has_to_tell_it() -> None:
    world = withdrawn(hears=False)
    world.make_step(Queue.PLACEMENT, world.ref)
    assert world.holds == [HoldCode.WITHDRAWAL]
    world.the_customer_cancels()
    world.time_passes(LONG)
    assert (world.headline, world.holds) == (Headline.REFUNDED, [])
    assert what_follows(world.order) is None


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_report_without_an_answer_is_repeated(after_effect: bool) -> None:
    world = withdrawn()
    world.primary.fail_next("withdrawn", OutcomeUnknown("no answer"), after_effect, times=2)
    world.time_passes(LONG)
    assert world.primary.calls["withdrawn"] == 3
    assert len(world.primary.withdrawals[world.ref]) == 1
    assert state(world) is WithdrawalState.TOLD


def test_the_pauses_get_longer_until_the_shop_answers_and_it_says_itself_how_long_it_is_away() -> None:
    world = withdrawn()
    lost, away = OutcomeUnknown("no answer"), TryAgain("away", after=600)
    half_way = OutcomeUnknown("stopped half-way", after=60)
    assert pauses(world, "withdrawn", [lost, lost, lost, away, lost, half_way, lost]) == [2, 4, 8, 604, 2, 64, 2]


def test_a_process_that_died_while_it_told_is_followed_by_another_once_it_must_be_dead() -> None:
    world = withdrawn()
    dies_in(world, "withdrawn")
    world.make_step(Queue.PLACEMENT, world.ref)
    assert world.primary.calls["withdrawn"] == 1
    world.time_passes(A_WHILE)
    assert world.primary.calls["withdrawn"] == 2
    assert state(world) is WithdrawalState.TOLD


def test_what_became_of_a_report_is_nothing_new_once_a_later_one_was_heard() -> None:
    world = withdrawn()
    is_overtaken(world, "withdrawn", Refused("invalid"))
    assert world.primary.calls["withdrawn"] == 2
    assert (state(world), world.holds) == (WithdrawalState.TOLD, [])


def test_a_shop_that_is_away_hears_of_it_later() -> None:
    world = withdrawn()
    world.primary.fail_next("withdrawn", TryAgain("away", after=600), times=POISON_AFTER + 1)
    world.time_passes(LONG)
    assert state(world) is WithdrawalState.TOLD


@pytest.mark.parametrize(
    ("error", "times", "calls"),
    [(Refused("invalid"), 1, 1), (OutcomeUnknown("no answer"), 100, POISON_AFTER)],
)
def test_of_what_the_shop_refuses_or_never_answers_a_person_tells_it(error: Exception, times: int, calls: int) -> None:
    world = withdrawn()
    world.primary.fail_next("withdrawn", error, times=times)
    world.time_passes(timedelta(hours=3))
    assert world.primary.calls["withdrawn"] == calls
    assert [hold.code for hold in world.order.holds] == [HoldCode.WITHDRAWAL]


def test_another_statement_is_told_with_the_first() -> None:
    world = withdrawn()
    world.time_passes(A_WHILE)
    world.the_customer_withdraws(ONE, "b")
    world.time_passes(A_WHILE)
    assert len(world.primary.withdrawals[world.ref]) == 2
    assert state(world) is WithdrawalState.TOLD


def refused_and_stated_again() -> World:
    """A person has to tell the shop of the first statement, and the shop can hear again when the second one comes."""
    world = withdrawn()
    world.primary.fail_next("withdrawn", Refused("invalid"))
    world.shifts_work()
    assert world.holds == [HoldCode.WITHDRAWAL]
    world.the_customer_withdraws(ONE, "b")
    return world


def test_the_next_report_that_the_shop_hears_says_all_so_nobody_has_to_tell_it() -> None:
    world = refused_and_stated_again()
    world.time_passes(A_WHILE)
    assert len(world.primary.withdrawals[world.ref]) == 2
    assert (state(world), world.holds) == (WithdrawalState.TOLD, [])


def test_a_person_who_told_the_shop_of_the_first_has_not_told_it_of_what_was_stated_since() -> None:
    world = refused_and_stated_again()
    release_hold(world.container, world.ref, HoldCode.WITHDRAWAL, "Mara")
    world.time_passes(A_WHILE)
    assert len(world.primary.withdrawals[world.ref]) == 2
    assert (state(world), world.holds) == (WithdrawalState.TOLD, [])


def test_a_late_report_is_known_as_older() -> None:
    world = withdrawn()
    world.primary.lose_next("withdrawn")
    world.make_step(Queue.PLACEMENT, world.ref)
    world.the_customer_withdraws(ONE, "b")
    world.time_passes(A_WHILE)
    world.primary.arrive()
    assert len(world.primary.withdrawals[world.ref]) == 2


@pytest.mark.parametrize("hears", [True, False])
def test_of_pieces_that_were_taken_out_before_it_had_the_order_the_shop_hears_nothing(hears: bool) -> None:
    world = World()
    world.a_customer_orders(None, lines=(replace(BOOK, quantity=3),), totals=Totals(3897, 0, 319, 3897))
    world.the_customer_withdraws(ONE, "a")
    world.the_customer_gives()
    world.time_passes(A_WHILE)
    assert world.headline is Headline.SETTLED
    if not hears:
        world.primary.can -= {WITHDRAWALS}
    world.the_customer_withdraws(ONE, "b")
    world.time_passes(timedelta(minutes=1))
    told = [list(pieces.values()) for _, pieces in world.primary.withdrawals.get(world.ref, ())]
    assert (told, [hold.detail for hold in world.order.holds]) == (([[1]], []) if hears else ([], ["BK-1: 1"]))


def test_a_withdrawal_that_came_after_the_goods_had_left_is_for_the_shop() -> None:
    def ships_at_once_while_the_customer_withdraws() -> None:
        world.primary.keep(replace(world.primary.orders[world.ref], status=SHIPPED))
        world.the_customer_withdraws(replace(ONE, quantities=(2,)))

    world = an_authorized_order()
    world.meanwhile("primary", "place", ships_at_once_while_the_customer_withdraws)
    world.time_passes(A_WHILE)
    assert world.holds == [HoldCode.ALREADY_SHIPPED]
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Mara")
    world.time_passes(A_WHILE)
    assert (world.headline, state(world)) == (Headline.SETTLED, WithdrawalState.TOLD)
    assert len(world.primary.withdrawals[world.ref]) == 1
