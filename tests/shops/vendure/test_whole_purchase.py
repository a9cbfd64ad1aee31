"""From a basket of a real Vendure through an outage to the order in it: our use cases, its database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, PlacementState, Queue
from fallback.domain.placement.matching import differences
from tests.fakes.gateway import VISA
from tests.shops.vendure.running import VendureShop
from tests.shops.vendure.storefront import Customer
from tests.shops.vendure.test_basket import signed_cart
from tests.usecases.world import World


@pytest.fixture
def customer(vendure: VendureShop) -> Customer:
    customer = Customer(vendure)
    customer.adds("BK-1", 2)
    return customer


def ordered(vendure: VendureShop, customer: Customer) -> World:
    """The shop fails, and the customer orders the same basket from us; nothing is handed over yet."""
    cart = signed_cart(customer)
    email = f"{cart.cart_id}@example.org"  # nobody else's, whom we would have to ask
    world = World()
    world.now = datetime.now(UTC)
    world.primary = vendure.primary()
    world.restart()
    of_cart = {"lines": cart.lines, "tax": cart.tax, "delivery": cart.delivery, "totals": cart.totals}
    world.a_customer_orders(VISA, cart.cart_id, email=email, **of_cart)
    world.time_passes(timedelta(minutes=1), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.WAITING
    return world


def money_there(vendure: VendureShop, ref: str) -> tuple[str, int, int]:
    """What the shop knows of the payment: its state, what was paid, what went back."""
    order = f"""(SELECT id FROM "order" WHERE "customFieldsFallbackref" = '{ref}')"""
    [[state]] = vendure.sql(f"""SELECT "customFieldsFallbackpayment" FROM "order" WHERE id = {order}""")
    [[paid]] = vendure.sql(f"""SELECT sum(amount) FROM payment WHERE "orderId" = {order}""")
    [[back]] = vendure.sql(
        f"""SELECT coalesce(sum(total), 0) FROM refund r JOIN payment p ON r."paymentId" = p.id
        WHERE p."orderId" = {order} AND r.state = 'Settled'"""
    )
    return state, int(paid), int(back)


def test_an_order_of_an_outage_stands_there_once_as_agreed_and_paid(vendure: VendureShop, customer: Customer) -> None:
    world = ordered(vendure, customer)

    world.time_passes(timedelta(minutes=10))

    assert world.headline is Headline.SETTLED
    assert differences(world.order, world.primary.read(world.ref)) == ()
    assert money_there(vendure, world.ref) == ("captured", 3093, 0)
    assert world.captured == 3093
    since = world.order.received_at - timedelta(hours=1)
    assert [there.ref for there in world.primary.rivals(world.order.cart_id, None, since)] == [world.ref]
    assert customer.basket is None


def test_the_customers_own_attempt_that_reached_the_shop_first_is_the_order(
    vendure: VendureShop, customer: Customer
) -> None:
    basket = customer.basket
    world = ordered(vendure, customer)
    customer.goes_to_the_payment()
    customer.pays()

    world.time_passes(timedelta(minutes=10))

    assert basket
    assert world.states == (PaymentState.VOIDED, PlacementState.MERGED)
    assert (world.order.placement.number, world.captured) == (basket["code"], 0)
    assert world.primary.find(world.ref) is None


def test_a_change_reaches_the_shop_and_its_payment_too(vendure: VendureShop, customer: Customer) -> None:
    world = ordered(vendure, customer)
    world.time_passes(timedelta(minutes=10))

    world.the_customer_changes(ChangeOrder(quantities=(1,)))
    world.time_passes(timedelta(hours=3))

    assert world.headline is Headline.SETTLED
    there = world.primary.read(world.ref)
    assert (differences(world.order, there), there.total) == ((), 1794)
    assert money_there(vendure, world.ref) == ("captured", 3093, 3093 - 1794)
    assert world.captured == 1794


def test_what_the_customer_undoes_is_cancelled_there_and_its_money_goes_back(
    vendure: VendureShop, customer: Customer
) -> None:
    world = ordered(vendure, customer)
    world.time_passes(timedelta(minutes=10))

    world.the_customer_cancels()
    world.time_passes(timedelta(hours=3))

    assert (world.states, world.captured) == ((PaymentState.REFUNDED, PlacementState.CANCELLED), 0)
    assert world.primary.read(world.ref).status == "cancelled"
    assert money_there(vendure, world.ref) == ("refunded", 3093, 3093)


def test_what_an_agent_gives_back_stands_in_the_shop(vendure: VendureShop, customer: Customer) -> None:
    world = ordered(vendure, customer)
    world.time_passes(timedelta(minutes=10))

    world.an_agent_gives_back(500)
    world.time_passes(timedelta(hours=3))

    assert (world.captured, world.holds) == (3093 - 500, [])
    assert money_there(vendure, world.ref) == ("captured", 3093, 500)
