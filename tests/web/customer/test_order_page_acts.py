"""/orders/{ref}: the customer pays, and cancels."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event, Order, Queue
from tests.fakes.ledger import FakeLedger
from tests.web.customer.order_page import (
    BANK_ASKS,
    CANCELLED,
    DECLINED,
    MERGED,
    NOT_PAID,
    ON_HOLD,
    PAYMENT_UNKNOWN,
    SETTLED,
    WAITING,
    P,
    WithLink,
)
from tests.web.html import Page, follow
from tests.web.world import CARD, NOW

# --- paying


def test_the_bank_is_one_link_away(with_link: WithLink) -> None:
    page = with_link(BANK_ASKS).open()
    assert page.one("a", href="https://bank.example/3ds").text == "Confirm the payment"


def test_a_customer_comes_back_from_their_bank(with_link: WithLink, container: Container) -> None:
    customer = with_link(BANK_ASKS)
    page = follow(customer.browser, customer.browser.get(customer.address("/back")))
    assert page.status == 200
    assert customer.order.payment.due_at == NOW
    assert container.bells.rung == [Queue.PAYMENT]


@pytest.mark.parametrize("order", [NOT_PAID, DECLINED, BANK_ASKS])
def test_a_card_can_be_given(with_link: WithLink, container: Container, order: Order) -> None:
    customer = with_link(order)
    assert customer.open().one("form", id="pay")["action"] == customer.address("/payment")
    assert customer.press("/payment", confirmation_token=CARD).title == "Thank you, we have your order"
    assert (customer.order.payment.state, customer.order.payment.token) == (P.PENDING, CARD)
    assert container.bells.rung == [Queue.PAYMENT]


def test_a_second_press_finds_that_the_card_was_given(with_link: WithLink) -> None:
    customer = with_link(DECLINED)
    form = customer.open()
    customer.press("/payment", form, confirmation_token=CARD)
    page = customer.press("/payment", form, confirmation_token="ctoken_second")
    assert page.status == 409
    assert "in the meantime: Payment details were entered (you, " in page.text
    assert customer.order.payment.token == CARD


@pytest.mark.parametrize("path", ["/payment", "/rival/same", "/change/withdrawal", "/goodwill"])
def test_who_comes_too_late_reads_what_has_happened_by_whom(with_link: WithLink, ledger: FakeLedger, path: str) -> None:
    customer = with_link(MERGED)
    order = ledger.load(customer.order.ref)
    ledger.commit(order, order, [Event(NOW, "rival_same", "Mara", {"rival": "100077"})])
    page = customer.forge(path, confirmation_token=CARD)
    assert page.status == 409
    status = page.one("div", id="status").text
    assert "100077 is the same purchase, so this order is cancelled" in status
    assert "Mara" in status


@pytest.mark.parametrize("token", ["", "4242424242424242", "tok_1"])
def test_an_invalid_card_token_is_refused_and_the_customer_is_asked_again(with_link: WithLink, token: str) -> None:
    page = with_link(DECLINED).press("/payment", confirmation_token=token)
    assert page.status == 400
    assert "Enter your card" in page.text


def test_after_too_many_cards_no_more_are_taken(with_link: WithLink) -> None:
    page = with_link(replace(DECLINED, payment=replace(DECLINED.payment, cards=8))).press(
        "/payment", confirmation_token=CARD
    )
    assert page.status == 400
    assert "For your security, this order accepts no more cards." in page.text


@pytest.mark.parametrize("order", [WAITING, SETTLED, CANCELLED, PAYMENT_UNKNOWN, ON_HOLD])
def test_no_card_is_asked_for_where_none_is_needed(with_link: WithLink, order: Order) -> None:
    assert with_link(order).open().all("form", id="pay") == []


def test_an_order_on_hold_may_still_be_paid(with_link: WithLink) -> None:
    page = with_link(replace(ON_HOLD, payment=DECLINED.payment)).open()
    assert page.title == "An agent is reviewing your order"
    assert "The bank reports that the card does not have enough funds or limit for this amount." in page.text
    assert page.one("form", id="pay")


# --- undoing


def test_a_customer_is_asked_before_they_cancel(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    [link] = [link for link in customer.open().all("a") if link.text == "Cancel order"]
    page = Page(customer.browser.get(link["href"]))
    assert page.title == "Cancel this order?"
    assert "Your card is not charged" in page.text
    assert customer.order == customer.ledger.load(customer.ref)


def test_a_customer_cancels(with_link: WithLink, container: Container) -> None:
    customer = with_link(NOT_PAID)
    assert customer.press("/cancellation").title == "Your order is cancelled"
    assert set(container.bells.rung) == {Queue.PAYMENT, Queue.PLACEMENT}


def test_cancelling_twice_shows_the_same(with_link: WithLink) -> None:
    customer = with_link(replace(WAITING, payment=replace(WAITING.payment, intent="pi_1")))
    form = customer.open("/cancellation")
    first, second = customer.press("/cancellation", form), customer.press("/cancellation", form)
    assert first.title == second.title == "We are cancelling your order"
    assert follow(customer.browser, customer.browser.get(customer.address("/cancellation"))).title == second.title


def test_cancelling_what_the_shop_has_says_where_the_money_goes(with_link: WithLink) -> None:
    customer = with_link(SETTLED)
    assert "We refund €30.93 to your card" in customer.open("/cancellation").text
    assert customer.press("/cancellation").title == "We are cancelling your order"


@pytest.mark.parametrize("order", [MERGED, CANCELLED])
def test_what_is_over_cannot_be_cancelled(with_link: WithLink, order: Order) -> None:
    assert "Cancel order" not in with_link(order).open().text
