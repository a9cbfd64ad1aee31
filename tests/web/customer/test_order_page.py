"""/orders/{ref}: what happened, what comes next, what the customer can do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, STOPS_NOTHING, HoldCode, new_hold
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Decline, Event, Order, Payment, PaymentState, Placement, PlacementState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.refunds import give_difference
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import arrived, forge, press
from tests.web.html import Page, follow
from tests.web.world import CARD, NOW

P, S = PaymentState, PlacementState


def payment(state: PaymentState, **changes: object) -> Payment:
    return Payment(amount=3093, state=state, **changes)


NOT_PAID = an_order(payment=payment(P.NONE))
DECLINED = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("insufficient_funds", "customer")))
BANK_ASKS = an_order(payment=payment(P.ACTION_REQUIRED, next_action_url="https://bank.example/3ds"))
WAITING = an_order(payment=payment(P.AUTHORIZED, authorized=3093, capture_before=NOW + timedelta(days=7)))
PAYMENT_UNKNOWN = an_order(payment=payment(P.UNKNOWN))
ON_HOLD = an_order(payment=payment(P.AUTHORIZED), holds=(new_hold(HoldCode.OUT_OF_STOCK, "checkout desk", NOW),))
SETTLED = an_order(payment=payment(P.CAPTURED, captured=3093), placement=Placement(state=S.VERIFIED, number="100017"))
MERGED = an_order(payment=payment(P.VOIDED), placement=Placement(state=S.MERGED, number="100016"))
CANCELLED = an_order(payment=payment(P.VOIDED), placement=Placement(state=S.CANCELLED))
ORDERS = {
    NOT_PAID: "We have your order, but it is not paid yet",
    DECLINED: "Your bank did not accept the payment",
    BANK_ASKS: "Please confirm the payment with your bank",
    PAYMENT_UNKNOWN: "We are asking your bank whether the payment went through",
    ON_HOLD: "An agent is reviewing your order",
    WAITING: "We have your order and keep it safe",
    SETTLED: "The shop has your order",
    MERGED: "The shop already had your order",
    CANCELLED: "Your order is cancelled",
    an_order(payment=payment(P.PENDING)): "Thank you, we have your order",
    an_order(placement=Placement(state=S.UNKNOWN)): "We are asking the shop whether it has your order",
    an_order(placement=Placement(state=S.PLACING)): "The shop is getting your order",
    an_order(placement=Placement(state=S.CANCELLED)): "We are cancelling your order",
    an_order(placement=Placement(state=S.MERGED, number="100016")): "The shop already had your order",
    replace(CANCELLED, payment=payment(P.REFUNDED, captured=3093, refunded=3093)): (
        "Your order is cancelled and refunded"
    ),
    replace(SETTLED, payment=payment(P.REFUNDED, captured=3093, refunded=3093)): "Your order is refunded",
}


class Customer:
    """Somebody with the signed link of an order."""

    def __init__(self, browser: FlaskClient, container: Container, order: Order) -> None:
        self.browser = browser
        self.ledger: FakeLedger = container.ledger
        self.ref = self.ledger.keep(order).ref
        self.key = container.links.key(self.ref)

    def address(self, path: str = "") -> str:
        return f"/orders/{self.ref}{path}?key={self.key}"

    def open(self, path: str = "") -> Page:
        return Page(self.browser.get(self.address(path)))

    def form(self, path: str) -> Page:
        """The order's page if the form stands on it, or its own page."""
        page = self.open()
        on_it = any(urlsplit(form["action"]).path.endswith(path) for form in page.all("form"))
        return page if on_it else self.open(path)

    def press(self, path: str, page: Page | None = None, **typed: str) -> Page:
        """Sends the form, of a `page` as it was when it was opened, and goes where the answer leads."""
        return press(self.browser, page or self.form(path), path, typed)

    def forge(self, path: str, **fields: str) -> Page:
        """Sends what the page does not offer now; an old one may have."""
        return arrived(self.browser, forge(self.browser, self.address(path), fields))

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)


WithLink = Callable[[Order], Customer]


@pytest.fixture
def with_link(browser: FlaskClient, container: Container) -> WithLink:
    return lambda order: Customer(browser, container, order)


# --- what is


@pytest.mark.parametrize(("order", "title"), ORDERS.items(), ids=list(ORDERS.values()))
def test_each_state_has_its_words(with_link: WithLink, order: Order, title: str) -> None:
    page = with_link(order).open()
    assert (page.status, page.title) == (200, title)
    assert "%(" not in page.source


def test_every_headline_is_among_them() -> None:
    assert {headline(order) for order in ORDERS} == set(Headline)


def test_the_page_says_that_the_payment_is_unknown(with_link: WithLink) -> None:
    page = with_link(PAYMENT_UNKNOWN).open()
    assert "so we do not know yet" in page.text
    assert "Please do not order again" in page.text


