"""The response to `create` was lost on an account with many payments: follow_payment."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from fallback.domain.errors import NotThrough, OutcomeUnknown, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, Queue
from fallback.domain.payment.gateway import Intent
from fallback.domain.payment.search import KEY_LIFE, is_slow
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import VISA
from tests.usecases.world import Crash, World, an_order_with, only_the_payment


def lost(world: World, times: int = 1, after_effect: bool = True) -> None:
    world.gateway.fail_next("create", OutcomeUnknown("lost"), after_effect, times=times)


def searches(world: World, find: Callable[[str, datetime, str], Intent | None]) -> list[str]:
    """Where each search went on; `find` stands in for the gateway's."""
    began: list[str] = []

    def noted(ref: str, since: datetime, after: str = "") -> Intent | None:
        began.append(after)
        return find(ref, since, after)

    world.gateway.find = noted  # type: ignore[method-assign]
    return began


@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
@pytest.mark.parametrize("times", [1, 3])
def test_while_its_key_lives_the_same_call_is_sent_again(times: int, after_effect: bool) -> None:
    world = an_order_with(VISA)
    lost(world, times, after_effect)
    only_the_payment(world, timedelta(hours=1))
    assert world.headline is Headline.WAITING
    assert world.gateway.calls["create"] == times + 1
    assert world.gateway.calls["find"] == 0
    assert len(world.gateway.intents) == 1


def test_an_attempt_that_a_crash_left_open_is_sent_again_too() -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next("create", Crash(), after_effect=True)
    with pytest.raises(Crash):
        only_the_payment(world)
    world.restart()
    only_the_payment(world, timedelta(minutes=2))
    assert (world.headline, len(world.gateway.intents)) == (Headline.WAITING, 1)
    assert world.gateway.calls["find"] == 0


def test_tries_are_counted_and_a_person_is_asked_in_the_end() -> None:
    world = an_order_with(VISA)
    lost(world, times=100)
    only_the_payment(world, timedelta(days=1))
    assert world.holds == [HoldCode.POISON]
    assert world.gateway.calls["create"] == POISON_AFTER


@pytest.mark.parametrize("made", [True, False], ids=["it was made", "it was not"])
def test_a_search_for_an_intent_continues_where_the_last_one_ended(made: bool) -> None:
    world = an_order_with(VISA)
    find, cut = world.gateway.find, ["pi_200", "pi_100"]

    def busy(ref: str, since: datetime, after: str) -> Intent | None:
        if cut:
            raise NotThrough("no time is left", cut.pop(0))
        return find(ref, since)

    began = searches(world, busy)
    lost(world, after_effect=made)
    world.shifts_work(Queue.PAYMENT)
    world.now += KEY_LIFE
    only_the_payment(world, timedelta(hours=1))
    assert began == ["", "pi_200", "pi_100"]
    assert world.headline is Headline.WAITING
    assert len(world.gateway.intents) == 1
    assert world.order.payment.search_after is None


def test_a_key_under_which_an_error_is_kept_is_not_sent_again_before_it_was_looked() -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next("create", OutcomeUnknown("500", key_spent=True), after_effect=True)
    began = searches(world, world.gateway.find)
    only_the_payment(world)
    assert began == [""]
    assert len(world.gateway.intents) == 1
    assert world.headline is Headline.WAITING


def test_a_search_that_the_rate_limit_stops_goes_on_however_often_it_is_stopped() -> None:
    world = an_order_with(VISA)
    stops, find = iter(range(3 * POISON_AFTER)), world.gateway.find

    def limited(ref: str, since: datetime, after: str) -> Intent | None:
        for page in stops:
            raise NotThrough("too many requests", f"pi_{page}", after=60)
        return find(ref, since)

    searches(world, limited)
    lost(world)
    world.shifts_work(Queue.PAYMENT)
    world.now += KEY_LIFE
    only_the_payment(world, timedelta(days=1))
    assert (world.headline, world.holds) == (Headline.WAITING, [])


def test_a_search_without_end_waits_for_a_person_and_goes_on_after_them() -> None:
    world = an_order_with(VISA)
    seen = iter(range(1_000))
    find = world.gateway.find

    def endless(ref: str, since: datetime, after: str) -> Intent | None:
        raise NotThrough("no time is left", f"pi_{next(seen)}")

    began = searches(world, endless)
    lost(world)
    world.shifts_work(Queue.PAYMENT)
    world.now += KEY_LIFE
    only_the_payment(world, timedelta(days=2))
    assert world.holds == [HoldCode.POISON]
    assert 1 + len(began) == POISON_AFTER, "the lost call is the first try"
    last = world.order.payment.search_after

    began = searches(world, lambda ref, since, after: find(ref, since))
    release_hold(world.container, world.ref, HoldCode.POISON, "Ann")
    only_the_payment(world)
    assert began == [last]
    assert world.headline is Headline.WAITING


def test_a_provider_that_is_down_is_no_fault_of_the_order() -> None:
    world = an_order_with(VISA)
    lost(world)
    world.shifts_work(Queue.PAYMENT)
    world.gateway.fail_next("create", TryAgain("down"), times=100)
    only_the_payment(world, timedelta(hours=2))
    assert world.holds == []
    assert world.order.payment.state is PaymentState.AUTHORIZED


def test_slow_is_what_is_searched_for_and_what_is_lost_again_and_again() -> None:
    world = an_order_with(VISA)
    assert not is_slow(world.order, world.now)
    lost(world, times=2)
    world.shifts_work(Queue.PAYMENT)
    assert not is_slow(world.order, world.now)
    assert is_slow(world.order, world.now + KEY_LIFE)
    world.time_passes(timedelta(seconds=4), Queue.PAYMENT)
    assert is_slow(world.order, world.now)
    only_the_payment(world)
    assert not is_slow(world.order, world.now + KEY_LIFE)


def test_an_intent_that_is_over_is_not_the_one_that_is_looked_for() -> None:
    world = an_order_with(VISA)
    lost(world, after_effect=False)
    world.shifts_work(Queue.PAYMENT)
    over = world.gateway.create(world.ref, world.order.total, "of a card that was given before")
    world.gateway.void(over.id, "void")
    world.now += KEY_LIFE
    only_the_payment(world, timedelta(hours=1))
    assert world.headline is Headline.WAITING
    assert world.intent_id != over.id
