"""Lost intents and responses, and how they are found again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fallback.domain.errors import OutcomeUnknown, RateLimited, Refused
from fallback.domain.money import Money
from fallback.domain.payment.gateway import IntentState
from tests.contracts.gateway.worlds import BACK, OTHER_REF, REF, TOTAL, World, captured, confirmed, created
from tests.fakes.gateway import VISA

YESTERDAY = datetime.now(UTC) - timedelta(days=1)


def test_a_lost_reply_is_an_unknown_outcome_and_the_same_key_tells_it(world: World) -> None:
    authorized = confirmed(world)
    world.lose_reply("capture")

    with pytest.raises(OutcomeUnknown):
        world.gateway.capture(authorized.id, TOTAL, f"{REF}:capture")

    assert world.gateway.capture(authorized.id, TOTAL, f"{REF}:capture").state is IntentState.CAPTURED
    assert world.captures(REF) == 1


def test_after_a_lost_confirmation_the_same_key_does_not_use_the_card_twice(world: World) -> None:
    intent, token = created(world), world.token(VISA)
    world.lose_reply("confirm")
    with pytest.raises(OutcomeUnknown):
        world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    again = world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    assert (again.state, again.decline) == (IntentState.AUTHORIZED, None)


def test_after_a_lost_confirmation_the_used_token_under_a_new_key_is_no_decline(world: World) -> None:
    intent, token = created(world), world.token(VISA)
    world.lose_reply("confirm")
    with pytest.raises(OutcomeUnknown):
        world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    again = world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:2")

    assert (again.state, again.decline) == (IntentState.AUTHORIZED, None)


def test_a_lost_void_is_found_by_looking(world: World) -> None:
    intent = confirmed(world)
    world.lose_reply("void")

    with pytest.raises(OutcomeUnknown):
        world.gateway.void(intent.id, "key")

    assert world.gateway.retrieve(intent.id).state is IntentState.VOIDED


def test_a_lost_refund_is_found_by_looking_and_its_key_counts_once(world: World) -> None:
    intent = captured(world)
    world.lose_reply("refund")

    with pytest.raises(OutcomeUnknown):
        world.gateway.refund(intent.id, Money(500, "EUR"), "key")

    assert world.gateway.retrieve(intent.id).refunded == 500
    assert world.gateway.refund(intent.id, Money(500, "EUR"), "key").refunded == 500


def test_an_intent_whose_id_was_lost_is_found_by_its_ref(world: World) -> None:
    created(world, OTHER_REF)
    world.lose_reply("create")
    with pytest.raises(OutcomeUnknown):
        created(world)

    found = world.gateway.find(REF, YESTERDAY)

    assert found is not None
    assert found.id == created(world).id


def test_the_usable_intent_is_found_before_a_newer_voided_one(world: World) -> None:
    usable = world.gateway.create(REF, TOTAL, "first")
    voided = world.gateway.create(REF, TOTAL, "second")
    world.gateway.void(voided.id, "void")

    assert world.gateway.find(REF, YESTERDAY) == usable


def test_an_intent_is_found_behind_a_hundred_newer_ones(world: World) -> None:
    intent = created(world)
    for number in range(101):
        world.gateway.create(OTHER_REF, TOTAL, f"key {number}")

    assert world.gateway.find(REF, YESTERDAY) == intent


def test_nothing_is_found_for_a_ref_that_stripe_never_saw(world: World) -> None:
    created(world)

    assert world.gateway.find(OTHER_REF, YESTERDAY) is None


def test_nothing_is_found_from_before_the_time_asked_for(world: World) -> None:
    created(world)

    assert world.gateway.find(REF, datetime.now(UTC) + timedelta(hours=1)) is None


def test_a_call_that_did_not_happen_may_be_made_again(world: World) -> None:
    intent = created(world)
    world.fail_before("confirm")

    with pytest.raises(RateLimited):
        world.gateway.confirm(intent.id, VISA, BACK, "key")

    world.rests()
    assert world.gateway.retrieve(intent.id) == intent
    assert world.gateway.confirm(intent.id, VISA, BACK, "key").state is IntentState.AUTHORIZED


def test_an_unknown_intent_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        world.gateway.retrieve("pi_never_seen")
    assert refusal.value.code == "resource_missing"


def test_every_intent_is_listed_with_its_ref_the_newest_first(world: World) -> None:
    first = created(world)
    others = [world.gateway.create(OTHER_REF, TOTAL, f"key {number}") for number in range(101)]
    captured_one = world.gateway.confirm(first.id, VISA, BACK, "confirm")

    listed = list(world.gateway.listed(YESTERDAY))

    assert listed == [(OTHER_REF, other) for other in reversed(others)] + [(REF, captured_one)]
    assert list(world.gateway.listed(datetime.now(UTC) + timedelta(hours=1))) == []


def test_a_search_goes_on_from_where_it_was_told(world: World) -> None:
    ours = created(world)
    others = [created(world, f"FB-2222-2222-{number}") for number in range(3)]
    assert world.gateway.find(REF, YESTERDAY, others[0].id) == ours
