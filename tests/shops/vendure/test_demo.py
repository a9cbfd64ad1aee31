"""`./ops/bin/demo --shop vendure`: customers walk through it, on a small phone, while its parts are broken."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser

from ops.demo.shops.legal_pages import PAGES
from ops.demo.shops.node import installed
from ops.demo.shops.vendure import ADMINISTRATOR, FOLDER
from tests.browser.accessibility import barriers
from tests.browser.conftest import SIZES
from tests.browser.people import GOOD_CARD, PLACED_WITHIN, Customer, leave
from tests.browser.watch import ShopHealth
from tests.browser.whole_demo import WholeDemo
from tests.chromium import chromium
from tests.demo.waiting import eventually

BOOK, SECOND_BOOK = "The Lighthouse Ledger", "The Sea"
ADDRESS = {
    "Name": "Iris Murdoch",
    "Street and number": "1 Quay",
    "Postal code": "HU1 1AA",
    "City": "Hull",
}


class AtVendure(Customer):
    """In the storefront of ops/demo/shops/vendure."""

    def put_a_book_in_the_basket(self, title: str = BOOK, *, shop: str | None = None) -> None:
        button = self.page.get_by_role("listitem").filter(has_text=title).get_by_role("button")

        def is_listed() -> bool:
            self.page.goto(f"{shop or self.demo.front}/")
            return button.is_visible()

        eventually(is_listed, within=60, every=1)  # a shop that was broken a moment ago may still refuse to list
        leave(self.page, button)

    def check_out(self) -> None:
        leave(self.page, self.page.get_by_role("link", name="Go to the checkout"))

    def is_at_the_shops_checkout(self) -> bool:
        """Vendure itself needs a moment where its database was away."""
        self.page.goto(f"{self.demo.front}/checkout/")
        return self.page.get_by_label("Street and number").is_visible()

    def buys_in_the_shop(self) -> None:
        for label, text in ADDRESS.items():
            self.page.get_by_label(label).fill(text)
        self.page.get_by_label("E-mail").fill(self.email)
        self.page.get_by_label("Express").check()
        self.page.get_by_role("button", name="Buy now").click()


@pytest.fixture(scope="module")
def vendure_demo() -> Iterator[WholeDemo]:
    """Where root runs this, PostgreSQL has a user of its own, who has to come into the folder."""
    installed(FOLDER)  # may take minutes the first time, which is not what is tested here
    folder = Path(tempfile.mkdtemp(prefix="fallback-demo-"))
    folder.chmod(0o755)
    demo = WholeDemo(folder / "demo", shop="vendure")
    yield demo
    demo.down()
    shutil.rmtree(folder)


@pytest.fixture
def demo(vendure_demo: WholeDemo) -> Iterator[WholeDemo]:
    yield vendure_demo
    vendure_demo.heal_all()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def iris(demo: WholeDemo, browser: Browser, request: pytest.FixtureRequest) -> Iterator[AtVendure]:
    with ExitStack() as closing:
        scripts = getattr(request, "param", True)
        context = browser.new_context(locale="en-GB", java_script_enabled=scripts, **SIZES["small phone"])
        closing.callback(context.close)
        context.set_default_timeout(30_000)
        hosts = {f"localhost:{demo.place.port(name)}" for name in ("front", "fallback", "stripe")}
        customer = AtVendure(demo, context, ShopHealth(context, hosts))
        yield customer
        assert customer.watch.complaints == []


def orders_in_vendure(demo: WholeDemo, of: str) -> list[str]:
    """What the shop's staff reads of one customer's orders."""
    answer = requests.get(f"{demo.front}/office/", auth=(ADMINISTRATOR, demo.staff[1]), timeout=30)
    assert answer.status_code == 200
    rows = answer.text.split("<li>")[1:]
    return [" ".join(row.split()) for row in rows if of in row]


@pytest.mark.parametrize("iris", [False], indirect=True, ids=["without scripts"])
def test_the_shops_own_checkout_sells_with_its_own_payment(demo: WholeDemo, iris: AtVendure) -> None:
    iris.put_a_book_in_the_basket()
    iris.page.get_by_label(f"How many of {BOOK}").fill("2")
    iris.page.get_by_role("button", name="Change").click()
    assert "fallback_cart" in {cookie["name"] for cookie in iris.context.cookies()}
    iris.check_out()
    iris.buys_in_the_shop()

    iris.reads("Thank you")
    iris.sees("€35.93")
    [order] = orders_in_vendure(demo, iris.email)
    assert "PaymentSettled" in order
    assert "FB-" not in order
    assert "fallback_cart" not in {cookie["name"] for cookie in iris.context.cookies()}


def test_an_order_of_an_outage_is_in_vendure_once_and_captured(demo: WholeDemo, iris: AtVendure) -> None:
    iris.put_a_book_in_the_basket(SECOND_BOOK)
    demo.command("break", "shop")
    iris.check_out()
    assert iris.page.url == f"{demo.front}/checkout/"
    ref = iris.orders_with(GOOD_CARD)
    iris.reads("We have your order and keep it safe")

    demo.command("heal", "shop")

    iris.reads("The shop has your order", within=2 * PLACED_WITHIN)
    [order] = orders_in_vendure(demo, iris.email)
    assert f"{ref}, captured" in order
    assert "PaymentSettled" in order
    assert demo.money(ref)["captured"] == 2945
    iris.page.goto(f"{demo.front}/basket/")
    iris.sees("There is nothing in it")


def test_a_basket_that_we_have_is_not_sold_again_and_the_customer_is_led_to_their_order(
    demo: WholeDemo, iris: AtVendure
) -> None:
    iris.put_a_book_in_the_basket()
    demo.command("break", "shop", "--how", "hung")
    iris.check_out()
    ref = iris.orders_to_pay_later()
    demo.command("heal", "shop")

    iris.page.goto(f"{demo.front}/checkout/")
    iris.buys_in_the_shop()

    alert = iris.page.get_by_role("alert")
    assert f"This basket was ordered already, as {ref}" in alert.inner_text()
    alert.get_by_role("link").click()
    assert iris.ref == ref


def test_what_vendure_refuses_is_told_with_its_reason(iris: AtVendure) -> None:
    iris.put_a_book_in_the_basket("Volume 40 ")
    iris.page.get_by_label("How many of").fill("999")
    iris.page.get_by_role("button", name="Change").click()

    assert "900" in iris.page.get_by_role("alert").inner_text()
    iris.sees("€8991.00")


@pytest.mark.parametrize(("part", "how"), [("shop", "hung"), ("postgres", "down"), ("storefront", "down")])
def test_whatever_of_the_shop_fails_the_same_address_sells(
    demo: WholeDemo, iris: AtVendure, part: str, how: str
) -> None:
    iris.put_a_book_in_the_basket()

    demo.command("break", part, "--how", how)
    assert re.search(rf"(?m)^{part} +broken +{how}", demo.command("status"))
    iris.check_out()
    assert iris.page.locator("[name='contact.email']").count() == 1
    demo.command("heal")

    eventually(iris.is_at_the_shops_checkout, within=60, every=1)


def test_the_storefront_is_for_everybody(demo: WholeDemo, iris: AtVendure) -> None:
    iris.put_a_book_in_the_basket()
    found = {}
    for path in ("/", "/basket/", "/checkout/", *PAGES):
        iris.page.goto(f"{demo.front}{path}")
        found[path] = barriers(iris.page)
    assert {path: barrier for path, barrier in found.items() if barrier} == {}
