"""A form is saved while it is filled in, so that an agent can help."""

from __future__ import annotations

from datetime import timedelta

from playwright.sync_api import Page

from fallback.bootstrap.container import Container
from tests.builders import NOW
from tests.web.scripts.window import Window, fill_in


def kept(window: Window) -> list[dict[str, list[str]]]:
    return window.posts("/checkout/draft")


def opened(window: Window) -> Page:
    """A checkout at which time stands still but for what a test lets pass."""
    window.page.clock.install(time=NOW)
    page = window.open("/checkout")
    page.clock.pause_at(NOW + timedelta(hours=1))
    return page


def test_a_form_keeps_contact_and_basket_and_nothing_else(window: Window, container: Container) -> None:
    page = opened(window)
    fill_in(page)
    page.get_by_text("Add a note").click()
    page.get_by_label("Note for the shop").fill("Please ring twice")
    with page.expect_response("**/checkout/draft"):
        page.clock.run_for(1_600)

    [sent] = kept(window)
    assert set(sent) == {"cart_token", "locale", "contact.email", "contact.name", "contact.phone"}
    draft = container.drafts.of_cart("basket-17")
    assert (draft.name, draft.email) == ("Iris Murdoch", "iris@example.org")


def test_a_form_says_that_it_is_open(window: Window) -> None:
    page = opened(window)
    fill_in(page)
    for wait in (1_600, 15_100, 15_100):
        with page.expect_response("**/checkout/draft"):
            page.clock.run_for(wait)
    assert len(kept(window)) == 3


def test_a_form_without_an_address_or_number_is_not_kept(window: Window) -> None:
    page = opened(window)
    page.get_by_label("Name", exact=True).fill("Iris Murdoch")
    page.clock.run_for(60_000)
    assert kept(window) == []


def test_a_form_that_is_refused_waits_for_a_minute(window: Window) -> None:
    window.page.route("**/checkout/draft", lambda route: route.abort())
    page = opened(window)
    page.get_by_label("E-mail").fill("iris@example.org")
    with page.expect_event("requestfailed"):
        page.clock.run_for(1_600)
    page.clock.run_for(45_000)
    assert len(kept(window)) == 1
