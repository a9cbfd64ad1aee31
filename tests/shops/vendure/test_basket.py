"""The basket of a real Vendure: signed ahead, not sold twice, and given way to when the shop was first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.order.cart import Cart, Delivery, Discount, Line
from fallback.domain.order.order import Address, Order
from fallback.domain.placement.matching import differences, honoured
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.usecases.checkout.read_cart import read_cart
from tests.builders import CUSTOMER, an_order
from tests.contracts.primary.worlds import POST
from tests.shops.checkout import Checkout
from tests.shops.vendure.running import CART_KEY, NAME, VendureShop
from tests.shops.vendure.storefront import Customer

HOUR = timedelta(hours=1)
COLLECT = Delivery("collect", "Collect", 0)
TOKENS = CartTokens({"keys": [CART_KEY]}, NAME)


def signed_cart(customer: Customer) -> Cart:
    basket = customer.basket
    assert basket
    return TOKENS.read(basket["fallbackCart"], datetime.now(UTC))


def order_of(cart: Cart, **changes: object) -> Order:
    """The order that we make of this cart, with its first delivery."""
    delivery = Delivery(cart.delivery[0].id, cart.delivery[0].title, cart.delivery[0].price)
    of_the_cart = {
        "cart_id": cart.cart_id,
        "lines": cart.lines,
        "tax": cart.tax,
        "discounts": cart.discounts,
        "delivery": delivery,
        "received_at": datetime.now(UTC),
    }
    order: Order = an_order(**of_the_cart | changes)
    return order


@pytest.fixture
def collecting(vendure: VendureShop) -> Iterator[None]:
    """A shipping method that needs no address, by the plugin's option `withoutAddress`."""
    free = [{"name": "rate", "value": "0"}, {"name": "includesTax", "value": "auto"}, {"name": "taxRate", "value": "0"}]
    always = [{"name": "orderMinimum", "value": "0"}]
    method = {
        "code": "collect",
        "fulfillmentHandler": "manual-fulfillment",
        "checker": {"code": "default-shipping-eligibility-checker", "arguments": always},
        "calculator": {"code": "default-shipping-calculator", "arguments": free},
        "translations": [{"languageCode": "en", "name": "Collect", "description": ""}],
    }
    document = "mutation ($input: CreateShippingMethodInput!) { createShippingMethod(input: $input) { id } }"
    made = vendure.asks_as_administrator(document, input=method)["createShippingMethod"]["id"]
    yield
    vendure.asks_as_administrator("mutation ($id: ID!) { deleteShippingMethod(id: $id) { result } }", id=made)


