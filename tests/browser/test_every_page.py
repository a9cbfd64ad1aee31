"""Every page, in every state: no barrier, on a small phone and on a desk, by keyboard alone, without JavaScript."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser

from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.order.contact_ways import ContactWays
from fallback.web.app import create_app
from tests.browser.accessibility import barriers, barriers_at_another_size
from tests.browser.conftest import SIZES
from tests.browser.keyboard import beyond_the_keyboard
from tests.browser.scenes import NO_PAGES, SCENES
from tests.browser.states import Stage
from tests.browser.windows import Window
from tests.ledger.world import a_container, hang_up
from tests.redis_server import RedisServer
from tests.web.openid_provider import CLIENT_ID, CLIENT_SECRET

OTHERS_THAT_ARE_AWAY = {
    "fallback_oidc_discovery_url": "http://127.0.0.1:1/",
    "fallback_oidc_client_id": CLIENT_ID,
    "fallback_oidc_client_secret": CLIENT_SECRET,
    "contact_ways": ContactWays(sms_url="http://127.0.0.1:1/"),
}
# What a page is about and what can be done on it: as it is here, or as its source is read where no script runs.
# A card's form needs JavaScript, and says so without it; a button in <noscript> does what a script does otherwise.
CONTENT = """(source) => {
  const page = source === null ? document : new DOMParser().parseFromString(source, "text/html");
  const named = (form) => [...form.elements].filter((field) => !field.closest("noscript")).map((field) => field.name);
  return {
    says: [...page.querySelectorAll("main :is(h1, h2, h3, summary, legend, label)")].map((each) => each.textContent),
    leads: [...page.querySelectorAll("main a[href]")].map((each) => each.textContent),
    forms: [...page.forms].filter((form) => form.id !== "pay")
      .map((form) => `${form.method} ${form.action} ${named(form)}`),
  };
}"""


@pytest.fixture(scope="module")
def stage(_shared_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    journal = JournalSettings(str(tmp_path_factory.mktemp("journal")))
    _shared_redis.client.flushall()
    yield Stage(a_container(_shared_redis.url, journal=journal, **OTHERS_THAT_ARE_AWAY))
    hang_up()


@pytest.fixture(scope="module")
def app(stage: Stage) -> Flask:
    return create_app(stage.container)


@pytest.fixture(scope="module")
def phone(browser: Browser, app: Flask, stage: Stage) -> Iterator[Window]:
    window = Window(browser, app, stage, **SIZES["small phone"])
    yield window
    window.close()


def test_every_page_has_a_scene(app: Flask) -> None:
    """A new page is walked too, or says that it is none."""
    routes = {route.rule for route in app.url_map.iter_rules() if "GET" in (route.methods or ())}
    walked = {scene.route for scene in SCENES.values()}

    assert routes - walked - NO_PAGES == set()
    assert NO_PAGES - routes == set()


@pytest.mark.parametrize("name", SCENES)
def test_a_page_is_usable_by_everyone(name: str, stage: Stage, phone: Window) -> None:
    """One load is looked at in all ways, since on most machines it is what takes the time."""
    scene = SCENES[name]

    assert phone.open(scene, scene.path(stage)) == scene.status
    found = phone.page.evaluate(CONTENT, None)
    on_the_phone = barriers(phone.page) + beyond_the_keyboard(phone.page)
    phone.page.set_viewport_size(SIZES["desktop"]["viewport"])
    on_the_desk = barriers_at_another_size(phone.page)
    phone.page.set_viewport_size(SIZES["small phone"]["viewport"])

    assert (on_the_phone, on_the_desk) == ([], [])
    assert found["says"]
    assert phone.page.evaluate(CONTENT, phone.source) == found
