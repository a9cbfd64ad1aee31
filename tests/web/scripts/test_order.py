"""The order's page updates itself."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace
from playwright.sync_api import expect

from fallback.bootstrap.container import Container
from fallback.domain.order.cart import Slot
from fallback.domain.order.order import Decline, Event, Payment, PaymentState, Placement, PlacementState
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.scripts.window import Window, open_order, the_order
from tests.web.world import NOW

LATER = Slot("2026-11-24-am", NOW + timedelta(days=2, hours=22), NOW + timedelta(days=3, hours=2))
DECLINED = Payment(amount=3093, state=PaymentState.ACTION_REQUIRED, decline=Decline("expired_card", "customer"))


def test_a_change_appears_without_loading_the_page(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(payment=Payment(amount=3093, state=PaymentState.PENDING)))
    authorized = replace(order, payment=Payment(amount=3093, state=PaymentState.AUTHORIZED, authorized=3093))
    container.ledger.commit(order, authorized, [Event(NOW, "authorized", "stripe")])
    page.clock.fast_forward(2_500)
    expect(page.get_by_role("heading", level=1)).to_have_text("We have your order and keep it safe")
    expect(page.get_by_text("The amount was reserved")).to_be_visible()
    expect(page).to_have_title("We have your order and keep it safe")


def test_a_card_being_typed_is_left_alone_when_something_else_changes(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(payment=DECLINED))
    page.get_by_text("card fields").evaluate("field => { field.dataset.typed = '4242'; }")
    container.ledger.commit(order, order, [Event(NOW, "card_given", "customer")])
    page.clock.fast_forward(2_500)
    expect(page.get_by_text("Payment details were entered")).to_be_visible()
    expect(page.get_by_text("card fields")).to_have_attribute("data-typed", "4242")


def test_a_second_card_is_given(window: Window, container: Container, ledger: FakeLedger) -> None:
    page, _ = open_order(window, container, an_order(payment=DECLINED))
    page.get_by_role("button", name="Pay now").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you, we have your order")
    assert the_order(ledger).payment.token == "ctoken_stand_in"


def test_a_card_field_that_does_not_open_is_said(window: Window, container: Container) -> None:
    window.page.route("https://js.stripe.com/v3/", lambda route: route.abort())
    page, _ = open_order(window, container, an_order(payment=DECLINED))
    expect(page.get_by_text("We keep your order.", exact=False).last).to_be_visible()
    expect(page.get_by_role("button", name="Pay now")).to_be_hidden()


def test_times_are_those_of_the_customer(window: Window, container: Container) -> None:
    page, order = open_order(window, container, an_order(locale="en-GB"))
    container.ledger.commit(order, order, [Event(NOW, "received", "customer")])
    page.reload()
    expect(page.locator(".timeline time").first).to_have_text("21 Nov 2026, 11:00")


def test_what_is_changed_of_a_settled_order_is_seen_within_ten_seconds(window: Window, container: Container) -> None:
    captured = Payment(amount=3093, state=PaymentState.CAPTURED, captured=3093)
    settled = an_order(payment=captured, placement=Placement(state=PlacementState.VERIFIED, number="100017"))
    page, order = open_order(window, container, settled)
    page.clock.run_for(10 * 60 * 1000)
    expect(page.get_by_text("Monday, November 23")).to_be_visible()

    container.ledger.commit(order, replace(order, delivery=replace(order.delivery, slot=LATER)), [])
    page.clock.fast_forward(10_000)
    expect(page.get_by_text("Tuesday, November 24")).to_be_visible()
    expect(page.get_by_text("Monday, November 23")).to_have_count(0)


def test_a_form_says_that_the_order_is_no_longer_as_it_shows(window: Window, container: Container) -> None:
    order = container.ledger.keep(an_order())
    window.page.clock.install()
    page = window.open(f"/orders/{order.ref}/contact?key={container.links.key(order.ref)}")
    page.get_by_label("Name", exact=True).fill("Iris M")
    note = page.get_by_text("This order has changed since you opened this page.")
    page.clock.run_for(30_000)
    expect(note).to_be_hidden()

    container.ledger.commit(order, order, [Event(NOW, "changed", "Mara")])
    page.clock.fast_forward(10_000)
    expect(note).to_be_visible()
    expect(page.get_by_label("Name", exact=True)).to_have_value("Iris M")
    page.get_by_role("link", name="Reload").click()
    expect(note).to_be_hidden()


def test_how_the_checkout_stands_is_seen_within_ten_seconds(window: Window, container: Container) -> None:
    window.page.clock.install()
    page = window.open("/status")
    expect(page.get_by_role("heading", level=1)).to_have_text("We do not know the shop's status right now")
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "The shop is away"))
    page.clock.fast_forward(10_000)
    expect(page.get_by_role("heading", level=1)).to_have_text("The shop's checkout is down. You can order here")
