"""/orders/{ref}: what customers can do themselves besides paying and cancelling."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Event, Order, PlacementState, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.placement import rivals
from tests.builders import NOW, a_primary_order
from tests.web.customer.order_page import NOT_PAID, SETTLED, WAITING, Customer, WithLink
from tests.web.filling import forge
from tests.web.html import Page, follow

# --- asking for a person


def ask(customer: Customer, question: str = "Is the lamp in it?", phone: str = "", when: str = "any") -> Page:
    return customer.press("/question", question=question, phone=phone, when=when)


def test_a_customers_question_becomes_a_hold_and_the_order_continues(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    before = headline(customer.order)
    page = ask(customer, " Is the lamp in it?\r\nI forgot. ")
    [hold] = customer.order.holds
    assert (hold.code, read(customer.order, hold.said)) == (
        HoldCode.ASKED_FOR_A_PERSON,
        "Is the lamp in it?\r\nI forgot.",
    )
    assert headline(customer.order) is before
    assert customer.ledger.due[Queue.PLACEMENT][customer.ref]
    assert "You asked, 21 Nov 2026, 10:00 UTC Is the lamp in it? I forgot." in page.text
    assert "We will reply by 21 Nov 2026, 18:00 UTC. We continue to process your order in the meantime." in page.text


def test_the_timeline_only_names_what_the_customer_wrote(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    ask(customer, phone="+44 1482 300300", when="morning")
    [event] = customer.ledger.timeline(customer.ref)
    assert (event.what, event.who) == ("asked_for_a_person", "customer")
    assert event.data == {"said": 1, "phone": 2, "when": "morning"}


def test_a_customer_may_ask_for_a_callback(with_link: WithLink) -> None:
    page = ask(with_link(SETTLED), phone="+44 1482 300300", when="evening")
    assert "We call you at +44 1482 300300. In the evening." in page.text
    assert page.title == "The shop has your order"


@pytest.mark.parametrize(
    ("typed", "field", "error"),
    [
        ({"question": "  "}, "question", "Enter your question"),
        ({"question": "x" * 2_001}, "question", "Enter at most 2,000 characters"),
        ({"question": "My card is 4242 4242 4242 4242"}, "question", "This looks like a card number."),
        ({"phone": "ring me"}, "phone", "Enter a phone number"),
    ],
)
def test_what_cannot_be_taken_is_said_beside_what_the_customer_typed(
    with_link: WithLink, typed: dict[str, str], field: str, error: str
) -> None:
    customer = with_link(WAITING)
    page = ask(customer, **typed)
    assert page.status == 400
    assert page.errors[field].startswith(error)
    assert "4242" not in page.source
    assert "open" in page.one("details", id="ask").attributes
    assert customer.order.holds == ()


def test_who_asks_again_adds_to_their_question_and_is_answered_by_the_same_time(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    ask(customer)
    [first] = customer.order.holds
    page = ask(customer, "And the shade?")
    [second] = customer.order.holds
    assert (second.next_word_by, read(customer.order, second.said)) == (first.next_word_by, "And the shade?")
    assert page.text.index("Is the lamp in it?") < page.text.index("And the shade?")


def test_a_question_outlives_the_purchase(with_link: WithLink) -> None:
    customer = with_link(NOT_PAID)
    ask(customer)
    page = customer.press("/cancellation")
    assert page.title == "Your order is cancelled"
    assert "We will reply by" in page.text
    assert page.all("div", id="status", **{"data-over": ""}) == []  # the answer appears by itself


def test_once_their_data_is_erased_nothing_can_be_asked(with_link: WithLink) -> None:
    customer = with_link(replace(SETTLED, customer=None))
    assert customer.open().all("details", id="ask") == []
    assert customer.forge("/question", question="Where is it?").status == 409


# --- did you already buy this?


def asked_about_a_rival(order: Order = WAITING) -> Order:
    return rivals.ask_them(order, "100077", NOW).order


def test_the_page_asks_whether_the_customer_wants_both(with_link: WithLink) -> None:
    page = with_link(asked_about_a_rival()).open()
    assert page.title == "Did you already buy this?"
    assert "for nearly the same items: 100077. Nothing is charged until you answer." in page.text
    assert "an agent reviews your order by 21 Nov 2026, 14:00 UTC." in page.text
    for words in ("Keep both orders", "I already ordered this. Cancel this order"):
        assert words in [button.text for button in page.all("button")]


@pytest.mark.parametrize("answer", ["same", "apart"])
def test_a_link_of_the_mail_opens_a_page_with_one_button_and_does_nothing(with_link: WithLink, answer: str) -> None:
    customer = with_link(asked_about_a_rival())
    page = customer.open(f"/rival/{answer}")
    assert page.all("form")[0]["action"] == customer.address(f"/rival/{answer}")
    assert {form["action"] for form in page.all("form")[1:]} == {"/orders/language"}
    assert "100077" in page.text
    assert customer.order.version == 1


def test_the_customer_wants_both(with_link: WithLink, container: Container) -> None:
    customer = with_link(asked_about_a_rival())
    assert customer.press("/rival/apart").title == "We have your order and keep it safe"
    assert (customer.order.holds, customer.order.apart) == ((), ("100077",))
    assert Queue.PLACEMENT in container.bells.rung


def test_a_customer_who_already_bought_it_cancels_this_order(with_link: WithLink) -> None:
    customer = with_link(asked_about_a_rival())
    assert customer.press("/rival/same").title in ("We are cancelling your order", "Your order is cancelled")
    assert customer.order.placement.state is PlacementState.CANCELLED


def test_a_second_answer_is_told_where_it_stands(with_link: WithLink) -> None:
    customer = with_link(asked_about_a_rival())
    form = customer.form("/rival/same")
    customer.press("/rival/apart")
    page = customer.press("/rival/same", form)
    assert page.status == 409
    assert "in the meantime: Both orders are wanted, this one and 100077 (you, " in page.text
    assert not customer.order.cancel_asked
    assert follow(customer.browser, customer.browser.get(customer.address("/rival/same"))).title == page.title


def asked_whether_paid(order: Order = WAITING) -> Order:
    return rivals.ask_whether_paid(order, a_primary_order(order, ref=None, number="100077"), NOW).order


def test_the_page_asks_whether_it_is_paid_in_the_shop(with_link: WithLink) -> None:
    page = with_link(asked_whether_paid()).open()
    assert page.title == "Have you paid for this in the shop?"
    assert "The shop has an order for the same basket, number 100077" in page.text
    buttons = [button.text for button in page.all("button")]
    for words in ("No, keep this order", "Yes, I paid there. Cancel this order"):
        assert words in buttons


@pytest.mark.parametrize(
    ("answer", "words"),
    [("same", "We cancel this order"), ("apart", "We cancel 100077 in the shop, which you have not paid")],
)
def test_each_answer_about_the_payment_says_what_comes_of_it(with_link: WithLink, answer: str, words: str) -> None:
    assert words in with_link(asked_whether_paid()).open(f"/rival/{answer}").text


def test_who_has_not_paid_in_the_shop_goes_on_with_this_order(with_link: WithLink) -> None:
    customer = with_link(asked_whether_paid())
    assert customer.press("/rival/apart").title == "We have your order and keep it safe"
    told = [event.what for event in customer.ledger.timeline(customer.order.ref)]
    assert (customer.order.holds, customer.order.apart, "rival_unpaid" in told) == ((), ("100077",), True)


@pytest.mark.parametrize("form", ["on the order's page", "from the mail"])
@pytest.mark.parametrize("answer", ["same", "apart"])
def test_an_old_page_answers_no_question_that_it_did_not_show(with_link: WithLink, answer: str, form: str) -> None:
    """It was answered in another tab, and then the shop was found to have an order for the same basket."""
    customer = with_link(asked_about_a_rival())
    old = customer.open() if form == "on the order's page" else customer.open(f"/rival/{answer}")
    customer.press("/rival/apart")
    rival = a_primary_order(customer.order, ref=None, number="100099")
    customer.ledger.commit(customer.order, rivals.ask_whether_paid(customer.order, rival, NOW).order, ())
    page = customer.press(f"/rival/{answer}", old)
    assert (page.status, page.title) == (409, "Have you paid for this in the shop?")
    assert "possible_rival" not in page.text
    assert not customer.order.cancel_asked
    assert customer.press("/rival/apart", page).title == "We have your order and keep it safe"


def test_a_question_about_a_rival_accepts_only_its_two_answers(with_link: WithLink) -> None:
    assert with_link(asked_about_a_rival()).forge("/rival/maybe").status == 404


# --- what helped


def helped(customer: Customer) -> Customer:
    """An agent has reviewed the order and released it."""
    customer.ledger.commit(customer.order, customer.order, [Event(NOW, "hold_released", "Mara")])
    return customer


@pytest.mark.parametrize(
    ("order", "is_helped", "offered"), [(WAITING, True, False), (SETTLED, False, False), (SETTLED, True, True)]
)
def test_ratings_are_offered_after_help(with_link: WithLink, order: Order, is_helped: bool, offered: bool) -> None:
    """Nobody is asked whether they were helped if they needed no help."""
    customer = with_link(order)
    text = (helped(customer) if is_helped else customer).open().text
    assert ("How was your experience?" in text) is offered


@pytest.mark.parametrize("part", ["help", "product", "policy"])
def test_each_part_is_judged_by_itself_and_may_be_changed(with_link: WithLink, part: str) -> None:
    customer = helped(with_link(SETTLED))
    for good in ("1", "0", "0"):
        page = customer.press("/ratings", part=part, good=good)
        assert getattr(customer.order.rated, part) == int(good)
        pressed = [button["value"] for button in page.all("button", aria_pressed="true")]
        assert pressed == [good]
    assert [event.data for event in customer.ledger.timeline(customer.ref)][1:] == [
        {"part": part, "good": 1},
        {"part": part, "good": 0},
    ]


@pytest.mark.parametrize("sent", [{}, {"part": "agent", "good": "1"}, {"part": "help", "good": "5"}])
def test_an_unknown_rating_is_refused(with_link: WithLink, sent: dict[str, str]) -> None:
    customer = with_link(SETTLED)
    assert customer.forge("/ratings", **sent).status == 400
    assert customer.order.version == 1


# --- the link


def test_every_self_service_form_needs_the_key_of_the_link(with_link: WithLink) -> None:
    customer = with_link(asked_about_a_rival())
    for path in ("question", "rival/same", "ratings"):
        assert forge(customer.browser, f"/orders/{customer.ref}/{path}").status_code == 404
    assert customer.browser.get(f"/orders/{customer.ref}/rival/same").status_code == 404
    assert customer.order.version == 1
