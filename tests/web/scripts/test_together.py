"""An order's page and the console see each other."""

from __future__ import annotations

from collections.abc import Callable

from flask.testing import FlaskClient
from msgspec.structs import replace
from playwright.sync_api import Browser, Page, expect

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event, Order
from fallback.domain.support.accounts import Role
from fallback.domain.support.claims import LEASE, hand_over, take
from fallback.usecases.support.ask_question import ask_question
from tests.builders import an_order
from tests.web.scripts.window import Window, open_order
from tests.web.world import NOW


def open_at(desk: Window, order: Order) -> Page:
    desk.page.clock.install()
    return desk.open(f"/console/orders/{order.ref}")


def test_customer_and_agent_see_each_other_come(window: Window, desk: Window, container: Container) -> None:
    theirs, order = open_order(window, container, an_order())
    his = open_at(desk, order)
    expect(his.get_by_text("Also viewing: the customer.")).to_be_visible()
    theirs.clock.fast_forward(3_000)
    expect(theirs.get_by_text("Mara at the shop has your order open right now.")).to_be_visible()
    his.get_by_role("button", name="Claim order", exact=True).click()
    expect(his.get_by_text("You are working on this order.")).to_be_visible()
    theirs.clock.fast_forward(5_000)
    expect(theirs.get_by_text("Mara at the shop is working on your order right now.")).to_be_visible()


def test_each_sees_that_the_other_types_and_no_text_is_sent(window: Window, desk: Window, container: Container) -> None:
    theirs, order = open_order(window, container, an_order())
    ask_question(container, order.ref, "Where is it?", None)
    his = open_at(desk, order)
    his.get_by_role("textbox", name="Your answer").press_sequentially("On")
    theirs.clock.fast_forward(5_000)
    expect(theirs.get_by_text("Mara at the shop is typing a message to you.")).to_be_visible()
    theirs.get_by_text("Get help").click()
    theirs.get_by_role("textbox", name="Your question").press_sequentially("Ah")
    with theirs.expect_response(lambda answer: "typing=1" in answer.url):
        theirs.clock.fast_forward(5_000)
    his.clock.fast_forward(5_000)
    expect(his.get_by_text("The customer is typing a message.")).to_be_visible()
    expect(his.get_by_role("textbox", name="Your answer")).to_have_value("On")
    told = [form for form in desk.posts(f"/console/orders/{order.ref}/presence") if "typing" in form]
    assert told
    assert all(set(form) == {"fence", "typing"} for form in told)


def test_an_open_page_of_the_console_shows_what_happens_and_its_forms_still_say_what_was_seen(
    desk: Window, container: Container
) -> None:
    order = container.ledger.keep(an_order())
    page = open_at(desk, order)
    changed = page.get_by_text("This order has changed since you opened this page.")
    expect(changed).to_be_hidden()
    cancelled = replace(order, cancel_asked=True)
    container.ledger.commit(order, cancelled, [Event(NOW, "cancel_asked", "customer")])
    page.clock.run_for(5_000)
    expect(page.get_by_text("Cancellation was requested")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Being cancelled")
    expect(changed).to_be_visible()
    assert {field.get_attribute("value") for field in page.locator("input[name=seen]").all()} <= {"0"}


def test_an_open_page_of_the_console_keeps_its_claim(desk: Window, container: Container) -> None:
    order = container.ledger.keep(an_order())
    page = open_at(desk, order)
    page.get_by_role("button", name="Claim order", exact=True).click()
    expect(page.get_by_text("You are working on this order.")).to_be_visible()
    container.clock = lambda: NOW + LEASE / 2
    with page.expect_response("**/presence"):
        page.clock.run_for(5_000)
    claim = container.claims.current(order.ref)
    assert claim is not None
    assert claim.until == NOW + LEASE / 2 + LEASE


def test_what_an_agent_typed_stays_while_the_claim_changes_hands(desk: Window, container: Container) -> None:
    order = container.ledger.keep(an_order())
    container.claims.change(order.ref, lambda claim: take(claim, "Jon", NOW))
    page = open_at(desk, order)
    page.get_by_text("Notes and messages").click()
    note = page.get_by_label("Note")
    note.fill("The customer calls again at noon.")
    page.get_by_role("button", name="Request order").click()
    expect(page.get_by_text("You have requested this order.")).to_be_visible()
    container.claims.change(order.ref, lambda claim: hand_over(claim, "Jon", NOW))
    page.clock.run_for(5_000)
    expect(page.get_by_text("You are working on this order.")).to_be_visible()
    page.get_by_role("button", name="Release claim").click()
    expect(page.get_by_text("Nobody is working on this order.")).to_be_visible()
    expect(note).to_have_value("The customer calls again at noon.")


def test_a_reason_that_is_being_typed_is_left_alone(
    chromium: Browser, colleague: Callable[[str, Role], FlaskClient], container: Container
) -> None:
    order = container.ledger.keep(an_order())
    container.claims.change(order.ref, lambda claim: take(claim, "Mara", NOW))
    desk = Window(chromium, colleague("Ada", Role.LEAD))
    page = open_at(desk, order)
    page.get_by_text("Take over").first.click()
    page.get_by_label("Reason (shown in the timeline)").fill("Mara is")
    container.claims.look(order.ref, "Jon", NOW)
    with page.expect_response(f"**/console/orders/{order.ref}"):
        page.clock.run_for(5_000)
    expect(page.get_by_label("Reason (shown in the timeline)")).to_have_value("Mara is")
    page.get_by_label("Reason (shown in the timeline)").blur()
    page.clock.run_for(5_000)
    expect(page.get_by_text("Also viewing: Jon.")).to_be_visible()
    page.context.close()
