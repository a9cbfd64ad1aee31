"""Changing an order: by the customer on their pages, by an agent in the console, with the same forms."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.notices import reader
from fallback.domain.order.order import NoticeKind, Order, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement.changes import MOST_ADDRESSES
from tests.fakes.ledger import FakeLedger
from tests.usecases.placement.amending import COURIER
from tests.web.customer.order_changes import Pages, of_theirs
from tests.web.html import Page

MATTERS = ("contact", "address", "delivery", "lines")


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


def test_the_number_of_address_changes_is_limited(
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
        ("lines", {"quantities.0": "²"}, "quantities.0", "Enter a quantity"),
        ("lines", {"quantities.0": "3"}, "quantities.0", "Additional items can only be ordered in the shop"),
        ("lines", {"quantities.0": "٣"}, "quantities.0", "Additional items can only be ordered in the shop"),
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