def test_the_page_shows_what_was_agreed(with_link: WithLink) -> None:
    text = with_link(WAITING).open().text
    for agreed in (
        "The Sea, the Sea 2 × €12.99 €25.98",
        "Standard delivery €4.95",
        "Total €30.93",
        "Monday, November 23, 8:00 AM – 12:00 PM UTC",
        "Iris Murdoch 1 Quay HU1 1AA Hull United Kingdom",
        "iris@example.org",
    ):
        assert agreed in text


def test_an_order_without_its_personal_data_can_still_be_read(with_link: WithLink) -> None:
    page = with_link(replace(SETTLED, customer=None)).open()
    assert page.title == "The shop has your order"
    assert "Shipping address" not in page.text


def test_the_money_of_a_settled_order_is_named_with_the_number_of_the_shop(with_link: WithLink) -> None:
    assert "The shop's order number is 100017. Your card was charged €30.93." in with_link(SETTLED).open().text


def test_a_merged_order_says_that_nothing_was_bought_twice(with_link: WithLink) -> None:
    assert "number 100016. We have not ordered a second time." in with_link(MERGED).open().text


@pytest.mark.parametrize(
    ("advice", "words"),
    [
        ("never", "This card cannot be used here. Please enter another card."),
        ("customer", "Please enter another card, or check the details of this one."),
        ("soft", "Please try again later, or enter another card."),
    ],
)
def test_a_decline_says_why_and_what_can_be_done(with_link: WithLink, advice: str, words: str) -> None:
    order = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("expired_card", advice)))
    text = with_link(order).open().text
    assert "The card has expired." in text
    assert words in text


def test_a_decline_without_a_reason_that_helps_says_so(with_link: WithLink) -> None:
    order = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("do_not_honor", "customer")))
    assert "The bank did not give a reason." in with_link(order).open().text


# --- what comes next, and by when


def test_a_hold_names_the_time_of_the_next_word(with_link: WithLink) -> None:
    page = with_link(ON_HOLD).open()
    assert "An item that you ordered is out of stock." in page.text
    assert "We will write to you by 21 Nov 2026, 18:00 UTC." in page.text
    assert "2026-11-21T18:00:00+00:00" in [time["datetime"] for time in page.all("time")]


@pytest.mark.parametrize("code", sorted(set(HoldCode) - ASKS_ABOUT_RIVAL - STOPS_NOTHING))
def test_every_hold_that_a_person_decides_has_its_words(with_link: WithLink, code: HoldCode) -> None:
    page = with_link(replace(ON_HOLD, holds=(new_hold(code, "checkout desk", NOW),))).open()
    assert page.title == "An agent is reviewing your order"
    assert code not in page.one("div", id="status").text.split()


def test_who_cannot_be_reached_by_mail_reads_it_and_can_give_another_address(with_link: WithLink) -> None:
    page = with_link(replace(NOT_PAID, holds=(new_hold(HoldCode.MAIL_REFUSED, "Ann", NOW),))).open()
    assert page.title == "We have your order, but it is not paid yet"
    assert "your mail server rejects them. Please enter another address." in page.one("div", id="status").text
    assert [link for link in page.all("a") if link.text == "Edit contact details"]


def test_the_deadline_of_the_bank_is_named(with_link: WithLink) -> None:
    assert "Your bank reserves the amount until 28 Nov 2026, 10:00 UTC." in with_link(WAITING).open().text


def test_after_a_change_of_price_the_page_says_what_is_reserved_charged_and_released(with_link: WithLink) -> None:
    cheaper = with_link(an_order(payment=a_payment(P.AUTHORIZED, amount=1794)))
    assert (
        "€30.93 is reserved on your card. The order now costs €17.94: we charge only that, and "
        "your bank releases the other €12.99." in cheaper.open().text
    )
    dearer = with_link(an_order(payment=a_payment(P.AUTHORIZED, amount=3388))).open().text
    assert "€30.93 was reserved on your card before your order was changed. We are releasing it." in dearer
    paid = an_order(payment=a_payment(P.CAPTURED, amount=1794, captured=3093), placement=S.VERIFIED)
    less = give_difference(paid, "customer", NOW).order
    assert "Your order costs less now, so we are refunding €12.99 to your card." in with_link(less).open().text


def test_the_timeline_says_what_was_changed_and_what_it_costs_since_then(
    with_link: WithLink, container: Container
) -> None:
    customer = with_link(WAITING)
    data: dict[str, str | int] = {"what": "delivery lines", "amount": 1794, "before": 3093}
    container.ledger.commit(customer.order, customer.order, [Event(NOW, "changed", "customer", data)])
    said = customer.open().text
    assert "Your details were changed: Delivery, Items. The new total is €17.94 instead of €30.93" in said


@pytest.mark.parametrize("code", ["authorization_expired", "authorization_cancelled", "card_token_expired"])
@pytest.mark.parametrize("placed", [False, True], ids=["only ours", "in the shop"])
def test_what_no_bank_declined_is_not_told_as_declined(with_link: WithLink, code: str, placed: bool) -> None:
    again = an_order(
        payment=payment(P.ACTION_REQUIRED, decline=Decline(code, "customer"), pay_by=NOW + timedelta(days=1)),
        placement=S.VERIFIED if placed else S.WAITING,
    )
    page = with_link(again).open()
    assert page.title == "Please enter your card again"
    assert ("The shop already has your order" in page.text) is placed
    assert "If it is not paid by 22 Nov 2026, 10:00 UTC" in page.text


