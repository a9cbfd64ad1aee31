"""What `PUT orders/{ref}` says, field by field."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from msgspec.structs import replace

from fallback.domain.order.cart import Discount
from fallback.primaries.http.bodies import order_body
from tests.builders import CUSTOMER, SLOT, STANDARD, an_order


def test_the_body_is_that_of_the_contract() -> None:
    order = an_order(ref="FB-7K3M-92QX-5", cart_id="basket-17", discounts=(Discount("Autumn", 200),))

    assert order_body(order) == {
        "ref": "FB-7K3M-92QX-5",
        "cart_id": "basket-17",
        "currency": "EUR",
        "lines": [{"sku": "BK-1", "title": "The Sea, the Sea", "quantity": 2, "unit_price": 1299}],
        "discounts": [{"title": "Autumn", "amount": 200}],
        "tax": {"included": True, "amount": 319},
        "delivery": {
            "id": "standard",
            "title": "Standard delivery",
            "price": 495,
            "slot": {"id": "2026-11-23-am", "starts": "2026-11-23T08:00:00Z", "ends": "2026-11-23T12:00:00Z"},
        },
        "total": 2893,
        "contact": {"name": "Iris Murdoch", "email": "iris@example.org", "phone": None},
        "shipping_address": {
            "name": "Iris Murdoch",
            "line1": "1 Quay",
            "line2": None,
            "city": "Hull",
            "postal_code": "HU1 1AA",
            "region": None,
            "country": "GB",
            "company": None,
        },
        "billing_address": None,
        "vat_id": None,
        "note": None,
        "locale": "en",
        "received_at": "2026-11-21T10:00:00Z",
        "payment": {"provider": "stripe", "reference": "pi_1", "state": "authorized"},
    }


def test_a_company_has_its_invoice_elsewhere() -> None:
    works = replace(CUSTOMER.address, company="Murdoch Ltd", line1="2 Office Row")
    body = order_body(an_order(customer=replace(CUSTOMER, billing=works, vat_id="GB123456789")))
    assert body["vat_id"] == "GB123456789"
    assert body["billing_address"] == body["shipping_address"] | {"company": "Murdoch Ltd", "line1": "2 Office Row"}


def test_what_is_fetched_has_no_address() -> None:
    nowhere = replace(CUSTOMER.address, line1="", city="", postal_code="", country="")
    assert order_body(an_order(customer=replace(CUSTOMER, address=nowhere)))["shipping_address"] is None


def test_a_delivery_without_a_slot_says_so() -> None:
    assert order_body(an_order(delivery=replace(STANDARD, slot=None)))["delivery"]["slot"] is None


def test_times_of_other_zones_are_sent_in_utc() -> None:
    noon_in_berlin = datetime(2026, 11, 21, 12, tzinfo=timezone(timedelta(hours=1)))
    slot = replace(SLOT, starts=noon_in_berlin)

    body = order_body(an_order(received_at=noon_in_berlin, delivery=replace(STANDARD, slot=slot)))

    assert body["received_at"] == body["delivery"]["slot"]["starts"] == "2026-11-21T11:00:00Z"


def test_what_the_customer_added_is_sent() -> None:
    customer = replace(CUSTOMER, phone="+44 1482 000000", note="Ring twice")

    body = order_body(an_order(customer=customer))

    assert (body["contact"]["phone"], body["note"]) == ("+44 1482 000000", "Ring twice")
