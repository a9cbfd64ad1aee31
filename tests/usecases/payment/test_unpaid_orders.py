"""An unpaid order is cancelled after some days and two reminders, with a mail."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fallback.domain.errors import TryAgain
from fallback.domain.incident.balance import ENDS, fate_of
from fallback.domain.order import erasing
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.lifecycle import Headline, holds_cart, pays_by
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.unpaid import ends_by
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.support.ask_question import ask_question
from tests.fakes.gateway import THREE_D_SECURE
from tests.usecases.world import TOTAL, Crash, World, an_authorized_order

DECLINED = "pm_card_chargeDeclinedExpiredCard"
DAYS = timedelta(days=7)
SOON = timedelta(minutes=5)


def an_unpaid_order(card: str | None = None) -> World:
    world = World()
    world.a_customer_orders(card)
    return world


def reminders(world: World) -> int:
    return world.told.count("asked_again")


UNPAID = pytest.mark.parametrize(
    "card", [None, DECLINED, THREE_D_SECURE], ids=["to pay later", "declined", "at the bank"]
)


@UNPAID
def test_an_unpaid_order_is_cancelled_with_a_mail_after_two_reminders(card: str | None) -> None:
    world = an_unpaid_order(card)
    world.time_passes(DAYS - timedelta(hours=1))
    assert world.headline is Headline.PAYMENT_NEEDED
    assert reminders(world) >= 2
    world.time_passes(timedelta(hours=2))
    assert world.headline is Headline.CANCELLED
    assert world.mails[-1] is NoticeKind.CANCELLED
    assert "unpaid" in world.told
    assert not world.authorized


def test_an_unpaid_order_ends_at_the_time_in_the_last_reminder() -> None:
    world = an_unpaid_order()
    world.time_passes(DAYS - timedelta(hours=1))
    by = world.order.payment.pay_by
    assert by is not None
    assert by - world.order.received_at == DAYS
    world.time_passes(by - world.now - timedelta(seconds=1))
    assert world.headline is Headline.PAYMENT_NEEDED
    world.time_passes(timedelta(seconds=2))
    assert world.headline is Headline.CANCELLED


def test_an_unpaid_order_that_ended_frees_its_cart_and_lets_its_incident_close() -> None:
    world = an_unpaid_order()
    world.time_passes(DAYS + SOON)
    assert not holds_cart(world.order)
    assert fate_of(world.order, ()) in ENDS
    assert erasing.kept_since(world.order) is not None
    world.a_customer_orders(key="another")
    assert isinstance(world.answer, Accepted)


def test_workers_that_were_away_for_weeks_remind_twice_before_it_ends() -> None:
    world = an_unpaid_order()
    world.now += 3 * DAYS
    world.time_passes(SOON)
    assert (world.headline, reminders(world)) == (Headline.PAYMENT_NEEDED, 1)
    world.time_passes(timedelta(days=1))
    assert (world.headline, reminders(world)) == (Headline.PAYMENT_NEEDED, 2)
    world.time_passes(timedelta(days=2))
    assert (world.headline, reminders(world)) == (Headline.CANCELLED, 2)


def test_who_tries_a_card_on_the_last_day_has_the_days_anew() -> None:
    world = an_unpaid_order()
    world.time_passes(DAYS - timedelta(hours=1))
    world.the_customer_gives(DECLINED)
    world.time_passes(DAYS - timedelta(hours=1))
    assert world.headline is Headline.PAYMENT_NEEDED
    world.time_passes(timedelta(hours=2))
    assert world.headline is Headline.CANCELLED


def test_who_pays_in_time_gets_the_goods() -> None:
    world = an_unpaid_order()
    world.time_passes(DAYS - timedelta(hours=1))
    world.the_customer_gives()
    world.time_passes(2 * DAYS)
    assert world.is_settled()
    assert pays_by(world.order) is None


def test_an_unpaid_order_with_an_open_question_is_not_cancelled() -> None:
    world = an_unpaid_order()
    world.time_passes(timedelta(days=6))
    ask_question(world.container, world.ref, "How may I pay by bank transfer?", None)
    world.time_passes(3 * DAYS)
    assert world.order.placement.state is PlacementState.WAITING
    assert world.order.payment.state is PaymentState.NONE


def test_a_crash_while_it_ends_ends_it_once() -> None:
    world = an_unpaid_order()
    by = world.order.received_at + DAYS
    world.time_passes(by - world.now - SOON)
    world.ledger.fail_next("commit", Crash(), after_effect=True)
    with pytest.raises(Crash):
        world.time_passes(2 * SOON, Queue.NOTICE)
    world.restart()
    world.time_passes()
    assert world.headline is Headline.CANCELLED
    assert world.mails.count(NoticeKind.CANCELLED) == 1


def test_who_has_answered_the_bank_pays_although_nothing_told_us() -> None:
    world = an_unpaid_order(THREE_D_SECURE)
    world.time_passes(DAYS - timedelta(minutes=20))
    world.the_bank_asks_and_the_customer()
    world.time_passes()
    assert world.is_settled()


def test_an_unpaid_order_is_not_cancelled_while_stripe_cannot_tell_whether_it_is_paid() -> None:
    world = an_unpaid_order(THREE_D_SECURE)
    world.time_passes(DAYS - timedelta(minutes=20))
    world.the_bank_asks_and_the_customer()
    world.gateway.fail_next("retrieve", TryAgain("away"), times=20)
    world.time_passes(timedelta(days=2))
    assert world.is_settled()


@pytest.mark.parametrize("rival", [{"paid": None}, {"cart_id": "basket-2"}], ids=["maybe paid", "possible rival"])
def test_a_question_about_a_rival_that_the_customer_leaves_open_ends_with_what_is_unpaid(rival: dict[str, Any]) -> None:
    world = an_authorized_order()
    world.a_rival(**rival)
    world.time_passes(SOON)
    assert len(world.holds) == 1
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.LAPSED)
    world.time_passes(DAYS - timedelta(hours=1))
    assert (world.headline, len(world.holds)) == (Headline.ON_HOLD, 1)
    assert reminders(world) >= 2
    mails = len(world.mails)
    assert mails <= 8
    world.time_passes(3 * DAYS)
    assert (world.headline, world.mails[mails:]) == (Headline.CANCELLED, [NoticeKind.CANCELLED])
    assert world.primary.orders["100077"].status == "placed"


def test_who_answers_the_question_and_pays_in_time_gets_the_goods() -> None:
    world = an_authorized_order()
    world.a_rival(cart_id="basket-2")
    world.time_passes(SOON)
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.LAPSED)
    world.time_passes(DAYS - timedelta(hours=1))
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes(timedelta(days=2))
    assert world.headline is Headline.PAYMENT_NEEDED
    world.the_customer_gives()
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL)


@UNPAID
def test_the_day_that_a_customer_reads_at_once_is_the_day_that_the_reminder_names(card: str | None) -> None:
    world = an_unpaid_order(card)
    world.time_passes(SOON)
    first = ends_by(world.order, world.ledger.timeline(world.ref), DAYS)
    world.time_passes(timedelta(hours=9))
    assert first == world.order.payment.pay_by == ends_by(world.order, world.ledger.timeline(world.ref), DAYS)


def test_no_end_is_named_to_whom_nobody_waits_for() -> None:
    world = an_authorized_order()
    assert ends_by(world.order, world.ledger.timeline(world.ref), DAYS) is None
