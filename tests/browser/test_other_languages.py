"""A purchase in Arabic, from right to left, and one in Polish: on a small phone and on a desk, without a barrier."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from fallback.i18n import direction_of, own_name
from fallback.web.app import create_app
from tests.browser.accessibility import barriers, barriers_at_another_size
from tests.browser.conftest import SIZES
from tests.browser.scenes import SCENES
from tests.browser.states import Stage
from tests.browser.windows import Window
from tests.ledger.world import a_container, hang_up
from tests.redis_server import RedisServer
from tests.web.buying import IRIS

# How far a part of the first line of the basket stands from the left.
LEFT = "(part) => document.querySelector(`.lines ${part}`).getBoundingClientRect().left"


@pytest.mark.parametrize("language", ["ar", "pl"])
def test_a_purchase_in_another_language(language: str, browser: Browser, redis_server: RedisServer) -> None:
    stage = Stage(a_container(redis_server.url))
    window = Window(browser, create_app(stage.container), stage, **SIZES["small phone"])
    page, rtl = window.page, direction_of(language) == "rtl"
    try:
        window.open(SCENES["checkout"], "/checkout")
        page.get_by_label("Name", exact=True).fill(IRIS["contact.name"])
        page.get_by_role("button", name=own_name(language)).click()
        _is_read(page, language)
        assert page.locator("[name='contact.name']").input_value() == IRIS["contact.name"]

        page.locator("[name='contact.email']").fill(IRIS["contact.email"])
        page.locator("[name='contact.phone']").fill("+44 1482 300300")
        page.locator("[name='shipping_address.country']").select_option("GB")
        for name in ("line1", "city", "postal_code"):
            page.locator(f"[name='shipping_address.{name}']").fill(IRIS[f"shipping_address.{name}"])
        page.locator("[name='delivery.id']").first.check()
        page.locator("#payment-later").check()
        page.locator(".pay .button").click()
        expect(page.locator("#progress")).to_be_visible()
        _is_read(page, language)
        assert (page.evaluate(LEFT, ".price") < page.evaluate(LEFT, ".what")) == rtl
    finally:
        window.close()
        hang_up()


def _is_read(page: Page, language: str) -> None:
    html = page.locator("html")
    expect(html).to_have_attribute("lang", language)
    expect(html).to_have_attribute("dir", direction_of(language))
    on_the_phone = barriers(page)
    page.set_viewport_size(SIZES["desktop"]["viewport"])
    on_the_desk = barriers_at_another_size(page)
    page.set_viewport_size(SIZES["small phone"]["viewport"])
    assert (on_the_phone, on_the_desk) == ([], [])
