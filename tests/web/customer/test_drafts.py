"""A checkout form saves itself, and a link opens it on another device."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft
from tests.builders import an_order
from tests.fakes.drafts import FakeDrafts
from tests.fakes.ledger import FakeLedger
from tests.web.buying import IRIS, at_checkout, brought, buy, keep
from tests.web.filling import forge
from tests.web.html import Page, follow
from tests.web.world import BOOKS, NOW, a_cart, signed

TYPED = {"contact.email": "iris@example.org"}


@pytest.fixture
def drafts(container: Container) -> FakeDrafts:
    return container.drafts


@pytest.fixture
def elsewhere(app: Flask) -> FlaskClient:
    """Another device, which has no cart."""
    browser = app.test_client()
    browser.environ_base |= {"HTTP_ACCEPT": "text/html", "HTTP_ACCEPT_LANGUAGE": "en-GB"}
    return browser


def a_draft(drafts: FakeDrafts, **changes: object) -> Draft:
    draft = Draft(cart_id="basket-17", cart_token=signed(), locale="en-GB", since=NOW, seen_at=NOW)
    drafts.save(replace(draft, name="Iris Murdoch", email="iris@example.org", **changes))
    return drafts.of_cart("basket-17")


def link(container: Container, drafts: FakeDrafts) -> str:
    return container.invitations.link(a_draft(drafts)).removeprefix("http://localhost")


# --- saving


def test_contact_and_cart_are_kept_and_nothing_else(browser: FlaskClient, drafts: FakeDrafts) -> None:
    everything = IRIS | {"contact.phone": "+44 1482 300300", "note": "secret note", "confirmation_token": "ctoken_1"}
    assert forge(browser, "/checkout/draft", at_checkout(browser).fields | everything).status_code == 204
    assert drafts.kept == {
        "basket-17": Draft(
            cart_id="basket-17",
            cart_token=signed(),
            locale="en-GB",
            since=NOW,
            seen_at=NOW,
            name="Iris Murdoch",
            email="iris@example.org",
            phone="+44 1482 300300",
        )
    }


def test_what_is_half_typed_is_left_out(browser: FlaskClient, drafts: FakeDrafts) -> None:
    keep(browser, **TYPED, **{"contact.phone": "+4"})
    assert drafts.kept["basket-17"].phone == ""
    keep(browser, **{"contact.email": "iris@", "contact.phone": "+44 1482 300300"})
    assert drafts.kept["basket-17"].email == ""


@pytest.mark.parametrize("typed", ["", "iris@"])
def test_a_form_by_which_nobody_can_be_found_is_not_kept(browser: FlaskClient, drafts: FakeDrafts, typed: str) -> None:
    assert keep(browser, **{"contact.email": typed, "contact.name": "Iris Murdoch"}).status_code == 204
    assert drafts.kept == {}


@pytest.mark.parametrize("field", ["contact.name", "contact.email", "contact.phone"])
def test_what_looks_like_a_card_number_is_refused(
    browser: FlaskClient, client: FlaskClient, drafts: FakeDrafts, field: str
) -> None:
    refused = keep(client, at_checkout(browser), **(TYPED | {field: "4242 4242 4242 4242"}))
    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (400, "card_number", field)
    assert drafts.kept == {}


@pytest.mark.parametrize("token", ["", "nonsense", signed(a_cart(exp=int(NOW.timestamp()) - 3600))])
def test_only_a_cart_of_the_shop_is_kept(browser: FlaskClient, drafts: FakeDrafts, token: str) -> None:
    assert forge(browser, "/checkout/draft", TYPED | {"cart_token": token}).status_code == 400
    assert drafts.kept == {}


def test_a_cart_that_is_very_large_is_not_kept(browser: FlaskClient, drafts: FakeDrafts) -> None:
    many = [BOOKS | {"sku": f"BK-{number}", "quantity": 1, "unit_price": 0} for number in range(80)]
    totals = {"goods": 0, "discount": 0, "tax": 170, "total": 0}
    large = signed(a_cart(lines=many, totals=totals))
    assert keep(browser, Page(brought(browser, large)), **TYPED).status_code == 204
    assert drafts.kept == {}


def test_an_order_is_worth_more_than_a_draft(browser: FlaskClient, container: Container, drafts: FakeDrafts) -> None:
    container.readiness.found = ("No memory is left.",)
    assert keep(browser, **TYPED).status_code == 503
    assert drafts.kept == {}


def test_saving_is_limited(browser: FlaskClient) -> None:
    page = at_checkout(browser)
    answers = [keep(browser, page, **TYPED).status_code for _ in range(121)]
    assert (answers[0], answers[-1]) == (204, 429)


def test_without_a_script_a_form_is_kept_when_it_comes_back_with_mistakes(
    browser: FlaskClient, drafts: FakeDrafts
) -> None:
    page = Page(buy(browser, **{"shipping_address.city": ""}))
    assert page.status == 400
    assert drafts.kept["basket-17"].email == "iris@example.org"


def test_a_form_with_mistakes_is_shown_also_when_it_cannot_be_kept(
    browser: FlaskClient, container: Container, drafts: FakeDrafts
) -> None:
    container.readiness.found = ("No memory is left.",)
    assert buy(browser, **{"shipping_address.city": ""}).status_code == 400
    assert drafts.kept == {}


def test_the_draft_of_an_order_goes_when_a_page_that_was_left_open_saves_it(
    browser: FlaskClient, drafts: FakeDrafts, ledger: FakeLedger
) -> None:
    page = at_checkout(browser)
    a_draft(drafts)
    ledger.keep(an_order(cart_id="basket-17"))
    assert keep(browser, page, **TYPED).status_code == 204
    assert drafts.kept == {}


# --- the link


def test_a_link_opens_the_form_on_another_device(
    elsewhere: FlaskClient, container: Container, drafts: FakeDrafts
) -> None:
    page = Page(elsewhere.get(link(container, drafts)))
    assert page.title == "Checkout"
    assert "The Lighthouse Ledger" in page.text
    assert (page.fields["contact.name"], page.fields["contact.email"]) == ("Iris Murdoch", "iris@example.org")
    assert page.fields["shipping_address.line1"] == ""


def test_the_customer_orders_on_the_other_device(
    elsewhere: FlaskClient, container: Container, drafts: FakeDrafts, ledger: FakeLedger
) -> None:
    form = at_checkout(elsewhere, link(container, drafts))
    assert "cart_token" not in form.fields
    page = follow(elsewhere, buy(elsewhere, form))
    assert page.title == "We have your order, but it is not paid yet"
    [ref] = ledger.refs()
    assert ledger.load(ref).cart_id == "basket-17"


def test_a_form_with_mistakes_keeps_its_link(elsewhere: FlaskClient, container: Container, drafts: FakeDrafts) -> None:
    form = at_checkout(elsewhere, link(container, drafts))
    again = Page(buy(elsewhere, form, note="x" * 1001))
    assert again.status == 400
    assert again.fields["invitation"] == form.fields["invitation"]
    assert "cart_token" not in again.fields


def test_what_is_typed_there_is_kept_too(elsewhere: FlaskClient, container: Container, drafts: FakeDrafts) -> None:
    form = at_checkout(elsewhere, link(container, drafts))
    assert keep(elsewhere, form, **{"contact.email": "dame@example.org"}).status_code == 204
    assert drafts.kept["basket-17"].email == "dame@example.org"


def test_both_devices_order_and_the_cart_is_bought_once(
    browser: FlaskClient, elsewhere: FlaskClient, container: Container, drafts: FakeDrafts, ledger: FakeLedger
) -> None:
    form = at_checkout(elsewhere, link(container, drafts))
    assert buy(browser).status_code == 303
    page = Page(buy(elsewhere, form))
    assert (page.status, page.title) == (409, "You have already ordered this basket")
    assert len(ledger.refs()) == 1


def test_the_link_never_leads_on_to_the_order(
    elsewhere: FlaskClient, container: Container, drafts: FakeDrafts, ledger: FakeLedger
) -> None:
    address = link(container, drafts)
    form = at_checkout(elsewhere, address)
    order = ledger.keep(an_order(cart_id="basket-17"))
    opened = Page(elsewhere.get(address))
    sent = Page(buy(elsewhere, form))
    for page in (opened, sent):
        assert page.title == "You have already ordered this basket"
        assert container.links.key(order.ref) not in page.source
        assert "1 Quay" not in page.text


def test_a_link_is_over_with_its_draft(elsewhere: FlaskClient, container: Container, drafts: FakeDrafts) -> None:
    address = link(container, drafts)
    drafts.drop("basket-17")
    assert Page(elsewhere.get(address)).title == "This link is no longer valid"
    a_draft(drafts, since=NOW + timedelta(days=1))
    assert elsewhere.get(address).status_code == 404


def test_a_link_that_we_did_not_sign_opens_nothing(
    elsewhere: FlaskClient, container: Container, drafts: FakeDrafts
) -> None:
    address = link(container, drafts)
    assert elsewhere.get(address[:-1]).status_code == 404
    assert elsewhere.get("/checkout/drafts/nonsense").status_code == 404
    assert forge(elsewhere, "/checkout", IRIS | {"invitation": "nonsense"}).status_code == 404
