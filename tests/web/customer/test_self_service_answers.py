"""The customer asks on their page, an agent answers in the console, the customer reads it by mail and on their page."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.order.texts_by_people import read
from tests.builders import an_order
from tests.web.customer.order_page import Customer
from tests.web.filling import press, sign_in
from tests.web.html import Page

QUESTION = "Is the lamp in it?"
ANSWER = "It is, and the shade too."


@pytest.fixture
def agent(app: Flask) -> FlaskClient:
    agent = app.test_client()
    agent.environ_base |= {"HTTP_ACCEPT": "text/html", "HTTP_SEC_FETCH_SITE": "same-origin"}
    sign_in(agent)
    return agent


@pytest.fixture
def customer(browser: FlaskClient, container: Container) -> Customer:
    customer = Customer(browser, container, an_order())
    customer.press("/question", question=QUESTION, phone="+44 1482 300300", when="morning")
    return customer


def case(agent: FlaskClient, customer: Customer) -> Page:
    return Page(agent.get(f"/console/orders/{customer.ref}"))


def answer(agent: FlaskClient, customer: Customer, words: str = ANSWER, page: Page | None = None) -> Page:
    return press(agent, page or case(agent, customer), "/answer", answer=words)


def test_their_words_are_the_title_of_the_case(agent: FlaskClient, customer: Customer) -> None:
    page = case(agent, customer)
    assert page.one("h2", id="question-title").text == "Question"
    assert QUESTION in [said.text for said in page.all("blockquote", **{"class": "long said"})]
    assert "The customer prefers a call: +44 1482 300300. In the morning." in page.text
    assert "phone 2" not in page.text


def test_the_answer_goes_out_and_stands_on_their_page(
    agent: FlaskClient, customer: Customer, container: Container
) -> None:
    page = answer(agent, customer)
    assert "Send answer" not in page.text
    order = customer.order
    assert order.holds == ()
    [notice] = order.notices
    assert (notice.kind, read(order, notice.said)) == (NoticeKind.ANSWER, ANSWER)
    assert Queue.NOTICE in container.bells.rung
    theirs = customer.open()
    assert f"Our answer, 21 Nov 2026, 10:00 UTC {ANSWER}" in theirs.text
    assert "We will reply by" not in theirs.text


def test_who_was_answered_may_say_whether_it_helped(agent: FlaskClient, customer: Customer) -> None:
    assert "Were you helped?" not in customer.open().text
    answer(agent, customer)
    assert "Were you helped?" in customer.open().text


def test_an_empty_answer_does_not_answer_the_question(agent: FlaskClient, customer: Customer) -> None:
    page = answer(agent, customer, "  ")
    assert "nothing was changed" in page.text
    assert customer.order.holds


def test_a_question_cannot_be_answered_twice(agent: FlaskClient, customer: Customer) -> None:
    form = case(agent, customer)
    answer(agent, customer)
    page = answer(agent, customer, "Something else.", form)
    assert page.status == 409
    assert len(customer.order.notices) == 1


def test_who_answers_an_older_question_is_told_that_there_is_a_newer_one(
    agent: FlaskClient, customer: Customer
) -> None:
    form = case(agent, customer)
    customer.press("/question", question="And the shade?", phone="", when="any")
    page = answer(agent, customer, page=form)
    assert page.status == 409
    assert "And the shade?" in page.text
    assert customer.order.notices == ()
