"""Calls to the shop that are refused, postponed or answered unexpectedly."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order, PaymentState, Placement, PlacementState
from fallback.domain.payment.gateway import Intent
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import ALREADY_PAID, CartAlreadyOrdered
from tests.builders import CUSTOMER, NOW, a_payment, a_primary_order, an_order
from tests.fakes.ledger import FakeLedger
from tests.fakes.primary import FakePrimary

S = PlacementState
CAN = frozenset({"amend", "cancel", "unpaid", "contact", "numbered", "tombstones"})
BUSY = timedelta(minutes=5)
BUSY_FOR = BUSY.total_seconds()
WISH = Amendment(who="customer", since=NOW, what="address", address=True)


class World:
    def __init__(self) -> None:
        self.ledger, self.primary = FakeLedger(), FakePrimary()
        self.calls = PlacementAttempts(self.ledger, self.primary, lambda: NOW, Random(1), "the desk")

    def order(self, state: PlacementState = S.WAITING, **changes: Any) -> Order:
        placement = Placement(state=state, id="1", number="100001") if state is not S.WAITING else Placement()
        about = {"customer": replace(CUSTOMER, wanted_address=CUSTOMER.address), "placement": placement}
        return self.ledger.keep(an_order(**(about | changes)))

    def rival(self, order: Order, **changes: Any) -> Any:
        about = {"id": "77", "number": "100077", "ref": None, "paid": True}
        rival = a_primary_order(order, **(about | changes))
        self.primary.placed_at["77"] = NOW
        self.primary.keep(rival)
        return rival


@pytest.fixture
def world() -> World:
    return World()


def holds(order: Order) -> list[tuple[HoldCode, str, str]]:
    return [(hold.code, hold.owner, hold.detail) for hold in order.holds]


def test_a_shop_that_says_when_to_try_again_is_left_alone_so_long(world: World) -> None:
    asked = {
        "place": (S.WAITING, lambda order: world.calls.place(order, CAN)),
        "find": (S.UNKNOWN, world.calls.ask_what_became_of_it),
        "rivals": (S.WAITING, lambda order: world.calls.look_for_rivals(order, CAN)),
        "amend": (S.VERIFIED, lambda order: world.calls.amend(order, CAN)),
        "read": (S.PLACED, world.calls.read_back),
    }
    for name, (state, call) in asked.items():
        world.primary.fail_next(name, TryAgain("busy", BUSY_FOR))
        order = call(world.order(state, amendment=WISH if name == "amend" else None))
        assert order.placement.due_at
        assert NOW + BUSY < order.placement.due_at < NOW + BUSY + timedelta(seconds=10), name
        assert (order.placement.attempt, order.placement.tries) == (None, 0)


def test_a_question_without_an_answer_is_asked_again_soon(world: World) -> None:
    world.primary.fail_next("find", OutcomeUnknown("line lost"))
    order = world.calls.ask_what_became_of_it(world.order(S.UNKNOWN))
    assert order.placement.due_at
    assert order.placement.due_at < NOW + timedelta(seconds=10)


def test_stripe_too_is_left_alone_so_long(world: World) -> None:
    def away() -> Intent | None:
        raise TryAgain("busy", BUSY_FOR)

    def lost() -> Intent | None:
        raise OutcomeUnknown("line lost")

    calls = PaymentAttempts(world.ledger, lambda: NOW, Random(1), "the desk")
    unknown = world.order(payment=a_payment(PaymentState.UNKNOWN))
    for ask, at_least in ((away, BUSY), (lost, timedelta())):
        due_at = calls.look(world.ledger.load(unknown.ref), ask).payment.due_at
        assert due_at
        assert NOW + at_least < due_at < NOW + at_least + timedelta(seconds=10)


def test_a_cart_that_is_ordered_for_something_else_asks_a_person(world: World) -> None:
    order = world.order()
    other = a_primary_order(order, cart_id="another", number="100077", ref=None)
    world.primary.fail_next("place", CartAlreadyOrdered(other))
    held = world.calls.place(order, CAN)
    assert holds(held) == [(HoldCode.PRIMARY_REFUSED, "the desk", "cart_already_ordered: 100077")]
    assert held.placement.state is S.WAITING


def test_a_cart_that_is_ordered_and_paid_there_is_that_purchase(world: World) -> None:
    order = world.order()
    world.primary.fail_next("place", CartAlreadyOrdered(world.rival(order)))
    merged = world.calls.place(order, CAN)
    assert (merged.placement.state, merged.placement.number) == (S.MERGED, "100077")
    assert (merged.placement.attempt, merged.version) == (None, 4)


def test_ours_that_came_there_late_is_placed(world: World) -> None:
    order = world.order()
    world.rival(order, ref=order.ref, number="100005")
    placed = world.calls.look_for_rivals(order, CAN)
    assert (placed.placement.state, placed.placement.number) == (S.PLACED, "100005")


@pytest.mark.parametrize(("code", "state"), [(ALREADY_PAID, S.MERGED), ("odd", S.WAITING)])
def test_what_was_paid_there_meanwhile_is_not_cancelled(world: World, code: str, state: PlacementState) -> None:
    order = world.order()
    world.rival(order, paid=False)
    world.primary.fail_next("cancel_unpaid", Refused(code))
    after = world.calls.look_for_rivals(order, CAN)
    assert after.placement.state is state
    assert holds(after) == ([] if state is S.MERGED else [(HoldCode.BY_HAND, "the desk", "cancel 100077")])


@pytest.mark.parametrize("can", [CAN, frozenset({"unpaid"})])
def test_what_we_gave_up_and_cannot_undo_there_a_person_undoes(world: World, can: frozenset[str]) -> None:
    given_up = world.order(S.CANCELLED)
    order = world.order(cart_id=given_up.cart_id)
    world.rival(order, ref=given_up.ref)
    world.primary.fail_next("cancel", Refused(ALREADY_PAID))
    after = world.calls.look_for_rivals(order, can)
    assert (after.placement.state, holds(after)) == (S.WAITING, [(HoldCode.BY_HAND, "the desk", "cancel 100077")])


def test_why_the_shop_will_not_change_it_is_told(world: World) -> None:
    order = world.order(S.VERIFIED, amendment=WISH)
    held = world.calls.not_amended(order, Refused("odd", "no such place"))
    assert holds(held) == [(HoldCode.PRIMARY_REFUSED, "the desk", "odd: no such place")]


def test_a_hold_may_have_no_detail(world: World) -> None:
    held = world.calls.hold(world.order(), HoldCode.DUPLICATES_UNGUARDED)
    assert holds(held) == [(HoldCode.DUPLICATES_UNGUARDED, "the desk", "")]


def test_an_answer_says_of_which_order_it_is() -> None:
    assert str(CartAlreadyOrdered(a_primary_order(an_order()))) == "100001"
