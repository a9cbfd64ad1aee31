"""`python -m tests.browser.pictures`: takes the pictures of the README, into ops/pictures/.

One purchase through an outage, on a phone; two others whose bank asks or declines; the desk and on call meanwhile. Few
colours keep each picture small enough for a repository.
"""

from __future__ import annotations

import io
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from ops.demo.places import ROOT
from tests.browser.conftest import SIZES
from tests.browser.people import (
    BANK_ASKS_CARD,
    DECLINED_CARD,
    GOOD_CARD,
    HARBOURS,
    PLACED_WITHIN,
    Colleague,
    Customer,
    Staff,
)
from tests.browser.watch import ShopHealth
from tests.browser.whole_demo import WholeDemo
from tests.chromium import chromium

PICTURES = ROOT / "ops" / "pictures"
MOST_BYTES = 120_000
COLOURS = 96
ANNA_LEFT_WITHIN = 60_000  # milliseconds; a closed page counts as open for a while


def main() -> None:
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as state, chromium() as browser:
        demo = WholeDemo(Path(state))
        try:
            take_all(demo, browser)
        finally:
            demo.down()


def take_all(demo: WholeDemo, browser: Browser) -> None:
    phone, screen = someone(demo, browser, "phone"), someone(demo, browser, "desktop")
    with phone as iris, screen as ada, someone(demo, browser, "phone") as rosa:
        for customer in (iris, ada, rosa):
            customer.put_a_book_in_the_basket()
            customer.put_a_book_in_the_basket(HARBOURS)
        demo.break_("shop")
        checkout(iris)
        waiting(iris)
        declined(ada)
        bank_asks(rosa)
        console(demo, browser, iris.ref)
        oncall(demo, browser)
        demo.heal("shop")
        iris.reads("The shop has your order", within=PLACED_WITHIN)
        expect(iris.page.get_by_text("Anna at the shop")).to_have_count(0, timeout=ANNA_LEFT_WITHIN)
        iris.page.evaluate("scrollTo(0, 0)")
        keep(iris.page, "order-placed")
        dashboard(demo, browser, iris.email)
        mail(demo, browser, iris)


@contextmanager
def someone(demo: WholeDemo, browser: Browser, size: str) -> Iterator[Customer]:
    context = browser.new_context(**SIZES[size], **CRISP, locale="en-GB", timezone_id="Europe/Berlin")
    yield Customer(demo, context, ShopHealth(context, set()))
    context.close()


CRISP: dict[str, Any] = {"device_scale_factor": 2}
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "timezone_id": "Europe/Berlin"}


def checkout(iris: Customer) -> None:
    iris.check_out()
    expect(iris.card_field.get_by_label("Card number")).to_be_visible()
    keep(iris.page, "checkout-phone")
    iris.enters_their_address()
    iris.wants_the_courier()
    iris.enters_card(GOOD_CARD)


def waiting(iris: Customer) -> None:
    iris.buys()
    iris.reads("We have your order and keep it safe")
    keep(iris.page, "order-waiting")


def declined(ada: Customer) -> None:
    ada.check_out()
    ada.orders_with(DECLINED_CARD)
    ada.reads("Your bank did not accept the payment")
    expect(ada.card_field.get_by_label("Card number")).to_be_visible()
    keep(ada.page, "order-declined")


def bank_asks(rosa: Customer) -> None:
    rosa.check_out()
    rosa.orders_with(BANK_ASKS_CARD)
    rosa.reads("Please confirm the payment")


def console(demo: WholeDemo, browser: Browser, ref: str) -> None:
    page = browser.new_page(**DESK)
    anna = Colleague(demo, page, "Anna")
    keep(page, "console")
    anna.opens(ref)
    expect(page.get_by_role("heading", name=ref)).to_be_visible()
    keep(page, "console-order")
    page.close()


def oncall(demo: WholeDemo, browser: Browser) -> None:
    page = browser.new_page(**DESK)
    Colleague(demo, page, "Omar")
    page.goto(f"{demo.place.url('fallback')}/console/oncall")
    expect(page.get_by_role("heading", name="On call")).to_be_visible()
    keep(page, "console-oncall")
    page.close()


def dashboard(demo: WholeDemo, browser: Browser, email: str) -> None:
    page = browser.new_page(**SIZES["desktop"])
    staff = Staff(demo, page)
    [number] = staff.numbers_of(email)
    staff.order(number)
    keep(page, "shop-dashboard")
    page.close()


def mail(demo: WholeDemo, browser: Browser, iris: Customer) -> None:
    page = browser.new_page(viewport={"width": 640, "height": 760}, **CRISP)
    page.set_content(iris.gets_mail("the shop has your order").html)
    keep(page, "mail")
    page.close()


def keep(page: Page, name: str) -> None:
    """What the screen shows, with fewer colours."""
    picture = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    few = picture.quantize(COLOURS, dither=Image.Dither.NONE)
    path = PICTURES / f"{name}.png"
    few.save(path, optimize=True)
    assert path.stat().st_size < MOST_BYTES, f"{path} has {path.stat().st_size} bytes"
    click.echo(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1000} kB")


if __name__ == "__main__":
    main()
