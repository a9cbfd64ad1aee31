"""Two writers at the same time: the later one decides again or is told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec import UNSET
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact, ShippingAddress
from fallback.domain.errors import Conflict, NotAllowedNow, OutcomeUnknown
from fallback.domain.order.ledger import CartTaken
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.payment.gateway import Intent
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.primary import Duplicates
from fallback.usecases.payment.authorize_payment import authorize_payment
from fallback.usecases.payment.void_payment import void_payment
from fallback.usecases.placement.reconcile_order import reconcile_order
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import World

DECLINED = "pm_card_visa_chargeDeclined"
ELSEWHERE = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))


def an_order(card: str | None = VISA, duplicates: Duplicates = Duplicates.ENFORCED) -> World:
    world = World(duplicates)
    world.a_customer_orders(card)
    return world


def the_customer_moves(world: World) -> None:
    world.the_customer_changes(ELSEWHERE)


@pytest.mark.parametrize("call", ["create", "confirm"])
def test_what_stripe_answers_is_recorded_beside_a_change_that_the_customer_made_meanwhile(call: str) -> None:
    world = an_order()
    world.meanwhile("gateway", call, lambda: the_customer_moves(world))
    world.time_passes()
    assert world.is_settled()
    assert world.order.customer.address.line1 == "2 Quay"
    assert len(world.gateway.intents) == 1


@pytest.mark.parametrize(("side", "call"), [("gateway", "create"), ("gateway", "confirm"), ("primary", "place")])
@pytest.mark.parametrize("before", [False, True], ids=["after its effect", "before its effect"])
def test_a_cancellation_inside_a_call_undoes_what_the_call_did(side: str, call: str, before: bool) -> None:
    world = an_order()
    world.meanwhile(side, call, world.the_customer_cancels, before)
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize("call", ["read", "rivals", "find"])
def test_a_cancellation_inside_a_question_to_the_primary_is_not_run_over(call: str) -> None:
    world = an_order(duplicates=Duplicates.SEARCH)
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect=True)
    world.meanwhile("primary", call, world.the_customer_cancels)
    world.time_passes()
    assert world.is_undone()


def test_a_cancellation_inside_the_capture_is_followed_by_a_refund() -> None:
    world = an_order()
    world.meanwhile("gateway", "capture", world.the_customer_cancels)
    world.time_passes()
    assert world.is_undone()
    assert world.headline is Headline.REFUNDED
    assert NoticeKind.PLACED not in world.mails  # which promises the delivery


def test_an_old_look_at_the_intent_does_not_take_their_new_card_away() -> None:
    world = an_order(THREE_D_SECURE)
    world.time_passes(timedelta(minutes=1))
    world.the_bank_asks_and_the_customer(passes=False)
    world.stripe_says(PaymentNews.DECLINED)
    world.meanwhile("gateway", "retrieve", lambda: world.the_customer_gives(VISA))
    world.shifts_work(Queue.PAYMENT)
    assert "declined" not in world.told
    world.time_passes()
    assert world.is_settled()


def test_two_who_look_at_the_same_lapse_tell_them_once() -> None:
    world = an_order()
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED, "evt_1")

    def another_event() -> None:
        world.stripe_says(PaymentNews.LAPSED, "evt_2")
        world.shifts_work(Queue.PAYMENT)

    world.meanwhile("gateway", "retrieve", another_event)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    assert world.told.count("authorization_lapsed") == 1
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_a_worker_does_not_touch_an_attempt_whose_caller_may_be_alive() -> None:
    world = an_order(duplicates=Duplicates.KEYED)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    world.meanwhile("primary", "place", lambda: reconcile_order(world.container, world.order, world.primary.health()))
    world.time_passes()
    assert world.is_settled()
    assert (world.primary.calls["place"], world.primary.calls["find"], world.primary.doubles) == (1, 0, [])


def test_an_answer_that_comes_after_somebody_else_has_found_out_is_old_news() -> None:
    world = an_order()
    world.shifts_work(Queue.PAYMENT)

    def the_caller_sleeps() -> None:
        world.now += 2 * PATIENCE
        world.shifts_work()

    world.meanwhile("primary", "place", the_caller_sleeps)
    with pytest.raises(Conflict):
        reconcile_order(world.container, world.order, world.primary.health())
    world.time_passes()
    assert world.is_settled()
    assert world.told.count("placed") == 1


@pytest.mark.parametrize(
    ("step", "call"), [(authorize_payment, "create"), (void_payment, "void"), (reconcile_order, "place")]
)
def test_a_worker_that_loses_the_race_for_a_step_makes_no_call(step: Callable[..., None], call: str) -> None:
    world = an_order()
    if step is not authorize_payment:
        world.shifts_work(Queue.PAYMENT)
    if step is void_payment:
        world.the_customer_cancels()
    world.ledger.fail_next("commit", Conflict(world.ref))
    health = [world.primary.health()] if step is reconcile_order else []
    with pytest.raises(Conflict):
        step(world.container, world.order, *health)
    assert world.gateway.calls[call] == world.primary.calls[call] == 0


# --- changes by the customer


def test_a_program_changes_only_the_version_that_it_saw() -> None:
    world = an_order(None)
    version = world.order.version
    the_customer_moves(world)
    with pytest.raises(Conflict, match=world.ref):
        world.the_customer_changes(ELSEWHERE, version=version)


def test_the_customer_changes_who_and_where_until_the_primary_may_have_it() -> None:
    world = an_order()
    requested = ChangeOrder(contact=Contact("John Bayley", "john@example.org"), note="Ring twice")
    order = world.the_customer_changes(requested)
    assert (order.customer.name, order.customer.email, order.customer.note) == (
        "John Bayley",
        "john@example.org",
        "Ring twice",
    )
    assert order.customer.address.line1 == "1 Quay"
    assert world.ledger.timeline(world.ref)[-1].data == {"what": "contact note"}
    world.time_passes()
    with pytest.raises(NotAllowedNow):
        world.the_customer_changes(ChangeOrder(note="Ring once"))


def test_a_change_of_nothing_writes_nothing() -> None:
    world = an_order(None)
    before = world.order
    assert ChangeOrder().note is UNSET
    assert world.the_customer_changes(ChangeOrder()) == before
    assert world.order == before


# --- one purchase, one order


def test_a_cart_that_stands_is_not_taken_twice() -> None:
    world = an_order()
    world.a_customer_orders(VISA, key="another key")
    assert world.answer == CartTaken(world.ref)


def test_the_same_request_again_is_answered_with_the_same_order() -> None:
    world = an_order()
    first = world.ref
    world.a_customer_orders(VISA)
    assert (world.ref, world.answer.replayed) == (first, True)
    assert world.ledger.refs() == [first]


def test_figures_of_an_intent_that_moved_while_its_id_was_lost_are_those_of_stripe() -> None:
    world = an_order()
    world.gateway.fail_next("create", OutcomeUnknown("lost"), after_effect=True)
    world.shifts_work(Queue.PAYMENT)
    (intent,) = world.gateway.intents.values()
    assert isinstance(intent, Intent)
    world.gateway.intents[intent.id] = replace(intent, state="captured", captured=3093)
    world.time_passes()
    assert world.states == (PaymentState.CAPTURED, PlacementState.VERIFIED)
