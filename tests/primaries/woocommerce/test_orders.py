"""What the contract's tests do not ask: what is special about orders in WooCommerce."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAuthorized, Refused
from fallback.domain.order.cart import Delivery, Discount, Line, Slot, Tax
from fallback.domain.order.order import Order, Payment, PaymentState, Placement
from fallback.domain.order.payment_report import PaymentReport
from fallback.domain.order.reporting import stands
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder, differences
from fallback.domain.placement.primary import CONTACT
from tests.builders import CUSTOMER, SLOT, an_order
from tests.primaries.woocommerce.shop import WooShop

HOUR = timedelta(hours=1)
BOOK = Line("BK-1", "The Lighthouse Ledger", 2, 1299)
TIDES = Line("BK-2", "Tides", 3, 750)


def wanted(**changes: Any) -> Order:
    return an_order(**{"lines": (BOOK,), "delivery": Delivery("flat_rate:1", "Standard delivery", 495)} | changes)


def bought_in_the_shop(shop: WooShop, payment_method: str) -> PrimaryOrder:
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="12.99"), quantity=1)
    made = visitor.orders("DE", payment_method)
    [there] = [order for order in shop.primary.placed_since(now() - HOUR) if order.id == str(made["order_id"])]
    return there


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize("included", [True, False], ids=["with_tax", "tax_added"])
def test_discounts_two_lines_and_a_delivery_time_read_back_as_agreed(shop: WooShop, included: bool) -> None:
    order = wanted(
        lines=(BOOK, TIDES, replace(TIDES, quantity=1, unit_price=751)),
        discounts=(Discount("Autumn", 333), Discount("Friends", 100)),
        tax=Tax(included, 778),
        delivery=Delivery("flat_rate:2", "Courier", 999, SLOT),
    )

    placed = shop.primary.place(order)

    assert differences(order, placed) == ()
    assert placed.delivery.slot == SLOT.id


def test_a_change_of_lines_discounts_and_delivery_reads_back_as_agreed_now(shop: WooShop) -> None:
    order = wanted(discounts=(Discount("Autumn", 333),))
    shop.primary.place(order)
    later = Slot("2026-11-24-pm", SLOT.starts + timedelta(hours=29), SLOT.ends + timedelta(hours=29))
    changed = wanted(
        ref=order.ref,
        cart_id=order.cart_id,
        lines=(replace(BOOK, quantity=1), TIDES),
        delivery=Delivery("flat_rate:2", "Courier", 999, later),
        placement=Placement(amendments=1),
    )

    assert differences(changed, shop.primary.amend(changed)) == ()
    assert shop.primary.read(order.ref).amendment == 1


def test_a_product_that_the_shop_does_not_have_is_refused_by_its_sku(shop: WooShop) -> None:
    with pytest.raises(Refused, match="NO-SUCH") as refusal:
        shop.primary.place(wanted(lines=(replace(BOOK, sku="NO-SUCH"),)))
    assert refusal.value.code == "invalid"


def test_a_total_that_the_shop_would_round_is_refused(shop: WooShop) -> None:
    order = wanted(currency="KWD", lines=(replace(BOOK, unit_price=1299),))

    with pytest.raises(Refused, match="decimals") as refusal:
        shop.primary.place(order)

    assert refusal.value.code == "invalid"
    assert shop.primary.find(order.ref) is None
    assert shop.primary.rivals(order.cart_id, None, now() - HOUR) == []


def test_an_address_in_another_alphabet_and_a_domain_with_umlauts(shop: WooShop) -> None:
    address = replace(CUSTOMER.address, name="Åsa Öberg", line1="Ærøvej 3", city="Москва", line2="2. sal", region="Fyn")
    order = wanted(customer=replace(CUSTOMER, email="åsa@bücher.example".replace("å", "a"), address=address))

    there = shop.primary.place(order)

    assert (there.email, there.shipping_address) == ("asa@bücher.example", replace(address, company=""))


def test_a_person_is_found_whatever_the_letter_case_of_their_mail(shop: WooShop) -> None:
    mail = f"{wanted().ref.lower()}@example.org"
    order = wanted(customer=replace(CUSTOMER, email=mail))
    shop.primary.place(order)

    assert [each.ref for each in shop.primary.rivals("", mail.upper(), now() - HOUR)] == [order.ref]


def test_an_order_that_waits_for_a_bank_transfer_may_be_paid_or_not(shop: WooShop) -> None:
    there = bought_in_the_shop(shop, "bacs")

    assert (there.status, there.paid, there.ref) == ("on-hold", None, None)
    assert there.cart_id.startswith("woo-")
    with pytest.raises(Refused) as refusal:
        shop.primary.cancel_unpaid(there.id)
    assert refusal.value.code == "already_paid"


def test_an_order_that_is_paid_at_the_door_is_sent_without_another_payment(shop: WooShop) -> None:
    there = bought_in_the_shop(shop, "cod")

    assert (there.status, there.paid) == ("processing", True)


@pytest.mark.parametrize(
    ("status", "word"),
    [("completed", SHIPPED), ("cancelled", CANCELLED), ("refunded", CANCELLED), ("failed", "failed")],
)
def test_a_status_of_the_shop_in_our_words(shop: WooShop, status: str, word: str) -> None:
    order = wanted()
    shop.primary.place(order)

    shop.set_status(order.ref, status)

    assert shop.primary.read(order.ref).status == word


def test_an_order_in_the_trash_is_cancelled_and_its_cart_is_free(shop: WooShop) -> None:
    order = wanted()
    there = shop.primary.place(order)

    shop.owner("DELETE", f"orders/{there.id}", {})

    assert shop.primary.read(order.ref).status == CANCELLED
    assert shop.primary.place(wanted(cart_id=order.cart_id)).status != CANCELLED


def test_an_order_that_was_deleted_for_good_is_not_found(shop: WooShop) -> None:
    order = wanted()
    there = shop.primary.place(order)

    shop.owner("DELETE", f"orders/{there.id}?force=true", {})

    assert shop.primary.find(order.ref) is None


def test_what_became_of_the_money_stands_on_the_order(shop: WooShop) -> None:
    order = wanted()
    there = shop.primary.place(order)

    def told(number: int, state: PaymentState, refunded: int = 0) -> dict[str, Any]:
        payment = Payment(amount=3093, state=state, intent="pi_2", captured=3093, refunded=refunded)
        changed = replace(order, payment=payment)
        report = PaymentReport(stands(changed), number)
        shop.primary.payment_changed(replace(changed, placement=Placement(report=report)))
        seen: dict[str, Any] = shop.owner("GET", f"orders/{there.id}", {})
        return seen

    captured = told(1, PaymentState.CAPTURED)
    assert (captured["status"], captured["transaction_id"]) == ("processing", "pi_2")
    assert captured["date_paid"]
    assert [each["total"] for each in told(2, PaymentState.CAPTURED, 500)["refunds"]] == ["-5.00"]
    assert [each["total"] for each in told(2, PaymentState.CAPTURED, 500)["refunds"]] == ["-5.00"]
    everything = told(3, PaymentState.REFUNDED, 3093)
    assert sorted(each["total"] for each in everything["refunds"]) == ["-25.93", "-5.00"]
    assert everything["status"] == "refunded"


def test_contact_details_alone_leave_the_address_as_it_is(shop: WooShop) -> None:
    order = wanted()
    shop.primary.place(order)
    reached = replace(order.customer, name="I. Murdoch", phone="+44 1482 300300")

    there = shop.primary.amend(replace(order, customer=reached), CONTACT)

    assert there.phone == "+44 1482 300300"
    assert differences(order, there) == ()


def test_a_key_that_the_shop_does_not_know_is_a_fault_of_the_settings(shop: WooShop) -> None:
    with pytest.raises(NotAuthorized):
        shop.with_key("ck_unknown", "cs_unknown").primary.health()
