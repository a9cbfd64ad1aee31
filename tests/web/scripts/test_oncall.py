"""The on-call page updates itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser, expect

from fallback.bootstrap.container import Container
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Role
from tests.web.scripts.window import Window
from tests.web.world import NOW


@pytest.fixture
def ada(chromium: Browser, colleague: Callable[[str, Role], FlaskClient]) -> Iterator[Window]:
    window = Window(chromium, colleague("Ada", Role.ONCALL))
    window.page.clock.install()
    yield window
    window.page.context.close()
    assert window.complaints == []


def test_what_another_switches_is_shown_and_what_is_typed_is_left_alone(ada: Window, container: Container) -> None:
    page = ada.open("/console/oncall")
    expect(page.locator("#mode-now")).to_contain_text("standby")
    page.get_by_text("Switch mode").click()
    page.get_by_label("Reason").fill("nobody can pay since")

    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Bo", "the shop is down"))
    page.clock.fast_forward(4_500)

    expect(page.locator("#mode-now")).to_contain_text("Bo")
    expect(page.get_by_label("Reason")).to_have_value("nobody can pay since")


def test_who_decides_on_what_has_changed_meanwhile_is_told(ada: Window, container: Container) -> None:
    page = ada.open("/console/oncall")
    page.get_by_text("Switch mode").click()
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Bo", "the shop is down"))
    page.get_by_role("radio", name="standby").check()
    page.get_by_label("Reason").fill("a false alarm")
    page.get_by_role("button", name="Switch").click()

    expect(page.locator(".summary, #errors")).to_be_visible()
    expect(page.get_by_label("Reason")).to_have_value("a false alarm")
    assert container.modes.read().mode is Mode.ACTIVE


def test_the_button_says_which_mode_and_for_how_long(ada: Window) -> None:
    page = ada.open("/console/oncall")
    page.get_by_text("Switch mode").click()
    page.get_by_role("radio", name="standby").check()
    expect(page.get_by_role("button", name="Switch to standby: stays by hand for 1 hr")).to_be_visible()
    page.get_by_label("Suspend automatic switching").select_option("4")
    expect(page.get_by_role("button", name="Switch to standby: for 4 hours")).to_be_visible()
