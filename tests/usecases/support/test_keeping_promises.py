"""A waiting order: its owner, the update for its customer, and escalations. The clock advances, shifts do the work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, TryAgain
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.placement.release_hold import release_hold
from fallback.usecases.support.keep_promise import keep_promise
from tests.usecases.world import Crash, World, an_authorized_order

ANN, BO, LEA = Person("Ann", Role.AGENT), Person("Bo", Role.AGENT), Person("Lea", Role.LEAD)
SOON = timedelta(minutes=1)


def an_order_on_hold(*on_duty: Person) -> World:
    world = an_authorized_order()
    for person in on_duty:
        world.duty.begin(person, world.clock())
    hold(world)
    return world


def hold(world: World) -> None:
    held = put_on_hold(world.order, HoldCode.MISMATCH, world.clock(), "checkout desk")
    world.ledger.commit(world.order, held.order, held.events)


def words(world: World) -> int:
    return world.mails.count(NoticeKind.NEXT_WORD)


def test_the_next_order_is_the_next_persons() -> None:
    world, owners = an_order_on_hold(ANN, BO), []
    for number in range(2, 6):
        world.time_passes(SOON, Queue.NOTICE)
        owners.append(world.order.owner)
        world.a_customer_orders(cart_id=f"basket-{number}", key=f"key-{number}", email=f"{number}@example.org")
        world.time_passes(SOON, Queue.PAYMENT)
        hold(world)
    assert owners == ["Ann", "Bo", "Ann", "Bo"]


def test_an_order_on_hold_has_its_owner_within_seconds() -> None:
    world = an_order_on_hold(ANN, BO)
    world.time_passes(SOON, Queue.NOTICE)
    assert world.order.owner == "Ann"
    assert world.told[-1] == "owner_given"
    assert words(world) == 0


def test_the_next_order_goes_to_the_next() -> None:
    world = an_order_on_hold(ANN, BO)
    world.time_passes(SOON, Queue.NOTICE)
    world.a_customer_orders(cart_id="basket-2", key="another")
    hold(world)
    world.time_passes(SOON, Queue.NOTICE)
    assert world.order.owner == "Bo"


def test_an_order_on_hold_belongs_to_the_desk_if_nobody_is_on_duty() -> None:
    world = an_order_on_hold()
    world.time_passes(SOON, Queue.NOTICE)
    assert world.order.owner == "checkout desk"


def test_the_customer_hears_in_time_and_it_goes_up_with_a_name() -> None:
    world = an_order_on_hold(ANN, LEA)
    promised = world.order.holds[0].next_word_by
    world.time_passes(promised - world.now, Queue.NOTICE)
    assert (words(world), world.order.owner) == (1, "Lea")
    assert world.told[-2:] == ["escalated", "next_word"]


def test_each_promise_is_kept_once() -> None:
    world = an_order_on_hold(ANN)
    world.time_passes(timedelta(days=3), Queue.NOTICE)
    assert words(world) == 3
    assert world.told.count("next_word") == 3


def test_during_a_mail_outage_it_goes_up_all_the_same_and_the_word_goes_out_after_it() -> None:
    world = an_order_on_hold(ANN, LEA)
    for _ in range(3):
        world.mailer.fail_next("asked", TryAgain("away"))
    world.time_passes(timedelta(hours=9), Queue.NOTICE)
    assert (words(world), world.order.owner) == (1, "Lea")


def test_a_customer_gets_no_update_while_the_order_makes_progress() -> None:
    world = an_authorized_order()
    world.time_passes(timedelta(days=1))
    assert world.is_settled()
    assert words(world) == 0


def test_a_shop_that_stays_away_is_told_of() -> None:
    world = an_authorized_order()
    world.time_passes(timedelta(hours=9), Queue.PAYMENT, Queue.NOTICE)
    assert words(world) == 1
    assert world.order.owner == "checkout desk"


def an_order_to_be_paid_later(*on_duty: Person) -> World:
    world = World()
    world.a_customer_orders(None)
    for person in on_duty:
        world.duty.begin(person, world.clock())
    return world


def test_an_order_that_waits_for_its_payment_has_an_owner_and_the_customer_is_asked_again() -> None:
    world = an_order_to_be_paid_later(ANN, LEA)
    world.time_passes(timedelta(hours=7))
    assert world.order.owner == ""
    world.time_passes(timedelta(hours=1))
    assert world.order.owner == "Ann"
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_an_unpaid_order_that_nobody_handles_is_escalated() -> None:
    world = an_order_to_be_paid_later(ANN, LEA)
    world.time_passes(timedelta(days=2))
    assert world.told[-2:] == ["escalated", "asked_again"]
    assert world.order.owner == "Lea"


def test_who_pays_after_days_is_asked_no_more_and_gets_what_the_customer_ordered() -> None:
    world = an_order_to_be_paid_later(ANN)
    world.time_passes(timedelta(days=6))
    asked = len(world.mails)
    assert asked == 5
    world.the_customer_gives()
    world.time_passes()
    assert world.is_settled()
    assert world.mails[asked:] == [NoticeKind.PLACED]


def test_a_crash_after_the_commit_says_nothing_twice() -> None:
    world = an_order_on_hold(ANN)
    world.time_passes(SOON, Queue.NOTICE)
    world.now = world.order.holds[0].next_word_by
    world.ledger.fail_next("commit", Crash(), after_effect=True)
    with pytest.raises(Crash):
        keep_promise(world.container, world.order)
    world.restart()
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert (words(world), world.told.count("next_word")) == (1, 1)


def test_a_crash_before_the_commit_loses_nothing() -> None:
    world = an_order_on_hold(ANN)
    world.time_passes(SOON, Queue.NOTICE)
    world.now = world.order.holds[0].next_word_by
    world.ledger.fail_next("commit", Crash())
    with pytest.raises(Crash):
        keep_promise(world.container, world.order)
    world.restart()
    world.time_passes(timedelta(hours=1), Queue.NOTICE)
    assert words(world) == 1


def test_keeping_a_promise_does_not_overwrite_a_concurrent_write() -> None:
    world = an_order_on_hold(ANN)
    world.meanwhile(
        "ledger", "timeline", lambda: world.ledger.commit(world.order, replace(world.order, owner="Bo"), ())
    )
    with pytest.raises(Conflict):
        keep_promise(world.container, world.order)
    assert world.order.owner == "Bo"


def test_a_released_order_still_keeps_its_word() -> None:
    world = an_order_on_hold(ANN)
    promised = world.order.holds[0].next_word_by
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(promised - world.now, Queue.PAYMENT, Queue.NOTICE)
    assert words(world) == 1
