"""The checkout page with its script: the total, the card field, what is sent."""

from __future__ import annotations

from playwright.sync_api import Route, expect

from tests.fakes.ledger import FakeLedger
from tests.web.scripts.window import Window, fill_in, the_order
from tests.web.world import STANDARD, a_cart, signed

ORDER = "Order with obligation to pay"


def test_the_total_and_the_charge_follow_the_delivery(window: Window) -> None:
    page = window.open("/checkout")
    summary, sum_ = (page.locator(f"{each} div:visible") for each in ("#basket-rows", "#sum"))
    expect(sum_).to_have_text(["Total€30.93"])
    expect(summary).to_have_text(["Subtotal€25.98", "Standard delivery€4.95", "Total€30.93"])
    expect(page.locator("#sum")).to_be_in_viewport()
    expect(page.get_by_text("card fields")).to_be_visible()
    page.get_by_label("Courier").check()
    expect(sum_).to_have_text(["Total€33.88"])
    expect(summary).to_have_text(["Subtotal€25.98", "Courier€7.90", "Total€33.88"])
    expect(page.locator("body")).to_have_attribute("data-charge", "3388")


def test_a_customer_pays_by_card(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    expect(page.get_by_label("Pay now")).to_be_checked()
    fill_in(page)
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_an_address_arrives_as_it_was_typed(window: Window, ledger: FakeLedger) -> None:
    """Chromium turns the domain in a field of the type 'email' into another one, by IDNA 2003: fass.example."""
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_label("E-mail").fill("iris@faß.example")
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).customer.email == "iris@faß.example"


def test_what_stripe_says_of_a_card_is_shown_and_the_button_works_again(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.locator("body").evaluate("body => { body.dataset.refused = 'Your card is not supported.'; }")
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("alert").filter(has_text="Your card is not supported.")).to_be_visible()
    expect(page.get_by_role("button", name=ORDER)).to_have_attribute("aria-disabled", "false")
    assert ledger.refs() == []


def test_when_the_card_field_does_not_open_paying_later_is_offered(window: Window, ledger: FakeLedger) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: route.abort())
    page = window.open("/checkout")
    expect(page.get_by_text("Card payment is not available right now")).to_be_visible()
    expect(page.get_by_label("Pay now")).to_be_hidden()
    fill_in(page)
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your order, but it is not paid yet")


def test_when_stripe_never_answers_paying_later_is_offered_after_some_seconds(window: Window) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: None)
    window.page.clock.install()
    page = window.open("/checkout")
    expect(page.get_by_text("Loading card payment…")).to_be_visible()
    expect(page.locator("[data-card-place]")).to_have_css("opacity", "0")
    page.clock.fast_forward(8_500)
    expect(page.get_by_text("Card payment is not available right now")).to_be_visible()


def test_an_order_that_is_sent_before_that_is_known_waits_for_it(window: Window, ledger: FakeLedger) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: None)
    window.page.clock.install()
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("button", name="One moment…")).to_be_visible()
    page.clock.fast_forward(8_500)
    expect(page.get_by_text("Card payment is not available right now")).to_be_focused()
    assert ledger.refs() == []


def test_two_quick_presses_send_one_order(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_role("button", name=ORDER).dblclick()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert len(window.posts("/checkout")) == 1


def test_mistakes_are_read_out_and_the_card_is_kept(window: Window, ledger: FakeLedger) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_label("Phone").fill("none")
    page.get_by_role("button", name=ORDER).click()
    expect(page.locator("#errors")).to_be_focused()
    expect(page.get_by_text("We have the card details that you entered.")).to_be_visible()
    expect(page.get_by_text("card fields")).to_be_hidden()
    page.get_by_label("Phone").fill("")
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_a_card_that_was_kept_can_be_replaced(window: Window) -> None:
    page = window.open("/checkout")
    fill_in(page)
    page.get_by_label("Phone").fill("none")
    page.get_by_role("button", name=ORDER).click()
    page.get_by_role("button", name="Use another card").click()
    expect(page.get_by_text("card fields")).to_be_visible()
    assert page.locator("[name='confirmation_token']").input_value() == ""


def test_a_delivery_time_is_asked_for_where_there_are_some(window: Window) -> None:
    page = window.open("/checkout")
    fill_in(page)
    expect(page.get_by_label("Delivery time")).to_be_hidden()
    page.get_by_label("Courier").check()
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_label("Delivery time")).to_be_focused()
    assert window.posts("/checkout") == []


def test_a_delivery_that_is_chosen_while_the_fields_of_a_country_come_stays_chosen(window: Window) -> None:
    page, waiting = window.open("/checkout"), list[Route]()
    page.route("**/checkout/fields", lambda route: waiting.append(route))
    with page.expect_request("**/checkout/fields"):
        page.get_by_label("Country").select_option("DE")
    page.get_by_label("Courier").check()
    time = page.get_by_label("Delivery time").locator("option").last.get_attribute("value")
    page.get_by_label("Delivery time").select_option(time)
    waiting[0].fallback()
    expect(page.get_by_label("State or region (optional)")).to_have_count(0)
    expect(page.get_by_label("Postal code")).to_be_visible()
    expect(page.get_by_label("Courier")).to_be_checked()
    expect(page.get_by_label("Delivery time")).to_have_value(time or "")


def test_with_a_delivery_that_makes_it_free_no_card_is_asked_for(window: Window, ledger: FakeLedger) -> None:
    free = a_cart(
        discounts=[{"title": "Voucher", "amount": 2598}],
        totals={"goods": 2598, "discount": 2598, "tax": 170, "total": 0},
        delivery=[STANDARD, {**STANDARD, "id": "pickup", "title": "Pick-up", "price": 0}],
    )
    window.app.set_cookie("fallback_cart", signed(free))
    page = window.open("/checkout")
    expect(page.get_by_label("Pay now")).to_be_visible()
    page.get_by_label("Pick-up").check()
    expect(page.get_by_label("Pay now")).to_be_hidden()
    fill_in(page)
    page.get_by_role("button", name=ORDER).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your order and keep it safe")
    assert the_order(ledger).total.amount == 0


def test_the_button_says_what_the_law_of_the_customers_country_asks_for(window: Window) -> None:
    page = window.open("/checkout")
    button = page.locator("#checkout .pay .button")
    for country, words in [("US", "Buy now"), ("DE", ORDER), ("CH", "Buy now"), ("GB", ORDER)]:
        page.get_by_label("Country").select_option(country)
        expect(button).to_have_text(words)
