"""Our scripts in a real browser, under our own policy. Pages come from the application, Stripe.js is a stand-in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, Request, Route, expect

from fallback.bootstrap import Container
from fallback.domain.claims import LEASE, take
from fallback.domain.order import Decline, Event, Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.people import Role
from tests.builders import an_order
from tests.chromium import chromium
from tests.fakes.ledger import FakeLedger
from tests.web.world import NOW, signed

OURS = "http://localhost"
PHONE = {"width": 360, "height": 740}
STRIPE = """
window.Stripe = () => ({
  elements: ({ amount }) => {
    document.body.dataset.charge = amount;
    const shown = document.createElement("p");
    shown.textContent = "card fields";
    return {
      create: () => ({
        on: (name, listener) => { if (name === "ready") queueMicrotask(listener); },
        mount: (place) => place.append(shown),
      }),
      update: (options) => { document.body.dataset.charge = options.amount; },
      submit: async () => (document.body.dataset.refused ? { error: { message: document.body.dataset.refused } } : {}),
    };
  },
  createConfirmationToken: async () => ({ confirmationToken: { id: "ctoken_stand_in" } }),
});
"""


@pytest.fixture(scope="module", name="chromium")
def one_chromium() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


class Window:
    """A window on a phone whose requests to us are answered by the application, without a network."""

    def __init__(self, chromium: Browser, app: FlaskClient) -> None:
        context = chromium.new_context(viewport=PHONE, locale="en-GB", timezone_id="Europe/Berlin")
        self.page = context.new_page()
        self.app = app
        self.sent: list[Request] = []
        self.complaints: list[str] = []
        self.page.route("**/*", lambda route: route.abort())
        self.page.route("http://shop.example/media/*", lambda route: route.fulfill(body=""))
        self.page.route("https://js.stripe.com/v3/", lambda route: route.fulfill(body=STRIPE))
        self.page.route(f"{OURS}/**", self._answer)
        self.page.on("request", lambda request: self.sent.append(request))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._hear(said.text))

    def open(self, path: str) -> Page:
        # Stripe.js may never arrive, and then the page never counts as loaded.
        self.page.goto(OURS + path, wait_until="domcontentloaded")
        return self.page

    def posts(self, path: str) -> list[dict[str, list[str]]]:
        """The fields of each form that was sent there."""
        return [
            parse_qs(request.post_data or "", keep_blank_values=True)
            for request in self.sent
            if request.method == "POST" and urlsplit(request.url).path == path
        ]

    def _answer(self, route: Route) -> None:
        request = route.request
        address = request.url.removeprefix(OURS)
        headers = {name: value for name, value in request.headers.items() if name.lower() != "cookie"}
        answer = self.app.open(address, method=request.method, headers=headers, data=request.post_data_buffer)
        if answer.location and request.is_navigation_request():
            # Where a redirect leads to, Chromium would ask the network and not us.
            route.fulfill(content_type="text/html", body=f'<meta http-equiv="refresh" content="0;{answer.location}">')
        else:
            route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)


@pytest.fixture
def window(chromium: Browser, browser: FlaskClient) -> Iterator[Window]:
    window = Window(chromium, browser)
    yield window
    window.page.context.close()
    assert window.complaints == []


def fill_in(page: Page) -> None:
    for label, value in {
        "E-mail": "iris@example.org",
        "Name": "Iris Murdoch",
        "Street and number": "1 Quay",
        "Postcode": "HU1 1AA",
        "Town or city": "Hull",
    }.items():
        page.get_by_label(label, exact=True).fill(value)


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


# --- checkout


def test_the_total_and_the_charge_follow_the_delivery(window: Window) -> None:
    page = window.open("/checkout")
    expect(page.locator(".total")).to_have_text("Total€30.93")
    expect(page.get_by_text("card fields")).to_be_visible()
    page.get_by_label("Courier").check()
    expect(page.locator(".total")).to_have_text("Total€33.88")
    expect(page.locator("body")).to_have_attribute("data-charge", "3388")


def test_a_customer_pays_by_card(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    expect(page.get_by_label("By card, now")).to_be_checked()
    fill_in(page)
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_what_stripe_says_of_a_card_is_shown_and_the_button_works_again(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.locator("body").evaluate("body => { body.dataset.refused = 'Your card is not supported.'; }")
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("alert").filter(has_text="Your card is not supported.")).to_be_visible()
    expect(page.get_by_role("button", name="Buy now")).to_have_attribute("aria-disabled", "false")
    assert ledger.refs() == []


def test_when_the_card_field_does_not_open_paying_later_is_offered(window: Window, ledger: FakeLedger) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: route.abort())
    page = window.open("/checkout")
    expect(page.get_by_text("The card field does not open right now")).to_be_visible()
    expect(page.get_by_label("By card, now")).to_be_hidden()
    fill_in(page)
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your order is in hand, but not paid yet")


def test_when_stripe_never_answers_paying_later_is_offered_after_some_seconds(window: Window) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: None)
    window.page.clock.install()
    page = window.open("/checkout")
    expect(page.get_by_text("The card field is opening…")).to_be_visible()
    page.clock.fast_forward(8_500)
    expect(page.get_by_text("The card field does not open right now")).to_be_visible()


def test_an_order_that_is_sent_before_that_is_known_waits_for_it(window: Window, ledger: FakeLedger) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: None)
    window.page.clock.install()
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("button", name="One moment…")).to_be_visible()
    page.clock.fast_forward(8_500)
    expect(page.get_by_text("The card field does not open right now")).to_be_focused()
    assert ledger.refs() == []


def test_two_quick_presses_send_one_order(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_role("button", name="Buy now").dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert len(window.posts("/checkout")) == 1


def test_mistakes_are_read_out_and_the_card_is_kept(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_label("Phone").fill("none")
    page.get_by_role("button", name="Buy now").click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_text("The card that you entered is ready.")).to_be_visible()
    expect(page.get_by_text("card fields")).to_be_hidden()
    page.get_by_label("Phone").fill("")
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_a_card_that_was_kept_can_be_replaced(window: Window) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_label("Phone").fill("none")
    page.get_by_role("button", name="Buy now").click()
    page.get_by_role("button", name="Use another card").click()
    expect(page.get_by_text("card fields")).to_be_visible()
    assert page.locator("[name='confirmation_token']").input_value() == ""


def test_a_delivery_time_is_asked_for_where_there_are_some(window: Window) -> None:
    page = window.open("/checkout")
    fill_in(page)
    expect(page.get_by_label("Delivery time")).to_be_hidden()
    page.get_by_label("Courier").check()
    page.get_by_role("button", name="Buy now").click()
    expect(page.get_by_label("Delivery time")).to_be_focused()
    assert window.posts("/checkout") == []


# --- a form that is being filled


def kept(window: Window) -> list[dict[str, list[str]]]:
    return window.posts("/checkout/draft")


def test_a_form_keeps_contact_and_basket_and_nothing_else(window: Window, container: Container) -> None:
    window.page.clock.install()
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_text("Add a note").click()
    page.get_by_label("A note for the shop").fill("Please ring twice")
    with page.expect_response("**/checkout/draft"):
        page.clock.run_for(1_600)

    [sent] = kept(window)
    assert set(sent) == {"cart_token", "locale", "contact.email", "contact.name", "contact.phone"}
    draft = container.drafts.of_cart("basket-17")
    assert (draft.name, draft.email) == ("Iris Murdoch", "iris@example.org")


def test_a_form_says_that_it_is_open(window: Window) -> None:
    window.page.clock.install()
    page = window.open("/checkout")
    fill_in(page)
    for wait in (1_600, 15_100, 15_100):
        with page.expect_response("**/checkout/draft"):
            page.clock.run_for(wait)
    assert len(kept(window)) == 3


def test_a_form_without_an_address_or_number_is_not_kept(window: Window) -> None:
    window.page.clock.install()
    page = window.open("/checkout")
    page.get_by_label("Name", exact=True).fill("Iris Murdoch")
    page.clock.run_for(60_000)
    assert kept(window) == []


def test_a_form_that_is_refused_waits_for_a_minute(window: Window) -> None:
    window.page.route("**/checkout/draft", lambda route: route.abort())
    window.page.clock.install()
    page = window.open("/checkout")
    page.get_by_label("E-mail").fill("iris@example.org")
    with page.expect_event("requestfailed"):
        page.clock.run_for(1_600)
    page.clock.run_for(45_000)
    assert len(kept(window)) == 1


# --- the order's page


def open_order(window: Window, container: Container, order: Order) -> tuple[Page, Order]:
    kept = container.ledger.keep(order)
    window.page.clock.install()
    return window.open(f"/orders/{kept.ref}?key={container.links.key(kept.ref)}"), kept


DECLINED = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, decline=Decline("expired_card", "customer"))


def test_a_change_appears_without_loading_the_page(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(payment=Payment(amount=3093, state=PaymentState.PENDING)))
    authorized = replace(order, payment=Payment(amount=3093, state=PaymentState.AUTHORIZED, authorized=3093))
    container.ledger.commit(order, authorized, [Event(NOW, "authorized", "stripe")])
    page.clock.fast_forward(2_500)
    expect(page.get_by_role("heading", level=1)).to_have_text("Your order is in hand")
    expect(page.get_by_text("The amount was set aside on the card")).to_be_visible()
    expect(page).to_have_title("Your order is in hand")


def test_a_card_being_typed_is_left_alone_when_something_else_changes(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(payment=DECLINED))
    page.get_by_text("card fields").evaluate("field => { field.dataset.typed = '4242'; }")
    container.ledger.commit(order, order, [Event(NOW, "card_given", "customer")])
    page.clock.fast_forward(2_500)
    expect(page.get_by_text("A card was given")).to_be_visible()
    expect(page.get_by_text("card fields")).to_have_attribute("data-typed", "4242")


def test_a_second_card_is_given(window: Window, container: Container, ledger: FakeLedger) -> None:
    page, _ = open_order(window, container, an_order(payment=DECLINED))
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_a_card_field_that_does_not_open_is_said(window: Window, container: Container) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: route.abort())
    page, _ = open_order(window, container, an_order(payment=DECLINED))
    expect(page.get_by_text("Your order stays in hand.", exact=False).last).to_be_visible()
    expect(page.get_by_role("button", name="Pay now")).to_be_hidden()


def test_times_are_those_of_the_customer(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(locale="en-GB"))
    container.ledger.commit(order, order, [Event(NOW, "received", "customer")])
    page.reload()
    expect(page.locator(".timeline time").first).to_have_text("21 Nov 2026, 11:00")


def test_an_order_that_ended_is_not_asked_about_any_more(window: Window, container: Container) -> None:
    ended = an_order(
        payment=Payment(amount=3093, state=PaymentState.VOIDED), placement=Placement(state=PlacementState.CANCELLED)
    )
    page, _ = open_order(window, container, ended)
    before = len(window.sent)
    page.clock.run_for(10 * 60 * 1000)
    assert len(window.sent) == before


# --- together at one order


@pytest.fixture
def desk(chromium: Browser, colleague: Callable[[str, Role], FlaskClient]) -> Iterator[Window]:
    """Mara's window."""
    window = Window(chromium, colleague("Mara", Role.AGENT))
    yield window
    window.page.context.close()
    assert window.complaints == []


