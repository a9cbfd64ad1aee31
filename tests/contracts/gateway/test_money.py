"""Capture, void and refund."""

from __future__ import annotations

import pytest

from fallback.domain.errors import Refused
from fallback.domain.money import Money
from fallback.domain.order.grants import RefundState
from fallback.domain.payment.gateway import IntentState
from tests.contracts.gateway.worlds import BACK, REF, TOTAL, World, captured, confirmed, created
from tests.fakes.gateway import VISA


def test_capture_takes_the_money_once(world: World) -> None:
    intent = captured(world)

    again = world.gateway.capture(intent.id, TOTAL, "another key")

    assert (intent.state, intent.captured) == (IntentState.CAPTURED, TOTAL.amount)
    assert again == intent
    assert world.captures(REF) == 1


def test_less_than_the_authorized_amount_can_be_captured(world: World) -> None:
    intent = world.gateway.capture(confirmed(world).id, Money(2000, "EUR"), "key")

    assert (intent.captured, intent.refunded) == (2000, 0)


def test_more_than_the_authorized_amount_is_refused(world: World) -> None:
    authorized = confirmed(world)

    with pytest.raises(Refused) as refusal:
        world.gateway.capture(authorized.id, Money(TOTAL.amount + 1, TOTAL.currency), "key")
    assert refusal.value.code == "amount_too_large"


def test_nothing_is_captured_before_it_is_authorized(world: World) -> None:
    intent = created(world)

    assert world.gateway.capture(intent.id, TOTAL, "key") == intent
    assert world.captures(REF) == 0


def test_voiding_lets_the_money_go(world: World) -> None:
    intent = world.gateway.void(confirmed(world).id, f"{REF}:void")

    assert (intent.state, intent.captured, intent.refunded) == (IntentState.VOIDED, 0, 0)
    assert not intent.lapsed
    assert world.gateway.void(intent.id, "another key") == intent


def test_an_intent_without_a_card_can_be_voided(world: World) -> None:
    assert world.gateway.void(created(world).id, "key").state is IntentState.VOIDED


def test_a_captured_payment_is_not_voided(world: World) -> None:
    intent = captured(world)

    assert world.gateway.void(intent.id, "key") == intent


def test_a_voided_intent_is_neither_confirmed_nor_captured(world: World) -> None:
    voided = world.gateway.void(created(world).id, "void")

    assert world.gateway.confirm(voided.id, world.token(VISA), BACK, "confirm") == voided
    assert world.gateway.capture(voided.id, TOTAL, "capture") == voided


def test_an_authorization_that_was_not_captured_in_time_has_lapsed(world: World) -> None:
    intent = confirmed(world)

    world.lapse(intent)

    found = world.gateway.retrieve(intent.id)
    assert (found.state, found.lapsed) == (IntentState.VOIDED, True)
    assert world.gateway.capture(intent.id, TOTAL, "too late") == found


def test_refunds_add_up_and_each_key_counts_once(world: World) -> None:
    intent = captured(world)

    first = world.gateway.refund(intent.id, Money(1000, "EUR"), f"{REF}:refund:1")
    world.gateway.refund(intent.id, Money(1000, "EUR"), f"{REF}:refund:1")
    second = world.gateway.refund(intent.id, Money(1893, "EUR"), f"{REF}:refund:2")

    assert (first.refunded, second.refunded) == (1000, 2893)
    assert second.captured == 2893
    assert world.gateway.refund(intent.id, Money(1, "EUR"), f"{REF}:refund:3") == second


def test_more_than_what_is_left_is_not_refunded(world: World) -> None:
    intent = captured(world)

    with pytest.raises(Refused):
        world.gateway.refund(intent.id, Money(TOTAL.amount + 1, TOTAL.currency), "key")
    assert world.gateway.retrieve(intent.id).refunded == 0


def test_what_was_not_captured_is_not_refunded(world: World) -> None:
    intent = confirmed(world)

    with pytest.raises(Refused):
        world.gateway.refund(intent.id, Money(1, "EUR"), "key")


def test_each_refund_is_an_object_that_names_its_grant(world: World) -> None:
    intent = captured(world)

    world.gateway.refund(intent.id, Money(1000, "EUR"), f"{REF}:grant:7", 7)
    seen = world.gateway.refund(intent.id, Money(1893, "EUR"), f"{REF}:refund")

    assert [(each.amount, each.state, each.grant) for each in seen.refunds] == [
        (1000, RefundState.SUCCEEDED, 7),
        (1893, RefundState.SUCCEEDED, 0),
    ]
    assert all(each.made_at for each in seen.refunds)
    assert world.gateway.retrieve(intent.id).refunds == seen.refunds


@pytest.mark.parametrize("state", [RefundState.FAILED, RefundState.CANCELED])
def test_a_refund_that_comes_back_is_taken_from_the_sum_and_can_be_made_again(world: World, state: RefundState) -> None:
    intent = captured(world)
    first = world.gateway.refund(intent.id, TOTAL, f"{REF}:refund")

    world.comes_back(first.refunds[0], state)

    found = world.gateway.retrieve(intent.id)
    assert (found.refunded, [each.state for each in found.refunds]) == (0, [state])
    again = world.gateway.refund(intent.id, TOTAL, f"{REF}:refund:1")
    assert (again.refunded, len(again.refunds)) == (TOTAL.amount, 2)


def test_a_refund_that_is_pending_counts_as_sent(world: World) -> None:
    intent = captured(world)
    made = world.gateway.refund(intent.id, TOTAL, f"{REF}:refund")

    world.comes_back(made.refunds[0], RefundState.PENDING)

    found = world.gateway.retrieve(intent.id)
    assert (found.refunded, found.refunds[0].state) == (TOTAL.amount, RefundState.PENDING)


def test_all_refunds_are_seen_however_many(world: World) -> None:
    intent = captured(world)
    for number in range(13):
        world.gateway.refund(intent.id, Money(100, "EUR"), f"{REF}:grant:{number + 1}", number + 1)

    found = world.gateway.retrieve(intent.id)

    assert [each.grant for each in found.refunds] == list(range(1, 14))
    world.comes_back(found.refunds[0])
    assert world.gateway.retrieve(intent.id).refunded == 1200