@pytest.mark.parametrize("named", [NOW + timedelta(days=7), None], ids=["reminded", "from the beginning"])
def test_the_end_of_an_unpaid_order_is_named(with_link: WithLink, named: datetime | None) -> None:
    unpaid = an_order(payment=payment(P.NONE, pay_by=named), received_at=NOW)
    assert "If it is not paid by 28 Nov 2026, 10:00 UTC, the order is cancelled" in with_link(unpaid).open().text


def test_the_timeline_tells_what_happened_and_what_is_to_come(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    customer.ledger.commit(
        customer.order,
        customer.order,
        [
            Event(NOW, "received", "customer"),
            Event(NOW + timedelta(seconds=4), "authorized", "stripe", {"amount": 3093}),
            Event(NOW + timedelta(seconds=9), "notice_sent", "worker", {"kind": "received"}),
            Event(NOW + timedelta(seconds=9), PaymentNews.CAPTURED, "stripe"),
        ],
    )
    assert [line.text for line in customer.open().all("li") if line.attributes.get("class") in ("done", "ahead")] == [
        "We have your order 21 Nov 2026, 10:00 UTC",
        "The amount was reserved on the card 21 Nov 2026, 10:00 UTC",
        "Next: The shop receives your order and gives it a number",
        "Your card is charged",
    ]


def test_an_order_that_ended_has_nothing_ahead(with_link: WithLink) -> None:
    for order in (SETTLED, MERGED, CANCELLED):
        assert with_link(order).open().all("li", **{"class": "ahead"}) == []


def test_without_javascript_the_page_looks_again_by_itself_while_something_moves(with_link: WithLink) -> None:
    assert with_link(PAYMENT_UNKNOWN).open().one("meta", http_equiv="refresh")["content"].startswith("5;url=/orders/")
    assert with_link(DECLINED).open().all("meta", http_equiv="refresh") == []


def test_the_script_finds_where_to_look_for_changes(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    order = customer.open().one("div", id="order")
    seen = {"If-None-Match": f'"{order["data-tag"]}"'}
    assert customer.browser.get(order["data-page"], headers=seen).status_code == 304
    assert customer.browser.get(order["data-page"]).status_code == 200


# --- paying


def test_the_bank_is_one_link_away(with_link: WithLink) -> None:
    page = with_link(BANK_ASKS).open()
    assert page.one("a", href="https://bank.example/3ds").text == "Go to your bank"


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
    assert "in the meantime: A card was entered (you, " in page.text
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
    assert "We refund the full amount to your card" in customer.open("/cancellation").text
    assert customer.press("/cancellation").title == "We are cancelling your order"


@pytest.mark.parametrize("order", [MERGED, CANCELLED])
def test_what_is_over_cannot_be_cancelled(with_link: WithLink, order: Order) -> None:
    assert "Cancel order" not in with_link(order).open().text


# --- the link


def test_without_its_key_there_is_no_order_to_see(with_link: WithLink, container: Container) -> None:
    customer, other = with_link(WAITING), with_link(SETTLED)
    for key in ("", "?key=", f"?key={other.key}"):
        for view in ("", "/cancellation", "/back"):
            page = Page(customer.browser.get(f"/orders/{customer.ref}{view}{key}"))
            assert (page.status, page.title) == (404, "Order not found")
        for action in ("/cancellation", "/payment"):
            assert forge(customer.browser, f"/orders/{customer.ref}{action}{key}").status_code == 404
    assert customer.order.version == 1


def test_the_key_stays_on_the_page(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    response = customer.browser.get(customer.address())
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"


def test_an_order_of_which_nothing_is_known_is_not_there(browser: FlaskClient, container: Container) -> None:
    page = Page(browser.get(f"/orders/FB-0000-0000-0?key={container.links.key('FB-0000-0000-0')}"))
    assert (page.status, page.title) == (404, "Order not found")


def test_while_the_ledger_is_away_the_page_says_so_and_leads_back(with_link: WithLink) -> None:
    customer = with_link(WAITING)
    customer.ledger.fail_next("load", TryAgain("away"))
    response = customer.browser.get(customer.address())
    page = Page(response)
    assert (page.status, page.title) == (503, "We cannot do this right now")
    assert response.headers["Retry-After"]
    assert page.one("a", **{"class": "button"})["href"] == customer.address()


# --- languages


def test_the_page_speaks_the_language_in_which_was_ordered(with_link: WithLink) -> None:
    page = with_link(replace(SETTLED, locale="de-AT")).open()
    assert page.title == "Der Shop hat Ihre Bestellung"
    assert "Von Ihrer Karte wurden € 30,93 abgebucht." in page.text
    assert page.one("html")["lang"] == "de-AT"