def open_at(desk: Window, order: Order) -> Page:
    desk.page.clock.install()
    return desk.open(f"/console/orders/{order.ref}")


def test_customer_and_agent_see_each_other_come(window: Window, desk: Window, container: Container) -> None:
    hers, order = open_order(window, container, an_order())
    his = open_at(desk, order)
    expect(his.get_by_text("Also here: the customer.")).to_be_visible()
    hers.clock.fast_forward(3_000)
    expect(hers.get_by_text("Mara at the shop has your order open right now.")).to_be_visible()
    his.get_by_role("button", name="Take it", exact=True).click()
    expect(his.get_by_text("You are at work on this order.")).to_be_visible()
    hers.clock.fast_forward(5_000)
    expect(hers.get_by_text("Mara at the shop is working on your order right now.")).to_be_visible()


def test_an_open_page_of_the_console_shows_what_happens_and_its_forms_still_say_what_was_seen(
    desk: Window, container: Container
) -> None:
    order = container.ledger.keep(an_order())
    page = open_at(desk, order)
    changed = page.get_by_text("Something has happened since you opened this page.")
    expect(changed).to_be_hidden()
    cancelled = replace(order, cancel_asked=True)
    container.ledger.commit(order, cancelled, [Event(NOW, "cancel_asked", "customer")])
    page.clock.run_for(5_000)
    expect(page.get_by_text("A cancellation was asked for")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Being undone")
    expect(changed).to_be_visible()
    assert {field.get_attribute("value") for field in page.locator("input[name=seen]").all()} <= {"0"}


def test_an_open_page_of_the_console_keeps_its_claim(desk: Window, container: Container) -> None:
    order = container.ledger.keep(an_order())
    page = open_at(desk, order)
    page.get_by_role("button", name="Take it", exact=True).click()
    expect(page.get_by_text("You are at work on this order.")).to_be_visible()
    container.clock = lambda: NOW + LEASE / 2
    with page.expect_response("**/presence"):
        page.clock.run_for(5_000)
    claim = container.claims.current(order.ref)
    assert claim is not None
    assert claim.until == NOW + LEASE / 2 + LEASE


def test_a_reason_that_is_being_typed_is_left_alone(
    chromium: Browser, colleague: Callable[[str, Role], FlaskClient], container: Container
) -> None:
    order = container.ledger.keep(an_order())
    container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))
    desk = Window(chromium, colleague("Ada", Role.LEAD))
    page = open_at(desk, order)
    page.get_by_text("Take it over").first.click()
    page.get_by_label("Why? It stands in the timeline.").fill("Mara is")
    container.claims.look(order.ref, "Jon", NOW)
    with page.expect_response(f"**/console/orders/{order.ref}"):
        page.clock.run_for(5_000)
    expect(page.get_by_label("Why? It stands in the timeline.")).to_have_value("Mara is")
    page.get_by_label("Why? It stands in the timeline.").blur()
    page.clock.run_for(5_000)
    expect(page.get_by_text("Also here: Jon.")).to_be_visible()
    page.context.close()


