"""What the Shopify adapter makes of a shop. The shop is a fake of Shopify's documented behaviour (fake_shop.py)."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.cart import Discount, Line, Tax
from fallback.domain.order.order import Address
from fallback.domain.placement.matching import differences
from fallback.primaries.check.visit import captured, given_back
from fallback.primaries.shopify.asking import LONGEST_WAIT
from fallback.primaries.shopify.primary import quoted
from tests.builders import BOOK, CUSTOMER, an_order
from tests.primaries.shopify.fake_shop import FakeShop

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)
PENCIL = Line("BK-12", "A pencil", 3, 800)


def test_discounts_tax_on_top_and_a_slot_read_back_as_agreed(shop: FakeShop) -> None:
    order = an_order(
        lines=(BOOK, PENCIL),
        discounts=(Discount("AUTUMN", 150), Discount("Welcome", 51)),
        tax=Tax(False, 401),
    )

    assert differences(order, shop.primary.place(order)) == ()

    given = shop.there(order.ref)["given"]
    assert given["discountCode"]["itemFixedDiscountCode"]["code"] == "AUTUMN, Welcome"
    assert given["taxLines"][0]["rate"] == "0.0758"
    [paid] = given["transactions"]
    assert (paid["kind"], paid["amountSet"]["shopMoney"]["amount"]) == ("AUTHORIZATION", "56.93")
    assert (paid["authorizationCode"], given["sourceIdentifier"]) == ("pi_1", order.ref)


def test_an_address_reads_back_as_agreed(shop: FakeShop) -> None:
    for address in (
        Address("Madonna", "1 Quay", "Hull", "HU1 1AA", "GB", line2="Flat 2"),
        Address("Iris de Vries", "1 Main Street", "Springfield", "12345", "US", region="IL"),
        Address("Seán Ó Briain", "1 Quay", "Cork", None, "IE", region="Cork"),
    ):
        order = an_order(customer=replace(CUSTOMER, address=address))
        assert differences(order, shop.primary.place(order)) == ()


def test_an_order_is_associated_with_the_account_that_was_signed_in(shop: FakeShop) -> None:
    nora = "gid://shopify/Customer/4711"
    for named in (nora, "4711"):
        order = an_order(customer=replace(CUSTOMER, account=named))
        assert differences(order, shop.primary.place(order)) == ()
        assert shop.there(order.ref)["given"]["customer"] == {"toAssociate": {"id": nora}}


def test_all_lines_of_a_large_order_are_read(shop: FakeShop) -> None:
    skus = [f"S-{number}" for number in range(230)]
    shop.shopify.prices |= dict.fromkeys(skus, "1.00")
    shop.shopify.stock |= dict.fromkeys(skus, 10)
    order = an_order(lines=tuple(Line(sku, sku, 1, 100) for sku in skus))

    assert differences(order, shop.primary.place(order)) == ()
    [listed] = shop.primary.placed_since(LONG_AGO)
    assert listed == shop.primary.read(order.ref)


def test_todays_price_is_told_where_another_was_agreed(shop: FakeShop) -> None:
    shop.shopify.prices["BK-1"] = "13.49"

    [line] = shop.primary.place(an_order(lines=(replace(BOOK, sku="BK-1", unit_price=1299),))).lines

    assert (line.unit_price, line.price_now) == (1299, 1349)


def test_only_what_is_short_is_named(shop: FakeShop) -> None:
    with pytest.raises(Refused) as refusal:
        shop.primary.place(an_order(lines=(BOOK, replace(PENCIL, quantity=5000))))
    assert (refusal.value.code, str(refusal.value)) == ("out_of_stock", "BK-12")


def test_a_sku_that_no_variant_or_more_than_one_has_is_refused_by_its_name(shop: FakeShop) -> None:
    shop.shopify.twice.add("BK-1")
    for line, found in ((replace(BOOK, sku="BK-9"), 0), (BOOK, 2)):
        with pytest.raises(Refused, match=f"{line.sku}: {found} variants"):
            shop.primary.place(an_order(lines=(line,)))
    assert shop.shopify.kept == []


def test_an_order_in_another_currency_than_the_shops_is_refused(shop: FakeShop) -> None:
    shop.shopify.currency = "USD"
    with pytest.raises(Refused, match="USD"):
        shop.primary.place(an_order())
    assert shop.shopify.kept == []


def test_an_order_that_arrives_between_the_look_and_the_call_is_found_by_the_refusal(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    look, first = shop.shopify.orderByIdentifier, [None]
    shop.shopify.orderByIdentifier = lambda *given, **args: first.pop() if first else look(*given, **args)  # type: ignore[method-assign]

    there = shop.primary.place(order)

    assert shop.shopify.asked[-3:] == ["shop", "orderCreate", "orderByIdentifier"]
    assert (there.ref, len(shop.shopify.kept)) == (order.ref, 1)


def test_an_own_order_of_the_shop_is_a_rival_by_its_cart_and_by_its_e_mail(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    shop.unpaid(order.ref)
    email = CUSTOMER.email.upper()

    by_cart, by_email = (
        shop.primary.rivals(*asked, LONG_AGO) for asked in ((order.cart_id, None), ("another-cart", email))
    )

    assert by_cart == by_email != []
    assert (by_cart[0].ref, by_cart[0].paid, by_cart[0].cart_id) == (None, False, order.cart_id)


def test_an_order_that_was_entered_in_the_admin_has_neither_cart_nor_delivery(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    shop.unpaid(order.ref)
    own = shop.shopify.kept[0]
    own["cart_token"], own["given"] = None, {**own["given"], "shippingLines": []}

    [there] = shop.primary.placed_since(LONG_AGO)

    assert (there.cart_id, there.delivery, there.ref) == (None, None, None)


@pytest.mark.parametrize("lost", ["orderCreate", "orderCancel", "orderMarkAsPaid", "metafieldsSet"])
def test_after_a_lost_answer_the_same_step_goes_on_from_what_the_shop_has(shop: FakeShop, lost: str) -> None:
    order = an_order()
    steps = {
        "orderCreate": lambda: shop.primary.place(order),
        "orderMarkAsPaid": lambda: shop.primary.payment_changed(captured(order, 1)),
        "metafieldsSet": lambda: shop.primary.payment_changed(captured(order, 1)),
        "orderCancel": lambda: shop.primary.cancel(order.ref),
    }
    if lost != "orderCreate":
        shop.primary.place(order)
    shop.shopify.lost.add(lost)

    with pytest.raises(OutcomeUnknown):
        steps[lost]()
    steps[lost]()

    # What may be repeated is written again; the rest was carried out once.
    assert shop.shopify.asked.count(lost) == (2 if lost == "metafieldsSet" else 1)
    assert len(shop.shopify.kept) == 1


def test_what_the_search_finds_besides_is_no_rival(shop: FakeShop) -> None:
    shop.primary.place(an_order(customer=replace(CUSTOMER, email=f"not-{CUSTOMER.email}")))

    assert shop.primary.rivals("another-cart", CUSTOMER.email, LONG_AGO) == []
    assert shop.shopify.asked[-1] == "orders"


def test_a_search_term_is_no_more_than_a_term() -> None:
    assert quoted('x" OR email:"y\\') == '"x\\" OR email:\\"y\\\\"'


def test_a_cancellation_is_seen_when_shopify_has_carried_it_out(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    shop.shopify.cancels_at_look = 3

    assert shop.primary.cancel(order.ref).status == "cancelled"
    assert shop.shopify.asked.count("orderCancel") == 1


def test_a_cancellation_that_takes_longer_is_not_known_and_is_looked_at_again(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    shop.shopify.cancels_at_look = 4

    with pytest.raises(OutcomeUnknown):
        shop.primary.cancel(order.ref)

    assert shop.primary.cancel(order.ref).status == "cancelled"


def test_a_capture_is_marked_as_paid_once_and_a_refund_stands_beside_it(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)

    shop.primary.payment_changed(captured(order, 1))
    shop.primary.payment_changed(given_back(order, 500, 2))

    there = shop.there(order.ref)
    assert (there["financial"], shop.shopify.asked.count("orderMarkAsPaid")) == ("PAID", 1)
    assert json.loads(there["metafields"]["payment"]) == {
        "state": "captured",
        "captured": "30.93",
        "refunded": "5.00",
        "currency": "EUR",
        "reference": "pi_1",
    }


def test_what_is_throttled_is_sent_again_when_the_points_are_back(shop: FakeShop) -> None:
    order = an_order()
    shop.shopify.throttled = 3

    shop.primary.place(order)

    assert shop.shopify.asked[:4] == ["orderByIdentifier"] * 4
    assert shop.shopify.asked.count("orderCreate") == 1


def test_a_write_that_is_throttled_is_sent_again(shop: FakeShop) -> None:
    order = an_order()
    shop.primary.place(order)
    shop.primary.find(order.ref)
    cancel = shop.shopify.orderByIdentifier

    def then_throttled(*given: object, **args: object) -> object:
        shop.shopify.throttled = 1
        shop.shopify.orderByIdentifier = cancel  # type: ignore[method-assign]
        return cancel(*given, **args)  # type: ignore[arg-type]

    shop.shopify.orderByIdentifier = then_throttled  # type: ignore[method-assign, assignment]

    assert shop.primary.cancel(order.ref).status == "cancelled"
    assert shop.shopify.asked.count("orderCancel") == 2


def test_points_that_come_back_later_are_told_to_the_worker(shop: FakeShop) -> None:
    shop.shopify.throttled, shop.shopify.missing = 1, 1500

    with pytest.raises(TryAgain) as again:
        shop.primary.find("FB-1")

    assert again.value.after == 15 > LONGEST_WAIT


@pytest.mark.parametrize("scope", ["write_orders", "read_products"])
def test_an_app_that_may_too_little_is_a_fault_of_the_settings(shop: FakeShop, scope: str) -> None:
    shop.shopify.scopes.remove(scope)
    with pytest.raises(NotAuthorized, match=scope):
        shop.primary.health()


@pytest.mark.parametrize("definition", [None, {"type": {"name": "single_line_text_field"}}])
def test_without_its_unique_metafield_the_shop_takes_no_orders(shop: FakeShop, definition: dict[str, object]) -> None:
    shop.shopify.definition = definition
    with pytest.raises(NotAuthorized, match=r"fallback\.ref"):
        shop.primary.health()


def test_a_token_that_the_shop_does_not_know_is_a_fault_of_the_settings(shop: FakeShop) -> None:
    with pytest.raises(NotAuthorized):
        FakeShop(shop.shopify, shop.url, "shpat_other").primary.health()