@pytest.mark.usefixtures("collecting")
def test_the_cart_is_signed_as_we_read_it(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1", 2)
    customer.adds("BK-2")

    cart = signed_cart(customer)

    assert customer.browser.cookies["fallback_cart"]
    assert [(line.sku, line.title, line.quantity, line.unit_price) for line in cart.lines] == [
        ("BK-1", "The Lighthouse Ledger", 2, 1299),
        ("BK-2", "The Sea", 1, 2450),
    ]
    assert all(line.available and line.available <= 9_000 for line in cart.lines)
    assert [(option.id, option.price, option.countries, option.needs_address) for option in cart.delivery] == [
        ("collect", 0, (), False),
        ("standard", 495, ("DE", "GB"), True),
        ("express", 995, ("DE", "GB"), True),
    ]
    assert (cart.customer, cart.asks_for) == (None, ("company", "vat_id"))
    assert (cart.totals.total, cart.tax.included, cart.currency) == (5048, True, "EUR")


def test_an_order_of_the_signed_cart_stands_there_as_agreed_and_the_basket_is_gone(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")
    order = order_of(signed_cart(customer))

    assert differences(order, vendure.primary().place(order)) == ()

    assert customer.basket is None


def test_a_discount_and_a_price_of_yesterday_stand_there_as_agreed(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")
    cart = signed_cart(customer)
    lines = tuple(replace(line, unit_price=999) for line in cart.lines)
    order = order_of(
        cart, lines=lines, discounts=(Discount("Autumn", 100),), delivery=Delivery("express", "Express", 0)
    )

    there = vendure.primary().place(order)

    assert (differences(order, there), honoured(there)) == ((), 1299 - 999)


@pytest.fixture(scope="module")
def promotion(vendure: VendureShop) -> None:
    """A tenth off from EUR 1,000 on: no other test orders as much."""
    least = [{"name": "amount", "value": "100000"}, {"name": "taxInclusive", "value": "true"}]
    promotion = {
        "enabled": True,
        "translations": [{"languageCode": "en", "name": "A tenth off"}],
        "conditions": [{"code": "minimum_order_amount", "arguments": least}],
        "actions": [{"code": "order_percentage_discount", "arguments": [{"name": "discount", "value": "10"}]}],
    }
    document = """mutation ($input: CreatePromotionInput!) {
        createPromotion(input: $input) { __typename ... on ErrorResult { message } } }"""
    made = vendure.asks_as_administrator(document, input=promotion)
    assert made["createPromotion"]["__typename"] == "Promotion"


@pytest.mark.usefixtures("promotion")
def test_a_promotion_is_signed_as_a_discount_and_the_order_has_it_once(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-2", 50)
    cart = signed_cart(customer)
    assert (cart.discounts, cart.totals.total) == ((Discount("A tenth off", 12250),), 110250)

    order = order_of(cart)

    assert differences(order, vendure.primary().place(order)) == ()


@pytest.mark.usefixtures("promotion")
def test_a_promotion_that_is_newer_than_the_cart_does_not_change_what_was_agreed(vendure: VendureShop) -> None:
    order = an_order(lines=(Line("BK-2", "The Sea", 60, 2450),), delivery=POST, received_at=datetime.now(UTC))

    there = vendure.primary().place(order)

    assert (differences(order, there), there.total) == ((), 60 * 2450 + 495)


@pytest.fixture
def prices_without_tax(vendure: VendureShop) -> Iterator[None]:
    """As shops have them where tax is added at the end."""
    document = """mutation ($input: UpdateChannelInput!) {
        updateChannel(input: $input) { __typename ... on ErrorResult { message } } }"""
    for included in (False, True):
        made = vendure.asks_as_administrator(document, input={"id": "1", "pricesIncludeTax": included})
        assert made["updateChannel"]["__typename"] == "Channel"
        if not included:
            yield


@pytest.mark.usefixtures("prices_without_tax")
def test_where_tax_is_added_the_cart_and_the_order_say_the_prices_without_it(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1", 2)
    customer.adds("BK-2")
    cart = signed_cart(customer)
    assert [line.unit_price for line in cart.lines] == [1299, 2450]
    assert (cart.tax.included, cart.totals.goods) == (False, 5048)
    assert cart.totals.total == cart.totals.goods + cart.tax.amount > 5048

    order = order_of(cart)

    assert differences(order, vendure.primary().place(order)) == ()


def test_what_the_customer_bought_in_the_shop_before_is_the_rival(vendure: VendureShop) -> None:
    customer = Customer(vendure, "Anna.Before@Example.org")
    customer.adds("BK-1")
    order = order_of(signed_cart(customer))
    customer.goes_to_the_payment()
    assert customer.pays()["state"] == "PaymentSettled"

    with pytest.raises(CartAlreadyOrdered) as answer:
        vendure.primary().place(order)

    rival = answer.value.rival
    assert (rival.ref, rival.number, rival.paid) == (None, order.cart_id, True)
    since = order.received_at - HOUR
    by_cart = vendure.primary().rivals(order.cart_id, None, since)
    by_person = vendure.primary().rivals("another", "anna.BEFORE@example.org", since)
    assert [each.number for each in by_cart] == [each.number for each in by_person] == [rival.number]


def test_a_customer_with_an_account_is_found_in_any_letter_case(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    account = {"emailAddress": "ines@example.org", "password": "a-long-one-1"}
    document = "mutation ($new: RegisterCustomerInput!) { registerCustomerAccount(input: $new) { __typename } }"
    customer.asks(document, new=account)
    customer.adds("BK-1")
    order = order_of(signed_cart(customer), customer=replace(CUSTOMER, email="Ines@Example.org"))

    there = vendure.primary().place(order)

    assert there.email == "ines@example.org"
    found = vendure.primary().rivals("another", "INES@example.org", order.received_at - HOUR)
    assert [each.ref for each in found] == [order.ref]


def test_who_is_signed_in_stands_in_the_pushed_cart_and_their_order_in_their_account(
    vendure: VendureShop, vendure_checkout: Checkout
) -> None:
    customer = Customer(vendure, "Nora.Account@example.org")
    customer.signs_in()
    customer.adds("BK-1")
    cart = read_cart(vendure_checkout.container, customer.browser.cookies["fallback_cart"])
    who = cart.customer
    assert who
    assert (who.email, who.name, who.phone) == ("nora.account@example.org", "Nora Account", "+44 1482 300300")
    assert [(each.line1, each.city, each.postal_code, each.country) for each in who.addresses] == [
        ("2 Harbour Street", "Hull", "HU1 2BB", "GB"),
        ("1 Quay", "Hull", "HU1 1AA", "GB"),
    ]

    order = order_of(cart, customer=replace(CUSTOMER, email="at.work@example.org", account=who.id))
    there = vendure.primary().place(order)

    assert (differences(order, there), there.email) == ((), "at.work@example.org")
    account = f"""SELECT o.id FROM "order" o JOIN customer c ON c.id = o."customerId"
        WHERE c."emailAddress" = '{who.email}' AND o."customFieldsFallbackref" = '{order.ref}'"""
    assert vendure.sql(account) == [[there.id]]

    moved = replace(order.customer or CUSTOMER, email="at.home@example.org")
    changed = replace(order, customer=moved, placement=replace(order.placement, amendments=1))
    assert vendure.primary().amend(changed, ("contact",)).email == "at.home@example.org"
    assert vendure.sql(account) == [[there.id]]

    customer.signs_out()
    assert "fallback_cart" not in customer.browser.cookies


@pytest.fixture
def germany_of_another_tax(vendure: VendureShop) -> Iterator[None]:
    found = vendure.asks_as_administrator("{ countries { items { id code } } zones { items { id } } }")
    [germany] = [each["id"] for each in found["countries"]["items"] if each["code"] == "DE"]
    [zone] = [each["id"] for each in found["zones"]["items"]]
    leave = "mutation ($in: ID!, $id: ID!) { removeMembersFromZone(zoneId: $in, memberIds: [$id]) { id } }"
    join = "mutation ($in: ID!, $id: ID!) { addMembersToZone(zoneId: $in, memberIds: [$id]) { id } }"
    document = 'mutation ($id: ID!) { createZone(input: { name: "Elsewhere", memberIds: [$id] }) { id } }'
    other = vendure.asks_as_administrator(document, id=germany)["createZone"]["id"]
    vendure.asks_as_administrator(leave, **{"in": zone, "id": germany})
    yield
    vendure.asks_as_administrator(join, **{"in": zone, "id": germany})
    vendure.asks_as_administrator("mutation ($id: ID!) { deleteZone(id: $id) { result } }", id=other)


@pytest.mark.usefixtures("germany_of_another_tax")
def test_a_country_with_another_tax_is_not_delivered_to_at_the_tax_of_this_basket(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")

    assert [option.countries for option in signed_cart(customer).delivery] == [("GB",), ("GB",)]


@pytest.mark.usefixtures("collecting")
def test_the_bill_goes_elsewhere_and_an_order_that_is_collected_has_no_address(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")
    cart = signed_cart(customer)
    nowhere = Address(CUSTOMER.name, "", "", None, "")
    bill = Address(CUSTOMER.name, "7 Office Park", "Berlin", "10115", "DE", company="Murdoch GmbH")
    for number, (delivery, address, billing) in enumerate(
        ((POST, CUSTOMER.address, bill), (COLLECT, nowhere, bill), (COLLECT, nowhere, None))
    ):
        who = replace(CUSTOMER, address=address, billing=billing, vat_id="DE136695976")
        order = order_of(cart, delivery=delivery, customer=who, cart_id=f"{cart.cart_id}-{number}")

        there = vendure.primary().place(order)

        assert differences(order, there) == ()
        read = """SELECT "shippingAddress", "billingAddress", "customFieldsFallbackvatid" FROM "order" WHERE id = """
        [[sent, billed, vat_id]] = vendure.sql(f"{read}{there.id}")
        assert ("1 Quay" in sent, "GB" in sent, "streetLine1" in sent) == (address.somewhere,) * 3
        assert vat_id == "DE136695976"
        assert [text in billed for text in ("7 Office Park", "Murdoch GmbH", "DE")] == [billing is not None] * 3


def test_a_basket_that_we_have_captured_is_not_sold_and_the_customer_is_led_to_the_order(
    vendure: VendureShop, vendure_checkout: Checkout
) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")
    ref = vendure_checkout.orders(customer.browser.cookies["fallback_cart"])

    answer = customer.goes_to_the_payment()

    assert f"ordered already, as {ref}: http://localhost/orders/{ref}" in answer["transitionError"]


def test_a_large_basket_is_pushed_and_its_short_form_is_bought(
    vendure: VendureShop, vendure_checkout: Checkout
) -> None:
    customer = Customer(vendure)
    for sku in vendure.skus:
        customer.adds(sku)
    short = customer.browser.cookies["fallback_cart"]
    assert len(short) < 200
    assert (customer.basket or {})["fallbackCart"] == short

    order = vendure_checkout.container.ledger.load(vendure_checkout.orders(short))

    assert sorted(line.sku for line in order.lines) == sorted(vendure.skus)
    there = vendure.primary().place(order)
    assert differences(order, there) == ()


def test_a_basket_whose_payment_is_on_its_way_is_not_paid_once_we_hand_the_order_over(vendure: VendureShop) -> None:
    customer = Customer(vendure)
    customer.adds("BK-1")
    order = order_of(signed_cart(customer))
    assert customer.goes_to_the_payment()["state"] == "ArrangingPayment"
    placed = vendure.primary().place(order)

    paid = customer.asks('mutation { addPaymentToOrder(input: { method: "invoice", metadata: {} }) { __typename } }')

    assert paid["addPaymentToOrder"]["__typename"] != "Order"
    found = vendure.primary().rivals(order.cart_id, None, order.received_at - HOUR)
    assert [each.id for each in found] == [placed.id]