# --- failover.js on a page of the shop


SHOP = "http://shop.example"
FALLBACK = "http://fallback.example"


def open_shop(window: Window, status: int | None, fallback: str = FALLBACK, token: str | None = None) -> Page:
    """A page of a shop that answers checks with `status` from now on, or not at all (None)."""
    token = signed() if token is None else token
    body = f"""<!doctype html><title>Shop</title>
        <a href="/checkout/">To the checkout</a> <a href="/books/">More books</a>
        <form method="post" action="/checkout/pay"><input name="agreed" value="yes">
          <button name="how" value="fast">Order</button></form>
        <script src="{OURS}/failover.js" defer data-checkout="/checkout/" data-probe="/"
                data-fallback="{fallback}/checkout" data-cart-token="{token}"></script>"""

    def answer(route: Route) -> None:
        if route.request.method == "HEAD":
            route.abort() if status is None else route.fulfill(status=status)
        elif urlsplit(route.request.url).path == "/":
            route.fulfill(body=body, content_type="text/html")
        else:
            route.fulfill(body="<h1>The shop</h1>", content_type="text/html")

    window.page.route(f"{SHOP}/**", answer)
    window.page.route(f"{FALLBACK}/**", lambda route: route.fulfill(body="<h1>Fallback</h1>", content_type="text/html"))
    window.page.goto(SHOP)
    return window.page


