"""/orders/: the link to an order is sent again, and nobody learns who has ordered."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.refs import new_ref
from fallback.domain.support.renewals import RenewalRequest
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import press
from tests.web.html import Page

REF = new_ref()


def ask(browser: FlaskClient, email: str, ref: str = "") -> Page:
    return press(browser, Page(browser.get("/orders/")), "/orders/", email=email, ref=ref)


def test_the_answer_is_the_same_for_every_address_and_nobody_looks_before_it_is_given(
    browser: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    known = ledger.keep(an_order())
    ledger.fail_next("load", TryAgain("nobody looks"))
    assert known.customer
    first, second = ask(browser, known.customer.email), ask(browser, "nobody@example.org")
    assert first.source == second.source
    assert first.title == "Check your email"
    assert [asked.email for asked in container.renewals.asked] == [
        "iris@example.org",
        "nobody@example.org",
    ]


def test_an_order_is_named_as_it_is_read_out(browser: FlaskClient, container: Container) -> None:
    ask(browser, " iris@example.org ", REF.replace("-", " ").lower())
    assert container.renewals.asked == [RenewalRequest("iris@example.org", REF)]


@pytest.mark.parametrize(
    ("email", "ref", "field"), [("iris", "", "email"), ("", "", "email"), ("iris@example.org", "FB-1", "ref")]
)
def test_what_cannot_be_looked_for_is_said(
    browser: FlaskClient, container: Container, email: str, ref: str, field: str
) -> None:
    page = ask(browser, email, ref)
    assert (page.status, list(page.errors)) == (400, [field])
    assert page.fields["email"] == email
    assert container.renewals.asked == []


def test_the_form_is_there_and_says_nothing_is_wrong_yet(browser: FlaskClient) -> None:
    page = Page(browser.get("/orders/"))
    assert (page.status, page.title, page.errors) == (200, "Find your order", {})


def test_asking_is_slow(browser: FlaskClient) -> None:
    assert [ask(browser, f"iris{number}@example.org").status for number in range(6)] == [200] * 5 + [429]
