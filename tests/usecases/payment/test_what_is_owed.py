"""Whatever happens to a paid order, in whatever order: every owed amount is refunded, and none twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.grants import GIVEN, GrantKind, GrantState, RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.refunds import owed
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import ABOVE, LEA, WITHIN, a_settled_order, decides, gives, refund
from tests.usecases.placement.amending import FOR_NOTHING, ONE_BOOK, with_offers
from tests.usecases.world import TOTAL, World

SOON = timedelta(minutes=5)
Act = Callable[[World], object]


def change(world: World) -> None:
    world.the_customer_changes(ONE_BOOK)


def change_delivery(world: World) -> None:
    world.the_customer_changes(FOR_NOTHING)


def ask_goodwill(world: World) -> None:
    gives(world, amount=ABOVE)


def approve(world: World) -> None:
    asked = next((grant for grant in world.order.grants if grant.state is GrantState.ASKED), None)
    if asked:
        decides(world, LEA, grant_id=asked.id)


def decline(world: World) -> None:
    asked = next((grant for grant in world.order.grants if grant.state is GrantState.ASKED), None)
    if asked:
        decides(world, LEA, agreed=False, grant_id=asked.id)


def give_goodwill(world: World) -> None:
    gives(world, amount=WITHIN)


def give_refund(world: World) -> None:
    gives(world, **refund(500))


def shop_confirms(world: World) -> None:
    world.shifts_work(Queue.PLACEMENT)


def refund_is_made(world: World) -> None:
    world.shifts_work(Queue.PAYMENT)


def refund_fails(world: World) -> None:
    refunds = world.gateway.intents[world.intent_id].refunds
    which = next((number for number, each in enumerate(refunds) if not each.came_back), None)
    if which is not None:
        world.gateway.change_refund(world.intent_id, RefundState.FAILED, which)
        world.stripe_says(PaymentNews.REFUND_CHANGED, f"evt_{len(world.told)}")


def sent_again(world: World) -> None:
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")


def time_passes(world: World) -> None:
    world.time_passes(SOON)


ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        change,
        change_delivery,
        ask_goodwill,
        approve,
        decline,
        give_goodwill,
        give_refund,
        shop_confirms,
        refund_is_made,
        refund_fails,
        sent_again,
        time_passes,
    )
}


def happens(world: World, act: Act) -> None:
    before = differences(world)
    try:
        act(world)
    except (Invalid, NotAllowedNow):  # not now: somebody is told so, and nothing changes
        return
    if differences(world) != before:
        is_exact(world)


def differences(world: World) -> list[int]:
    return [grant.amount for grant in world.order.grants if grant.kind is GrantKind.DIFFERENCE]


def granted(world: World, *kinds: GrantKind) -> int:
    return sum(grant.amount for grant in world.order.grants if grant.kind in kinds and grant.state in GIVEN)


def costs_now(world: World) -> int:
    """The agreed total, minus the goodwill granted on it."""
    return max(0, world.order.payment.amount - granted(world, GrantKind.GOODWILL))


def is_exact(world: World) -> None:
    """A difference is what was captured, minus what the order costs now, minus what went back or will; to the cent."""
    captured = world.gateway.intents[world.intent_id].captured
    assert captured - granted(world, *GrantKind) == costs_now(world)


def goes_on_to_the_end(world: World) -> None:
    """People answer what waits for them, and shifts do the rest."""
    for _ in range(4):
        world.time_passes(SOON)
        happens(world, decline)
        happens(world, sent_again)
    world.time_passes(SOON)


def kept(world: World) -> int:
    intent = world.gateway.intents[world.intent_id]
    assert 0 <= intent.refunded <= intent.captured
    return intent.captured - intent.refunded


def is_right(world: World) -> None:
    """What is kept is what the order costs now, minus the refunds for goods that no difference took into account."""
    order = world.order
    assert kept(world) == order.payment.captured - order.payment.refunded
    assert kept(world) == order.payment.captured - granted(world, *GrantKind)
    assert costs_now(world) - granted(world, GrantKind.REFUND) <= kept(world) <= costs_now(world)
    assert owed(order) == 0
    assert not order.holds
    assert order.payment.undecided == 0
    assert {grant.state for grant in order.grants} <= {GrantState.MADE, GrantState.DECLINED}
    assert world.headline is (Headline.REFUNDED if kept(world) == 0 else Headline.SETTLED)


@given(acts=st.lists(st.sampled_from(sorted(ACTS)), max_size=8))
@settings(max_examples=120, deadline=None)
def test_whatever_the_order_of_events_every_owed_amount_is_refunded(acts: list[str]) -> None:
    world = with_offers(a_settled_order())
    for name in acts:
        happens(world, ACTS[name])
    goes_on_to_the_end(world)
    is_right(world)


# Each may come between any two of the others.
STORY = (change, ask_goodwill, decline, shop_confirms, refund_is_made, refund_fails)


def test_each_order_of_a_change_a_request_that_is_declined_and_a_refund_that_fails_ends_the_same() -> None:
    ends = set()
    for acts in permutations(STORY):
        world = a_settled_order()
        for act in acts:
            happens(world, act)
        goes_on_to_the_end(world)
        is_right(world)
        ends.add(kept(world))
    assert ends == {TOTAL - 1299}


@pytest.mark.parametrize("acts", list(permutations((change, give_goodwill, time_passes))))
def test_goodwill_is_a_gift_whether_it_comes_before_the_change_or_after_it(acts: tuple[Act, ...]) -> None:
    world = a_settled_order()
    for act in acts:
        happens(world, act)
    goes_on_to_the_end(world)
    assert kept(world) == TOTAL - 1299 - WITHIN
