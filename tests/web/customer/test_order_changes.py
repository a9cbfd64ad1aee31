"""Changing an order: by the customer on their pages, by an agent in the console, with the same forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.requests import ChangeOrder, DeliveryChoice
from fallback.domain.order.cart import Discount
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.notices import reader
from fallback.domain.order.order import Event, NoticeKind, Order, PaymentState, PlacementState, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement.changes import MOST_ADDRESSES
from fallback.domain.support.accounts import Role
from fallback.usecases.order.change_order import change_order
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.usecases.placement.amending import BIKE, COURIER
from tests.web.filling import forge, press
from tests.web.html import Page

MATTERS = ("contact", "address", "delivery", "lines")


@pytest.fixture
def held(ledger: FakeLedger) -> Order:
    """Only we have it; the cart offered a courier and a bicycle."""
    return ledger.keep(an_order(options=(COURIER, BIKE)))


@pytest.fixture
def settled(ledger: FakeLedger) -> Order:
    captured = a_payment(PaymentState.CAPTURED)
    return ledger.keep(an_order(options=(COURIER, BIKE), payment=captured, placement=PlacementState.VERIFIED))


@pytest.fixture
def mara(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("mara", Role.AGENT)


class Pages:
    """The pages of an order for one who may change it: the customer with their link, or an agent."""

    def __init__(self, browser: FlaskClient, order: Order, console: str = "", key: str = "") -> None:
        self.browser = browser
        self._page = f"{console}/orders/{order.ref}"
        self._key = f"?key={key}" if key else ""

    def order(self) -> Page:
        return Page(self.browser.get(self._page + self._key))

    def form(self, matter: str) -> Page:
        return Page(self.browser.get(f"{self._page}/{matter}{self._key}"))

    def send(self, matter: str, form: Page | None = None, **typed: Any) -> Page:
        """The form as it stands with what was typed, and the page to which it leads."""
        fields = {name.replace("__", "."): value for name, value in typed.items()}
        return press(self.browser, form or self.form(matter), f"/{matter}", fields)

    def forge(self, matter: str, field: str, value: str) -> Page:
        """The form with something in one field that nobody can choose there."""
        fields = self.form(matter).fields | {field: value}
        return Page(forge(self.browser, f"{self._page}/{matter}{self._key}", fields))


def of_theirs(browser: FlaskClient, container: Container, order: Order) -> Pages:
    return Pages(browser, order, key=container.links.key(order.ref))


@pytest.fixture(params=["the customer", "an agent"])
def everybody(
    request: pytest.FixtureRequest, browser: FlaskClient, mara: FlaskClient, container: Container
) -> Callable[[Order], Pages]:
    if request.param == "an agent":
        return lambda order: Pages(mara, order, "/console")
    return lambda order: of_theirs(browser, container, order)


# --- the forms


@pytest.mark.parametrize("matter", MATTERS)
def test_the_order_leads_to_each_form(everybody: Callable[[Order], Pages], held: Order, matter: str) -> None:
    pages = everybody(held)
    [link] = [link for link in pages.order().all("a") if f"/{held.ref}/{matter}" in link["href"]]
    form = Page(pages.browser.get(link["href"]))
    assert (
        form.title
        == {
            "contact": "Edit contact details",
            "address": "Edit shipping address",
            "delivery": "Edit delivery",
            "lines": "Remove items",
        }[matter]
    )
    assert form.fields["seen"] == "0"


def test_another_address(
    everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger, container: Container
) -> None:
    page = everybody(held).send("address", shipping_address__line1="2 Quay", shipping_address__country="GB")
    assert ledger.load(held.ref).customer.address.line1 == "2 Quay"
    assert "2 Quay" in page.text
    assert "Your details were changed" in page.text
    assert container.bells.rung == [Queue.PLACEMENT]


def test_another_way_to_reach_them(everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger) -> None:
    page = everybody(held).send("contact", contact__email="iris@new.example", contact__phone="+44 1482 300300")
    customer = ledger.load(held.ref).customer
    assert (customer.name, customer.email, customer.phone) == ("Iris Murdoch", "iris@new.example", "+44 1482 300300")
    assert "iris@new.example" in page.text


def test_the_old_address_is_told_that_mail_goes_elsewhere_now(
    everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger
) -> None:
    everybody(held).send("contact", contact__email="iris@new.example")
    changed = ledger.load(held.ref)
    [told] = [notice for notice in changed.notices if notice.kind is NoticeKind.ADDRESS_LEFT]
    assert reader(changed, told).email == "iris@example.org"
    assert "iris@example.org" not in repr(replace(changed, customer=None))


def test_another_phone_number_is_no_other_address(
    everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger
) -> None:
    everybody(held).send("contact", contact__phone="+44 1482 300300")
    assert NoticeKind.ADDRESS_LEFT not in [notice.kind for notice in ledger.load(held.ref).notices]


def test_nobody_makes_a_mill_of_mails_out_of_an_order(
    browser: FlaskClient, container: Container, ledger: FakeLedger, held: Order
) -> None:
    pages = of_theirs(browser, container, held)
    for number in range(MOST_ADDRESSES):
        pages.send("contact", contact__email=f"iris{number}@example.org")
    page = pages.send("contact", contact__email="victim@example.org")
    assert (page.status, list(page.errors)) == (400, ["contact.email"])
    assert ledger.load(held.ref).customer.email == f"iris{MOST_ADDRESSES - 1}@example.org"


def test_who_has_asked_a_person_for_another_address_gets_it_however_often_it_was_changed(
    mara: FlaskClient, browser: FlaskClient, container: Container, ledger: FakeLedger, held: Order
) -> None:
    for number in range(MOST_ADDRESSES):
        of_theirs(browser, container, held).send("contact", contact__email=f"stranger{number}@example.org")
    assert Pages(mara, held, "/console").send("contact", contact__email="iris@example.org").status == 200
    assert ledger.load(held.ref).customer.email == "iris@example.org"


def test_how_the_customer_is_reached_counts_at_once_also_when_the_shop_has_the_order(
    everybody: Callable[[Order], Pages], settled: Order, ledger: FakeLedger
) -> None:
    pages = everybody(settled)
    form = pages.form("contact")
    assert "The shop already has this order." not in form.text
    page = pages.send("contact", form, contact__email="murdoch@example.org")
    assert ledger.load(settled.ref).customer.email == "murdoch@example.org"
    assert "withdrew" not in page.text


def test_another_time(everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger) -> None:
    form = everybody(held).form("delivery")
    assert "€7.90" in form.text
    everybody(held).send("delivery", form, **{"delivery.id": "courier", "slot.courier": COURIER.slots[0].id})
    changed = ledger.load(held.ref)
    assert (changed.delivery.id, changed.delivery.slot) == ("courier", COURIER.slots[0])
    assert changed.payment.amount == 2598 + 790


def test_the_mail_about_a_change_has_the_agents_own_sentence(
    mara: FlaskClient, held: Order, ledger: FakeLedger
) -> None:
    Pages(mara, held, "/console").send("lines", quantities__0="1", sentence="One is enough, as you said.")
    changed = ledger.load(held.ref)
    [notice] = changed.notices
    assert (notice.kind, read(changed, notice.said)) == (NoticeKind.CHANGED, "One is enough, as you said.")


def test_the_sentence_waits_until_the_shop_has_the_change(
    mara: FlaskClient, settled: Order, ledger: FakeLedger
) -> None:
    there = {"shipping_address.line1": "2 Quay", "shipping_address.country": "GB"}
    Pages(mara, settled, "/console").send("address", sentence="To the new house.", **there)
    changed = ledger.load(settled.ref)
    assert changed.notices == ()
    assert read(changed, changed.amendment.said) == "To the new house."


def test_a_form_with_a_mistake_keeps_the_sentence(mara: FlaskClient, held: Order) -> None:
    page = Pages(mara, held, "/console").send("lines", quantities__0="many", sentence="One is enough.")
    assert page.status == 400
    assert page.fields["sentence"] == "One is enough."


def test_one_piece_less(everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger) -> None:
    page = everybody(held).send("lines", quantities__0="1")
    assert ledger.load(held.ref).lines[0].quantity == 1
    assert "€17.94" in page.text


@pytest.mark.parametrize(
    ("matter", "typed", "field", "says"),
    [
        ("address", {"shipping_address.line1": ""}, "shipping_address.line1", "Enter a street and house number"),
        ("address", {"shipping_address.line1": "4242 4242 4242 4242"}, "shipping_address.line1", "a card number"),
        ("address", {"shipping_address.country": ""}, "shipping_address.country", "Select a country"),
        ("delivery", {"delivery.id": None}, "delivery.id", "Choose a delivery method"),
        ("delivery", {"delivery.id": "courier"}, "delivery.id", "Choose a delivery time"),
        ("lines", {"quantities.0": "-1"}, "quantities.0", "Enter a quantity"),
        ("lines", {"quantities.0": "٣"}, "quantities.0", "Enter a quantity"),
        ("lines", {"quantities.0": "3"}, "quantities.0", "Additional items can only be ordered in the shop"),
        ("lines", {"quantities.0": "0"}, "quantities", "cancel the order instead"),
    ],
)
def test_what_is_wrong_is_named_at_its_field(
    everybody: Callable[[Order], Pages],
    held: Order,
    ledger: FakeLedger,
    matter: str,
    typed: dict[str, str | None],
    field: str,
    says: str,
) -> None:
    page = everybody(held).send(matter, **typed)
    assert page.status == 400
    assert says in page.errors[field]
    assert page.all(page_tag(page, field), id=field)
    assert ledger.load(held.ref) == held


@pytest.mark.parametrize(
    ("matter", "field", "says"),
    [
        ("address", "shipping_address.country", "Select a country"),
        ("delivery", "delivery.id", "Choose a delivery method"),
    ],
)
def test_a_choice_that_no_page_offers_is_none(
    everybody: Callable[[Order], Pages], held: Order, ledger: FakeLedger, matter: str, field: str, says: str
) -> None:
    page = everybody(held).forge(matter, field, "Narnia")
    assert (page.status, page.errors) == (400, {field: says})
    assert ledger.load(held.ref) == held


def page_tag(page: Page, field: str) -> str:
    [element] = [element for element in page.elements if element.attributes.get("id") == field]
    return element.tag


# --- once the shop has it


def test_until_the_shop_has_it_so_it_stands_as_asked_for(
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
    assert "mara acted first: Your details were changed." in page.text
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
    assert "the customer acted first" in page.text
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


def test_who_only_looks_is_offered_nothing(
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
