"""The lists of the console update themselves."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from fallback.domain.order.holds import HoldCode
from tests.builders import a_hold, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.scripts.window import Window


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


def test_a_hovering_pointer_does_not_stop_the_list_from_updating(desk: Window, ledger: FakeLedger) -> None:
    first = ledger.keep(an_order())
    page = open_list(desk)
    page.get_by_role("link", name=first.ref).hover()
    second = ledger.keep(an_order())
    page.clock.run_for(10_000)
    expect(page.get_by_role("link", name=second.ref)).to_be_visible()


def test_keys_move_through_the_orders_and_open_one(desk: Window, ledger: FakeLedger) -> None:
    older, newer = ledger.keep(an_order()), ledger.keep(an_order())
    page = open_list(desk)
    for key, ref in (("j", newer.ref), ("j", older.ref), ("j", older.ref), ("k", newer.ref)):
        page.keyboard.press(key)
        expect(page.get_by_role("link", name=ref)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_title(re.compile(newer.ref))


def test_the_list_is_searched_by_keyboard_and_a_typed_letter_is_no_shortcut(desk: Window, ledger: FakeLedger) -> None:
    page = open_list(desk)
    page.keyboard.press("/")
    page.keyboard.type("j?")
    expect(page.get_by_label("Find an order")).to_have_value("j?")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_a_key_lists_the_keys(desk: Window, ledger: FakeLedger) -> None:
    page = open_list(desk)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_contain_text("Next order, previous order")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_whole_row_opens_the_order(desk: Window, ledger: FakeLedger) -> None:
    order = ledger.keep(an_order())
    page = open_list(desk)
    page.locator("#orders li").click()
    expect(page).to_have_title(re.compile(order.ref))


def test_ages_are_renewed_though_nothing_changes(desk: Window, ledger: FakeLedger) -> None:
    ledger.keep(an_order())
    page = open_list(desk)
    with page.expect_request(lambda request: request.url.endswith("/console")):
        page.clock.fast_forward(61_000)


def test_ticked_boxes_stay_ticked_while_others_change_the_list(desk: Window, ledger: FakeLedger) -> None:
    first = ledger.keep(an_order(holds=(a_hold(HoldCode.POISON),)))
    desk.page.clock.install()
    page = desk.open("/console?hold=poison")
    page.get_by_role("checkbox", name=f"Choose {first.ref}").check()
    second = ledger.keep(an_order(holds=(a_hold(HoldCode.POISON),)))
    page.get_by_text("Several at once").click()
    page.mouse.move(0, 0)
    page.clock.fast_forward(9_000)
    expect(page.get_by_role("link", name=second.ref)).to_have_count(0)
    page.get_by_role("button", name="Release the hold of the chosen orders").click()
    expect(page.get_by_text("The hold was released.")).to_be_visible()
    assert [len(ledger.load(order.ref).holds) for order in (first, second)] == [0, 1]
