"""Who has a cart: one order at a time, whatever becomes of the orders that were placed for it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.grants import GrantDecision, Refund, RefundState
from fallback.domain.order.ledger import Accepted, CartTaken
from fallback.domain.order.lifecycle import Headline, headline, holds_cart
from fallback.domain.order.order import Change, Order, PaymentState, Placement, PlacementState
from fallback.domain.payment import payment, sent_back
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.domain.placement import placement
from fallback.ledger.order.ledger import RedisLedger
from tests.builders import NOW, a_payment
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.verify.verifying import found
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

TOTAL = 3093
CART = "basket-17"
DESK = "the desk"
Step = Callable[[Order], Change | None]


def settles(order: Order) -> Change | None:
    """Placed, read back and captured."""
    if order.placement.state is not PlacementState.WAITING or order.cancel_asked:
        return None
    paid = a_payment(PaymentState.CAPTURED, intent=f"pi_{order.ref}")
    return Change(replace(order, payment=paid, placement=Placement(state=PlacementState.VERIFIED, number="1")), ())


def is_refunded_by_hand(order: Order) -> Change | None:
    return _refunded(order, TOTAL - order.payment.refunded)


def is_refunded_in_part(order: Order) -> Change | None:
    """Of two parts, the second is the rest."""
    return _refunded(order, TOTAL // 2 if not order.payment.refunded else TOTAL - order.payment.refunded)


def gets_its_refund_back(order: Order) -> Change | None:
    *before, last = order.payment.refunds or (None,)
    return _stripe_says(order, *before, replace(last, state=RefundState.FAILED)) if last else None


def _refunded(order: Order, amount: int) -> Change | None:
    refunds = order.payment.refunds
    new = Refund(f"re_{len(refunds)}", amount, RefundState.SUCCEEDED, made_at=NOW)
    return _stripe_says(order, *refunds, new) if order.payment.captured and amount else None


def is_asked_to_cancel(order: Order) -> Change | None:
    return placement.ask_to_cancel(order, NOW, "customer")


def is_cancelled_there(order: Order) -> Change | None:
    return placement.cancelled(order, NOW) if order.cancel_asked else None


def _stripe_says(order: Order, *refunds: Refund) -> Change:
    refunded = sum(each.amount for each in refunds if not each.came_back)
    there = Intent(f"pi_{order.ref}", IntentState.CAPTURED, TOTAL, "EUR", TOTAL, refunded, refunds)
    return payment.observe(order, there, NOW, DESK)


def is_taken_as_paid_otherwise(order: Order) -> Change:
    return sent_back.answered(order, GrantDecision.OTHERWISE, NOW, "Ann")


STEPS: list[Step] = [
    settles,
    is_refunded_by_hand,
    is_refunded_in_part,
    gets_its_refund_back,
    is_taken_as_paid_otherwise,
    is_asked_to_cancel,
    is_cancelled_there,
]


def goes(ledger: RedisLedger, ref: str, *steps: Step) -> Order:
    """A step that the order cannot take now changes nothing."""
    order = ledger.load(ref)
    for step in steps:
        with suppress(NotAllowedNow):
            if change := step(order):
                order = ledger.commit(order, change.order, change.events)
    return order


@pytest.fixture
def house(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


def a_refunded_order(ledger: RedisLedger) -> Order:
    order = goes(ledger, accepted(ledger, a_new_order(cart_id=CART)).ref, settles, is_refunded_by_hand)
    assert headline(order) is Headline.REFUNDED
    return order


def test_an_order_whose_refund_came_back_has_its_cart_again(ledger: RedisLedger, redis_server: RedisServer) -> None:
    first = a_refunded_order(ledger)
    assert ledger.ref_of_cart(CART) is None
    assert headline(goes(ledger, first.ref, gets_its_refund_back)) is Headline.ON_HOLD
    assert ledger.ref_of_cart(CART) == first.ref
    assert ledger.accept(a_new_order(cart_id=CART), "another", "print") == CartTaken(first.ref)
    assert_indexes_agree(redis_server.client, ledger)
    assert found(redis_server) == []


def test_a_refunded_order_that_is_cancelled_has_its_cart_until_then(ledger: RedisLedger) -> None:
    first = a_refunded_order(ledger)
    goes(ledger, first.ref, is_asked_to_cancel)
    assert ledger.accept(a_new_order(cart_id=CART), "another", "print") == CartTaken(first.ref)
    goes(ledger, first.ref, is_cancelled_there)
    assert isinstance(ledger.accept(a_new_order(cart_id=CART), "another", "print"), Accepted)


@pytest.mark.parametrize("then", [(), (is_asked_to_cancel,)])
def test_the_next_order_keeps_the_cart_that_it_took_meanwhile(
    ledger: RedisLedger, redis_server: RedisServer, then: tuple[Step, ...]
) -> None:
    first = a_refunded_order(ledger)
    second = accepted(ledger, a_new_order(cart_id=CART))
    goes(ledger, first.ref, gets_its_refund_back)
    goes(ledger, second.ref, *then)
    assert ledger.ref_of_cart(CART) == (None if then else second.ref)
    assert all(ledger.load(ref).cart_id == CART for ref in (first.ref, second.ref))
    assert (found(redis_server), found(redis_server, repair=True)) == ([], [])
    third = ledger.accept(a_new_order(cart_id=CART), "another", "print")
    assert isinstance(third, Accepted) if then else third == CartTaken(second.ref)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2), st.sampled_from(STEPS)), max_size=20))
def test_the_cart_has_the_first_order_that_wants_it_until_that_lets_go(
    redis_server: RedisServer, house: Container, life: list[tuple[bool, int, Step]]
) -> None:
    """Anything becomes of the orders, and at any time a customer orders the cart again."""
    redis_server.empty()
    ledger = house.ledger
    first = accepted(ledger, a_new_order(cart_id=CART)).ref
    goes(ledger, first, settles)
    holder, refs = first, [first]
    for comes_again, which, step in life:
        if comes_again:
            order = a_new_order(cart_id=CART)
            outcome = ledger.accept(order, order.ref, "print")
            assert outcome == CartTaken(holder) if holder else isinstance(outcome, Accepted)
            refs += [] if holder else [order.ref]
            holder = holder or order.ref
        ref = refs[-1 - which % len(refs)]
        wanted = holds_cart(ledger.load(ref))
        wants = holds_cart(goes(ledger, ref, step))
        if wants and not wanted:
            holder = holder or ref
        elif not wants and holder == ref:
            holder = ""
        assert (ledger.ref_of_cart(CART) or "") == holder
    assert found(redis_server) == []
