"""Each guard is needed: without it the checker speaks, and with it, in the same run, it has nothing to say."""

from __future__ import annotations

import pytest
import requests
from msgspec.structs import replace

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.placement.matching import PrimaryOrder
from tests.crash.checker import Finding
from tests.crash.scenarios import AUTHORIZE, RECONCILE, RELEASE, WITHDRAW, bought
from tests.crash.world import LATER, NEXT, World


def whats(findings: list[Finding]) -> str:
    return "\n".join(finding.what for finding in findings)


def asks_again_after_a_lost_answer(world: World, bug: str | None) -> None:
    """Their order is accepted, and the process dies before the answer leaves."""
    purchase = world.purchase()
    assert world.make(purchase, at="place_order 1: after ledger.accept", bug=bug).killed
    world.make(purchase, bug=bug)
    world.work()


def test_a_customer_who_asks_again_has_one_order(world: World) -> None:
    asks_again_after_a_lost_answer(world, bug=None)
    assert world.findings() == []


def test_planted_bug_without_deduplication_a_cart_gets_two_orders(world: World) -> None:
    asks_again_after_a_lost_answer(world, bug="no dedupe")
    assert "the ledger has 2 orders for its cart" in whats(world.findings())


def cancels_while_it_is_handed_over(world: World, bug: str | None) -> str:
    """A worker has read their order, and the customer cancels it before the worker writes."""
    ref = bought(world, AUTHORIZE)
    meanwhile = [["cancel_order"], ["work"]]
    world.make([RECONCILE], ref=ref, at=f"{RECONCILE} 2: before ledger.commit", meanwhile=meanwhile, bug=bug)
    world.work(bug=bug)
    return ref


def test_an_order_that_the_customer_cancels_in_time_is_not_handed_over(world: World) -> None:
    cancels_while_it_is_handed_over(world, bug=None)
    assert world.findings() == []


def test_planted_bug_without_compare_and_set_a_cancelled_order_is_placed(world: World) -> None:
    cancels_while_it_is_handed_over(world, bug="no compare-and-set")
    assert "was cancelled, and is" in whats(world.findings())


def stands_still_before_it_sends(world: World, bug: str | None) -> None:
    """A worker is stopped right before it sends an order that is undone meanwhile, to a shop that cannot refuse it."""
    world.shop.shop.can -= {"tombstones"}
    ref, at = bought(world, AUTHORIZE), f"{RECONCILE} 3: before primary.place"
    meanwhile = [["cancel_order"], [WITHDRAW], [RELEASE]]
    outcome = world.make([RECONCILE], ref=ref, ahead=NEXT, at=at, meanwhile=meanwhile, stopped=LATER, bug=bug)
    assert outcome.raised == "Conflict"
    assert world.ends([ref]) == [Headline.CANCELLED]


def test_what_was_undone_meanwhile_does_not_leave_for_the_shop(world: World) -> None:
    stands_still_before_it_sends(world, bug=None)
    assert world.findings() == []


def test_planted_bug_a_late_write_leaves_when_nobody_checks_the_deadline(world: World) -> None:
    stands_still_before_it_sends(world, bug="leaves late")
    assert "is cancelled, and still stands in the shop" in whats(world.findings())


def is_authorized_with_a_lost_reply(world: World, bug: str | None) -> None:
    """Stripe creates the intent, and its answer never comes."""
    ref = bought(world)
    fault = {"kind": "lost", "path": "/v1/payment_intents", "times": 1}
    requests.post(f"{world.stripe}/_sandbox/faults", json=fault, timeout=10).raise_for_status()
    world.make([AUTHORIZE], ref=ref, ahead=NEXT, bug=bug)
    world.work()


def test_a_reply_that_was_lost_costs_nothing(world: World) -> None:
    is_authorized_with_a_lost_reply(world, bug=None)
    assert world.findings() == []


def test_with_a_key_per_try_a_second_intent_is_left_behind(world: World) -> None:
    is_authorized_with_a_lost_reply(world, bug="key per try")
    assert "has 2 intents" in whats(world.findings())


def one_more(order: PrimaryOrder) -> PrimaryOrder:
    first, *others = order.lines
    return replace(order, lines=(replace(first, quantity=first.quantity + 1), *others))


def is_handed_to_a_shop_that_errs(world: World, errs: str, bug: str | None) -> str:
    """The shop answers that it has the order, and has it otherwise, or not."""
    keep = world.shop.shop.keep

    def erring(order: PrimaryOrder) -> PrimaryOrder:
        if errs == "alters a line":
            keep(one_more(order))
        return order

    vars(world.shop.shop)["keep"] = erring
    ref = bought(world, AUTHORIZE)
    world.make([RECONCILE], ref=ref, ahead=NEXT, bug=bug)
    vars(world.shop.shop)["keep"] = keep
    return ref


@pytest.mark.parametrize("errs", ["alters a line", "loses the order"])
def test_what_the_shop_does_not_read_back_as_agreed_is_not_captured(world: World, errs: str) -> None:
    ref = is_handed_to_a_shop_that_errs(world, errs, bug=None)
    assert world.order(ref).holds[0].code in (HoldCode.MISMATCH, HoldCode.PRIMARY_REGRESSED)
    assert world.findings() == []


@pytest.mark.parametrize("errs", ["alters a line", "loses the order"])
def test_planted_bug_an_order_is_captured_before_it_is_verified(world: World, errs: str) -> None:
    is_handed_to_a_shop_that_errs(world, errs, bug="capture first")
    assert "was captured before it was verified" in whats(world.findings())
