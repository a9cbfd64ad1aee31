"""What the contract's tests do not ask: what is special about orders in Saleor."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAuthorized, Refused
from fallback.domain.order.cart import Delivery, Discount, Line, Tax
from fallback.domain.order.order import Order, Payment, PaymentState, Placement
from fallback.domain.order.payment_report import PaymentReport
from fallback.domain.order.reporting import stands
from fallback.domain.placement.matching import differences
from tests.builders import CUSTOMER, SLOT, an_order
from tests.primaries.saleor.shop import SaleorShop

HOUR = timedelta(hours=1)
BOOK = Line("BK-1", "The Lighthouse Ledger", 2, 1299)
TIDES = Line("BK-2", "Tides", 3, 750)


def wanted(shop: SaleorShop, **changes: Any) -> Order:
    by_post = Delivery(shop.standard, "Standard delivery", 495)
    return an_order(**{"lines": (BOOK,), "delivery": by_post, "received_at": datetime.now(UTC)} | changes)


@pytest.mark.parametrize("included", [True, False], ids=["with_tax", "tax_added"])
def test_discounts_two_lines_and_a_delivery_time_read_back_as_agreed(shop: SaleorShop, included: bool) -> None:
    order = wanted(
        shop,
        lines=(BOOK, TIDES, replace(TIDES, quantity=1, unit_price=751)),
        discounts=(Discount("Autumn", 333), Discount("Friends", 100)),
        tax=Tax(included, 778),
        delivery=Delivery(shop.courier, "Courier", 999, SLOT),
    )

    placed = shop.primary.place(order)

    assert differences(order, placed) == ()
    assert placed.delivery.slot == SLOT.id


def test_a_product_that_the_shop_does_not_have_is_refused_by_its_sku(shop: SaleorShop) -> None:
    with pytest.raises(Refused, match="NO-SUCH") as refusal:
        shop.primary.place(wanted(shop, lines=(BOOK, replace(BOOK, sku="NO-SUCH"))))
    assert refusal.value.code == "invalid"


def test_another_currency_than_the_channels_is_refused(shop: SaleorShop) -> None:
    order = wanted(shop, currency="GBP")

    with pytest.raises(Refused, match="currency") as refusal:
        shop.primary.place(order)

    assert (refusal.value.code, shop.primary.find(order.ref)) == ("invalid", None)


def test_of_two_lines_the_one_that_is_short_is_named(shop: SaleorShop) -> None:
    with pytest.raises(Refused, match=r"^BK-2$") as refusal:
        shop.primary.place(wanted(shop, lines=(BOOK, replace(TIDES, quantity=9_999))))
    assert refusal.value.code == "out_of_stock"


def test_an_address_in_another_alphabet_and_a_postcode_of_no_country(shop: SaleorShop) -> None:
    address = replace(
        CUSTOMER.address, name="Åsa Öberg", line1="Ærøvej 3", city="Москва", line2="2. sal", postal_code="X"
    )
    order = wanted(shop, customer=replace(CUSTOMER, phone="+49 1512 3456789", address=address))

    there = shop.primary.place(order)

    assert differences(order, there) == ()
    assert there.phone


def test_a_person_is_found_whatever_the_letter_case_of_their_mail(shop: SaleorShop) -> None:
    mail = f"{wanted(shop).ref.lower()}@example.org"
    order = wanted(shop, customer=replace(CUSTOMER, email=mail))
    shop.primary.place(order)

    assert [each.ref for each in shop.primary.rivals("", mail.upper(), datetime.now(UTC) - HOUR)] == [order.ref]


def test_an_order_of_the_shop_is_listed_without_a_ref_of_ours(shop: SaleorShop) -> None:
    number = shop.own_order()

    [there] = [order for order in shop.primary.placed_since(datetime.now(UTC) - HOUR) if order.number == number]

    assert (there.ref, there.cart_id, there.paid, there.email) == (None, None, False, "reader@example.org")


def test_what_became_of_the_money_stands_on_the_order(shop: SaleorShop) -> None:
    order = wanted(shop)
    shop.primary.place(order)
    assert shop.money(order.ref)["authorizeStatus"] == "FULL"

    def told(number: int, state: PaymentState, **figures: int) -> dict[str, Any]:
        changed = replace(order, payment=Payment(amount=3093, authorized=3093, state=state, intent="pi_1", **figures))
        report = PaymentReport(stands(changed), number)
        shop.primary.payment_changed(replace(changed, placement=Placement(report=report)))
        return shop.money(order.ref)

    assert told(1, PaymentState.CAPTURED, captured=3093)["chargeStatus"] == "FULL"
    part = told(2, PaymentState.CAPTURED, captured=3093, refunded=500)
    assert (part["chargeStatus"], part["totalCharged"]["amount"]) == ("PARTIAL", 25.93)
    whole = told(3, PaymentState.REFUNDED, captured=3093, refunded=3093)
    assert (whole["totalCharged"]["amount"], whole["totalRefunded"]["amount"]) == (0, 30.93)


def test_a_payment_that_was_released_is_authorized_no_more(shop: SaleorShop) -> None:
    order = wanted(shop)
    shop.primary.place(order)
    released = replace(order, payment=replace(order.payment, state=PaymentState.VOIDED))
    report = PaymentReport(stands(released), 1)

    shop.primary.payment_changed(replace(released, placement=Placement(report=report)))

    assert shop.money(order.ref)["authorizeStatus"] == "NONE"


def test_a_token_that_the_shop_does_not_know_is_a_fault_of_the_settings(shop: SaleorShop) -> None:
    with pytest.raises(NotAuthorized):
        shop.with_token("unknown").primary.health()


def test_an_app_that_may_not_is_told_which_permissions_it_lacks(shop: SaleorShop) -> None:
    with pytest.raises(NotAuthorized, match="HANDLE_PAYMENTS, MANAGE_ORDERS, MANAGE_ORDERS_IMPORT"):
        shop.with_token(shop.limited).primary.health()


def test_an_order_stands_in_the_account_that_was_signed_in(shop: SaleorShop) -> None:
    account, email = shop.an_account()
    works = replace(CUSTOMER.address, company="Murdoch Ltd", line1="7 Office Row")
    who = replace(CUSTOMER, email="at.work@example.org", account=account, billing=works, vat_id="GB123456789")
    order = wanted(shop, customer=who)

    there = shop.primary.place(order)

    assert (differences(order, there), there.email) == ((), email)
    whose = shop.whose(order.ref)
    assert (whose["user"], whose["email"], whose["vatId"]) == ({"id": account}, "at.work@example.org", "GB123456789")
    billed = {"streetAddress1": "7 Office Row", "companyName": "Murdoch Ltd", "country": {"code": "GB"}}
    assert whose["billingAddress"] == billed


def test_an_account_that_is_no_more_leaves_the_order_to_its_email_address(shop: SaleorShop) -> None:
    order = wanted(shop, customer=replace(CUSTOMER, account="VXNlcjo5OTk5OTk="))

    there = shop.primary.place(order)

    assert (differences(order, there), there.email) == ((), CUSTOMER.email)


def test_an_order_may_be_collected_at_a_warehouse(shop: SaleorShop) -> None:
    order = wanted(shop, delivery=Delivery(shop.warehouse, "Collect in Hull", 0))

    assert differences(order, shop.primary.place(order)) == ()
