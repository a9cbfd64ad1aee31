"""An order's page before an agent who is on the phone: what is open comes first, and the facts stand beside it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Decline, PaymentState, PlacementState
from fallback.domain.support.accounts import Role
from fallback.usecases.support.answer_question import answer_question
from fallback.usecases.support.ask_question import ask_question
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.console.at_work import AtWork
from tests.web.filling import forge
from tests.web.html import Page

CALLER = replace(CUSTOMER, phone="+44 1482 300-300", note="Please ring <twice>")


@pytest.fixture
def work(agent: FlaskClient, ledger: FakeLedger) -> AtWork:
    held = new_hold(HoldCode.MISMATCH, "desk", NOW, "BK-1: 2 agreed, 1 there")
    return AtWork(agent, ledger, an_order(customer=CALLER, holds=(held,)))


def headings(page: Page) -> list[str]:
    return [heading.text for heading in page.all("h2")]


def test_the_question_and_the_decision_come_before_all_else(work: AtWork, container: Container) -> None:
    ask_question(container, work.ref, "Where is it?", None)
    page = work.page()
    first = [title for title in headings(page) if title != "Working on this order"]
    assert first[:3] == ["Question", "Decision", "Iris Murdoch"]
    assert first.index("Decision") < first.index("What the customer reads") < first.index("Timeline")


def test_the_number_dials_and_the_facts_are_in_words(work: AtWork) -> None:
    page = work.page()
    assert page.one("a", href="tel:+441482300300").text == "+44 1482 300-300"
    assert page.one("section", id="customer").text.startswith(
        "Iris Murdoch +44 1482 300-300 iris@example.org 1 Quay Hull"
    )
    facts = page.one("section", id="facts").text
    assert "Payment Authorized, not captured" in facts
    assert "Shop Not in the shop yet" in facts
    assert "2 × €12.99" in page.one("section", id="agreed").text


def test_the_words_of_the_customer_look_like_nobody_elses(work: AtWork, container: Container) -> None:
    ask_question(container, work.ref, "Where is it?", None)
    answer_question(container, work.ref, "On its way.", "Mara", len(container.ledger.timeline(work.ref)))
    ask_question(container, work.ref, "Still not here", None)
    page = work.page()
    theirs = [each.text for each in page.all("figure", **{"class": "theirs"})]
    ours = [each.text for each in page.all("figure", **{"class": "ours"})]
    assert [text.rpartition("UTC ")[2] for text in theirs[:2]] == ["Where is it?", "Still not here"]
    assert theirs[-1] == "The customer's note with the order Please ring <twice>"
    assert [text.rpartition("UTC ")[2] for text in ours] == ["On its way."]
    assert [each.text for each in page.all("q", **{"class": "long theirs"})] == ["Still not here", "Where is it?"]


def test_in_lists_too_a_question_is_a_quotation_and_a_hold_is_not(
    work: AtWork, container: Container, colleague: Callable[[str, Role], FlaskClient]
) -> None:
    ask_question(container, work.ref, "Where is it?", None)
    mara = colleague("Mara", Role.AGENT)
    forge(mara, f"/console/orders/{work.ref}/owner", {"seen": "1"})
    for path in ("/console", "/console/mine"):
        page = Page(mara.get(path))
        assert [each.text for each in page.all("q", **{"class": "theirs"})] == ["Where is it?"], path
        assert "Differs from the shop's order" in page.text


def test_once_it_is_answered_what_was_said_is_below(work: AtWork, container: Container) -> None:
    ask_question(container, work.ref, "Where is it?", None)
    answer_question(container, work.ref, "On its way.", "Mara", len(container.ledger.timeline(work.ref)))
    titles = headings(work.page())
    assert "Question" not in titles
    assert titles.index("What the customer reads") < titles.index("Questions and answers")


def test_what_can_be_done_stands_in_one_row(agent: FlaskClient, ledger: FakeLedger) -> None:
    paid = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED))
    links = {link.text: link["href"] for link in paid.page().one("nav", aria_label="What you can do").all("a")}
    here = f"/console/orders/{paid.ref}"
    assert links["Refund"] == f"{here}/refunds"
    assert links["Withdrawal"] == f"{here}/withdrawal"
    assert links["Cancel for the customer"] == f"{here}/cancellation"
    assert links["Edit contact details"] == f"{here}/contact"
    assert (links["Add note"], links.get("Send payment link")) == ("#note", None)
    unpaid = AtWork(agent, ledger, an_order(payment=a_payment(PaymentState.NONE)))
    page = unpaid.page()
    targets = [link["href"].removeprefix("#") for link in page.all("a") if link["href"].startswith("#")]
    assert {"note", "sentence", "phone", "hand-over"} <= set(targets)
    assert {element.attributes.get("id") for element in page.elements} >= set(targets)


def test_why_a_card_was_declined_is_said_in_words_and_in_stripes_code(agent: FlaskClient, ledger: FakeLedger) -> None:
    declined = a_payment(PaymentState.ACTION_REQUIRED, decline=Decline("insufficient_funds", "customer"))
    facts = AtWork(agent, ledger, an_order(payment=declined)).page().one("section", id="facts").text
    assert "Payment The customer has to act" in facts
    assert "insufficient_funds (customer)" in facts


def test_of_an_erased_customer_no_facts_are_left(agent: FlaskClient, ledger: FakeLedger) -> None:
    work = AtWork(agent, ledger, an_order(customer=None, placement=PlacementState.CANCELLED))
    assert work.page().one("section", id="customer").text == "The personal data was erased"