@pytest.mark.parametrize("status", [502, None])
def test_a_link_to_the_checkout_of_a_shop_that_is_away_leads_to_us(window: Window, status: int | None) -> None:
    page = open_shop(window, status)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/cart") == [{"cart_token": [signed()]}]


@pytest.mark.parametrize("status", [200, 500])
def test_a_link_to_the_checkout_of_a_shop_that_answers_is_followed(window: Window, status: int) -> None:
    page = open_shop(window, status)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")


def test_a_form_that_orders_at_a_shop_that_is_away_is_not_sent(window: Window) -> None:
    page = open_shop(window, 503)
    page.get_by_role("button", name="Order").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/pay") == []


def test_a_form_that_orders_at_a_shop_that_answers_is_sent_as_it_is(window: Window) -> None:
    page = open_shop(window, 200)
    page.get_by_role("button", name="Order").click()
    page.wait_for_url(f"{SHOP}/checkout/pay")
    assert window.posts("/checkout/pay") == [{"agreed": ["yes"], "how": ["fast"]}]


def test_other_links_are_none_of_its_business(window: Window) -> None:
    page = open_shop(window, 503)
    page.get_by_text("More books").click()
    page.wait_for_url(f"{SHOP}/books/")
    assert [request.method for request in window.sent if request.method == "HEAD"] == []


@pytest.mark.parametrize(("fallback", "token"), [(SHOP, None), (FALLBACK, "")])
def test_without_a_cart_or_behind_a_proxy_that_fails_over_it_does_nothing(
    window: Window, fallback: str, token: str | None
) -> None:
    page = open_shop(window, 503, fallback, token)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")


def test_a_shop_that_does_not_answer_in_time_is_away(window: Window) -> None:
    page = open_shop(window, 200)
    page.route(f"{SHOP}/", lambda route: None)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")


# --- the desk


def open_list(desk: Window) -> Page:
    desk.page.clock.install()
    return desk.open("/console")


def test_the_list_of_orders_follows_by_itself(desk: Window, ledger: FakeLedger) -> None:
    page = open_list(desk)
    expect(page.get_by_text("No orders here.")).to_be_visible()
    order = ledger.keep(an_order())
    page.clock.fast_forward(4_500)
    expect(page.get_by_role("link", name=order.ref)).to_be_visible()
    expect(page.get_by_role("link", name="All 1")).to_be_visible()


def test_nothing_moves_away_from_under_a_pointer(desk: Window, ledger: FakeLedger) -> None:
    first = ledger.keep(an_order())
    page = open_list(desk)
    page.get_by_role("link", name=first.ref).hover()
    second = ledger.keep(an_order())
    page.clock.fast_forward(4_500)
    expect(page.get_by_role("link", name=second.ref)).to_have_count(0)
    page.mouse.move(0, 0)
    page.clock.fast_forward(4_500)
    expect(page.get_by_role("link", name=second.ref)).to_be_visible()
