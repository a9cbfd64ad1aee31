"""Changing an order that the shop has, or that somebody else changed first."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice
from fallback.domain.order.cart import Discount, Line
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Order, PaymentState, PlacementState
from fallback.domain.support.accounts import Role
from fallback.usecases.order.change_order import change_order
from tests.builders import BOOK, NOW, a_hold, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.usecases.placement.amending import BIKE, COURIER
from tests.web.customer.order_changes import Pages, of_theirs
from tests.web.filling import forge, press

# --- in two tabs


def test_an_old_form_takes_no_other_item_out_after_one_has_gone(
    everybody: Callable[[Order], Pages], ledger: FakeLedger
) -> None:
    goods = (BOOK, Line("LA-1", "A lamp", 1, 500), Line("PE-1", "A pen", 1, 100))
    order = ledger.keep(an_order(lines=goods))
    pages = everybody(order)
    old = pages.form("lines")
    pages.send("lines", quantities__0="0")
    page = pages.send("lines", old, quantities__0="1", quantities__1="0")  # the lamp
    assert page.status == 400
    assert page.errors == {"quantities": "The items of this order have changed. Please check them again"}
    assert [page.one("input", id=f"quantities.{place}")["value"] for place in (0, 1)] == ["1", "1"]
    assert ledger.load(order.ref).lines == goods[1:]


# --- once the shop has it


def test_a_change_is_shown_as_requested_until_the_shop_has_it(
    everybody: Callable[[Order], Pages], settled: Order, ledger: FakeLedger
) -> None:
    pages = everybody(settled)
    form = pages.form("address")
    assert "The shop already has this order." in form.text
    page = pages.send("address", form, shipping_address__line1="2 Quay", shipping_address__country="GB")
    assert ledger.load(settled.ref).customer.address.line1 == "1 Quay"
    assert "The shop has not confirmed it yet." in page.text
    assert "2 Quay" in page.text
    assert "1 Quay" in page.text
    assert "A change was requested" in page.text


def test_what_is_asked_for_can_be_taken_back(
    everybody: Callable[[Order], Pages], settled: Order, ledger: FakeLedger
) -> None:
    pages = everybody(settled)
    page = pages.send("delivery", **{"delivery.id": "bike"})
    page = press(pages.browser, page, "/withdrawal")
    assert "We are checking the order in the shop" in page.text
    assert not ledger.load(settled.ref).amendment.wants_something


def test_their_page_says_that_the_shop_is_asked(browser: FlaskClient, container: Container, settled: Order) -> None:
    page = of_theirs(browser, container, settled).send("delivery", **{"delivery.id": "bike"})
    assert page.title == "We have sent your change to the shop"


def test_only_what_can_be_had_is_offered(browser: FlaskClient, container: Container, settled: Order) -> None:
    """The courier is dearer than what was paid; the difference to fewer books can be given back."""
    pages = of_theirs(browser, container, settled)
    assert [choice["value"] for choice in pages.form("delivery").all("input", type="radio")] == ["bike"]
    assert [link for link in pages.order().all("a") if "/lines" in link["href"]]


@pytest.mark.parametrize(
    "changes",
    [
        {"cancel_asked": True},
        {"placement": PlacementState.CANCELLED, "payment": a_payment(PaymentState.VOIDED)},
        {"placement": PlacementState.PLACING},
        {"customer": None},
    ],
)
def test_where_nothing_can_be_changed_nothing_is_offered(
    browser: FlaskClient, container: Container, ledger: FakeLedger, changes: dict[str, Any]
) -> None:
    pages = of_theirs(browser, container, ledger.keep(an_order(options=(BIKE,), **changes)))
    offered = [link["href"].split("?")[0] for link in pages.order().all("a")]
    assert not [address for address in offered if address.endswith(("/address", "/delivery", "/lines"))]


def test_goods_with_a_discount_are_priced_by_the_shop(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    reduced = ledger.keep(an_order(discounts=(Discount("Autumn", 200),)))
    pages = of_theirs(browser, container, reduced)
    assert not [link for link in pages.order().all("a") if "/lines" in link["href"]]


# --- who was first


def test_the_customer_who_comes_late_sees_how_it_stands(
    browser: FlaskClient, container: Container, ledger: FakeLedger, held: Order
) -> None:
    pages = of_theirs(browser, container, held)
    form = pages.form("delivery")
    change_order(container, held.ref, ChangeOrder(delivery=DeliveryChoice("bike")), "mara", 1)
    page = pages.send("delivery", form, **{"delivery.id": "courier", "slot.courier": COURIER.slots[0].id})
    assert page.status == 409
    assert "Mara acted first: Your details were changed." in page.text
    assert "checked" in page.one("input", name="delivery.id", value="bike").attributes
    pages.send("delivery", page)
    assert ledger.load(held.ref).delivery.id == "bike"


def test_an_agent_who_comes_late_reads_who_was_first(
    mara: FlaskClient, container: Container, ledger: FakeLedger, held: Order
) -> None:
    pages = Pages(mara, held, "/console")
    form = pages.form("delivery")
    change_order(container, held.ref, ChangeOrder(delivery=DeliveryChoice("bike")), "customer", 1)
    page = pages.send("delivery", form, **{"delivery.id": "courier", "slot.courier": COURIER.slots[0].id})
    assert page.status == 409
    assert "The customer acted first" in page.text
    assert "checked" in page.one("input", name="delivery.id", value="bike").attributes
    pages.send("delivery", page)
    assert ledger.load(held.ref).delivery.id == "bike"


def test_what_the_shop_refused_stays_visible_beside_its_hold(
    mara: FlaskClient, container: Container, ledger: FakeLedger, settled: Order
) -> None:
    asked = change_order(container, settled.ref, ChangeOrder(delivery=DeliveryChoice("bike")), "customer", 1)
    shipped = replace(asked, holds=(a_hold(HoldCode.ALREADY_SHIPPED),))
    ledger.commit(asked, shipped, [])
    page = Pages(mara, settled, "/console").order()
    assert "Bicycle" in page.text


def test_a_role_that_may_only_read_sees_no_edit_links(
    colleague: Callable[[str, Role], FlaskClient], held: Order, ledger: FakeLedger
) -> None:
    oncall = colleague("otto", Role.ONCALL)
    assert "Edit shipping address" not in Pages(oncall, held, "/console").order().text
    assert forge(oncall, f"/console/orders/{held.ref}/lines", {"quantities.0": "1", "seen": "1"}).status_code == 403
    assert ledger.load(held.ref) == held


def test_the_api_answers_what_is_asked_for(client: FlaskClient, container: Container, settled: Order) -> None:
    path = f"/v1/orders/{settled.ref}?key={container.links.key(settled.ref)}"
    answer = client.patch(path, json={"delivery": {"id": "bike"}}, headers={"If-Match": "*"})
    assert (answer.status_code, answer.json["asked_for"], answer.json["delivery"]["id"]) == (
        200,
        "delivery",
        "standard",
    )
    courier = {"id": "courier", "slot": COURIER.slots[0].id}
    refused = client.patch(path, json={"delivery": courier}, headers={"If-Match": "*"})
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (400, "costs_more", "delivery.id")


def test_now_is_before_the_times_on_offer() -> None:
    assert COURIER.slots[0].starts > NOW


def test_what_is_written_while_the_form_is_made_was_not_seen_on_it(
    everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages, load, lines = everybody(held), ledger.load, len(ledger.timeline(held.ref))

    def overtaken(ref: str) -> Order:
        order = load(ref)
        ledger.commit(order, order, [Event(NOW, "changed", "worker")])
        return order

    monkeypatch.setattr(ledger, "load", overtaken)
    assert pages.form("address").fields["seen"] == str(lines)
