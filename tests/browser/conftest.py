"""A demo for all walks, and customers with browsers. After each walk all is healed and the watch is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext

from tests.browser.people import Colleague, Customer, Staff
from tests.browser.watch import ShopHealth
from tests.browser.whole_demo import WholeDemo
from tests.chromium import chromium

SIZES: dict[str, dict[str, Any]] = {
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
    "small phone": {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True},
    "desktop": {"viewport": {"width": 1280, "height": 900}},
}
PICTURES = Path("var/browser")

Visit = Callable[..., Customer]


@pytest.fixture(scope="package")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeDemo]:
    demo = WholeDemo(tmp_path_factory.mktemp("demo"))
    yield demo
    demo.down()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def demo(whole_demo: WholeDemo) -> Iterator[WholeDemo]:
    yield whole_demo
    whole_demo.heal_all()


@pytest.fixture
def size() -> str:
    """Where nothing else is said; `at_both_sizes` says something else."""
    return "phone"


@pytest.fixture
def visit(demo: WholeDemo, browser: Browser, size: str, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """Makes customers: `visit(locale="de-AT", java_script_enabled=False)`."""
    ports = [demo.place.port(name) for name in ("front", "fallback", "stripe", "shop")]
    hosts = {f"{name}:{port}" for port in ports for name in ("localhost", "127.0.0.1")}
    customers: list[Customer] = []
    with ExitStack() as closing:

        def make(**options: Any) -> Customer:
            context = browser.new_context(**{"locale": "en-GB", **SIZES[size], **options})
            closing.callback(context.close)
            context.set_default_timeout(20_000)
            customers.append(Customer(demo, context, ShopHealth(context, hosts)))
            return customers[-1]

        request.node.customers = customers
        yield make
    assert [complaint for customer in customers for complaint in customer.watch.complaints] == []


@pytest.fixture
def iris(visit: Visit) -> Customer:
    return visit()


@pytest.fixture(scope="package")
def _staff_browser(whole_demo: WholeDemo, browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(**SIZES["desktop"])
    yield context
    context.close()


@pytest.fixture(scope="package")
def staff(whole_demo: WholeDemo, _staff_browser: BrowserContext) -> Staff:
    return Staff(whole_demo, _staff_browser.new_page())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A walk that fails shows the last pages and the ends of the demo's logs."""
    report = yield
    if report.when == "call" and report.failed and hasattr(item, "customers"):
        for number, customer in enumerate(item.customers):
            report.sections.append(("Last page", _picture(customer, f"{item.name}-{number}")))
        report.sections.append(("Ends of the demo's logs", item.funcargs["demo"].ends_of_logs()))
    return report


def _picture(customer: Customer, name: str) -> str:
    if customer.page.is_closed():
        return "closed"
    picture = PICTURES / f"{re.sub('[^a-z0-9]+', '-', name)}.png"
    customer.page.screenshot(path=picture, full_page=True)
    return f"{customer.page.url}\n{picture.absolute()}\n{customer.page.locator('body').inner_text()}"


@pytest.fixture
def at_work(demo: WholeDemo, browser: Browser) -> Iterator[Callable[[str], Colleague]]:
    """Opens the console for a colleague: `at_work("Anna")`."""
    with ExitStack() as closing:

        def sign_in(name: str) -> Colleague:
            context = browser.new_context(locale="en-GB", **SIZES["desktop"])
            closing.callback(context.close)
            context.set_default_timeout(20_000)
            return Colleague(demo, context.new_page(), name)

        yield sign_in


@pytest.fixture
def anna(at_work: Callable[[str], Colleague]) -> Colleague:
    return at_work("Anna")


@pytest.fixture
def ben(at_work: Callable[[str], Colleague]) -> Colleague:
    return at_work("Ben")
