"""The lists of the console update themselves."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.builders import an_order
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
