"""/console/drafts: an agent finds the form of a customer who needs help, and the search is logged."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft, Look
from fallback.domain.order.order import Queue
from fallback.domain.support.accounts import Role
from fallback.usecases.checkout.send_invitations import send_invitations
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.fakes.mailer import FakeMailer
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import NOW, a_cart, signed

FOUND = "/console/drafts?find=iris@example.org"
Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def ann(colleague: Colleague) -> FlaskClient:
    return colleague("Ann", Role.AGENT)


@pytest.fixture
def draft(container: Container) -> Draft:
    draft = Draft(cart_id="basket-17", cart_token=signed(), locale="en", since=NOW, seen_at=NOW)
    draft = replace(draft, name="Iris Murdoch", email="iris@example.org", phone="+44 1482 300300")
    container.drafts.save(draft)
    return draft


def test_a_form_is_found_with_its_cart_and_contact(ann: FlaskClient, draft: Draft) -> None:
    page = Page(ann.get(FOUND))
    assert page.all("h2")[0].text == "Iris Murdoch, iris@example.org, +44 1482 300300 Active now"
    assert "The Lighthouse Ledger" in page.text
    assert "Started 21 Nov 2026, 10:00 UTC" in page.text


def test_the_agent_sees_that_the_customer_has_left(ann: FlaskClient, draft: Draft, container: Container) -> None:
    container.clock = lambda: NOW + timedelta(seconds=21)
    page = Page(ann.get(FOUND))
    assert "Iris Murdoch" in page.text
    assert "Active now" not in page.text


def test_the_link_opens_the_form(ann: FlaskClient, browser: FlaskClient, draft: Draft) -> None:
    shown = Page(ann.get(FOUND)).one("input", id="link-1")["value"]
    form = Page(browser.get(shown.removeprefix("http://localhost")))
    assert form.fields["contact.email"] == "iris@example.org"


def test_the_link_is_sent_to_the_customer_and_the_agent_sees_that_it_was(
    ann: FlaskClient, draft: Draft, container: Container
) -> None:
    container.mailer = FakeMailer()
    form = Page(ann.get(FOUND))
    assert form.all("button")[-1].text == "Send link to iris@example.org"
    page = press(ann, form, "/console/drafts/mails")
    assert "Ann sent the link by mail; delivery is pending." in page.text
    assert container.bells.rung == [Queue.NOTICE]
    send_invitations(container)
    assert container.mailer.invited == [("iris@example.org", container.invitations.link(draft))]
    assert (
        "Ann sent the link by mail; delivered to the mail server at 21 Nov 2026, 10:00 UTC."
        in Page(ann.get(FOUND)).text
    )


def test_no_link_is_sent_for_a_form_that_is_over(ann: FlaskClient, container: Container) -> None:
    assert forge(ann, "/console/drafts/mails", {"cart_id": "basket-17"}).status_code == 404
    assert container.bells.rung == []


def test_there_is_no_list_of_everybody(ann: FlaskClient, draft: Draft, container: Container) -> None:
    for path in ("/console/drafts", "/console/drafts?find=", "/console/drafts?find=+"):
        assert "Iris" not in Page(ann.get(path)).text
    assert container.drafts.looks(9) == []


def test_a_search_for_a_form_is_logged_and_shown_to_leads(
    ann: FlaskClient, colleague: Colleague, draft: Draft, container: Container
) -> None:
    ann.get("/console/drafts?find=other@example.org")
    page = Page(ann.get(FOUND))
    assert container.drafts.looks(9) == [Look(NOW, "Ann", ("basket-17",)), Look(NOW, "Ann", ())]
    assert "Search log" not in [heading.text for heading in page.all("h2")]
    shown = Page(colleague("Mara", Role.LEAD).get("/console/drafts"))
    assert [row.text for row in shown.all("li")] == [
        "Ann 21 Nov 2026, 10:00 UTC 1 found",
        "Ann 21 Nov 2026, 10:00 UTC 0 found",
    ]


def test_what_was_ordered_is_no_unfinished_form(
    ann: FlaskClient, draft: Draft, container: Container, ledger: FakeLedger
) -> None:
    ledger.keep(an_order(cart_id="basket-17"))
    assert "No form found." in Page(ann.get(FOUND)).text
    assert container.drafts.of_cart("basket-17") is None


def test_a_form_whose_prices_expired_has_no_link(ann: FlaskClient, draft: Draft, container: Container) -> None:
    expired = signed(a_cart(exp=int(NOW.timestamp()) - 3600))
    container.drafts.save(replace(draft, cart_token=expired))
    page = Page(ann.get(FOUND))
    assert "The prices in this basket have expired." in page.text
    assert page.all("input", id="link-1") == []


def test_a_role_without_permission_cannot_search_forms(colleague: Colleague, draft: Draft) -> None:
    assert colleague("Otto", Role.ONCALL).get(FOUND).status_code == 403
