"""A demo for all walks, whose customers come without a browser. After each walk all is healed."""

from __future__ import annotations

import itertools
import os
import signal
from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
import requests

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Order
from fallback.domain.outage.mode import Mode
from fallback.usecases.outage.switch_mode import switch_mode
from ops.demo.__main__ import commands_env
from ops.demo.env import read_env
from ops.demo.running import alive, answers
from tests.browser.whole_demo import WholeDemo
from tests.demo.waiting import eventually
from tests.runbooks.page import Page
from tests.shop.customers import Customer
from tests.shop.running import Shop

WITHIN = 40.0  # seconds; a worker's first try, a breaker's pause, two busy cores
ADDRESS = {"line1": "Speicherstadt 4", "city": "Hamburg", "postal_code": "20457", "country": "DE"}
NUMBERS = itertools.count(1)


class TheShop(Shop):
    """The demo's, behind the front door."""

    def __init__(self, demo: WholeDemo) -> None:
        self.url, self.state = demo.front, demo.place.data("shop")


class Night:
    """The demo, its customers, and the engineer's pages."""

    def __init__(self, demo: WholeDemo) -> None:
        self.demo = demo
        self.place = demo.place
        self.shop = TheShop(demo)
        self.container = Container(Config.from_env(read_env(demo.place)))
        self._carts: list[str] = []

    @property
    def settings(self) -> dict[str, str]:
        return commands_env(read_env(self.place))

    def page(self, name: str, **settings: str) -> Page:
        return Page(name, self.settings | settings)

    def switches_to(self, mode: str) -> None:
        switch_mode(self.container, Mode(mode), "Ida", "a walk of the tests")

    # --- customers

    def baskets(self, number: int) -> None:
        """So many customers have a book in their basket, for which the shop has to be there."""
        for _ in range(number):
            token = Customer(self.shop).put_in_basket("BK-7").cart_token
            assert token
            self._carts.append(token)

    def buys(self, email: str = "") -> str:
        """One of them orders with us; the order's ref."""
        answer = self._checks_out(email)()
        assert answer.status_code == 202, answer.text
        ref: str = answer.json()["ref"]
        return ref

    def keeps_trying_to_buy(self) -> str:
        """As a browser does that gets no answer: the same form, with the same key."""
        checks_out = self._checks_out()

        def tries() -> str:
            try:
                answer = checks_out()
            except requests.ConnectionError:
                return ""
            return answer.json()["ref"] if answer.status_code == 202 else ""

        return eventually(tries, within=WITHIN)

    def _checks_out(self, email: str = "") -> Callable[[], requests.Response]:
        body = {
            "cart_token": self._carts.pop(),
            "contact": {"name": "Grace Hopper", "email": email or f"grace{next(NUMBERS)}@example.org"},
            "shipping_address": ADDRESS,
            "delivery": {"id": "standard"},
            "payment": {"confirmation_token": "pm_card_visa"},
            "locale": "en-GB",
        }
        url, key = f"{self.place.url('fallback')}/v1/orders", {"Idempotency-Key": str(uuid4())}
        return lambda: requests.post(url, json=body, headers=key, timeout=20)

    def order(self, ref: str) -> Order:
        return self.container.ledger.load(ref)

    def gets(self, ref: str, wanted: str) -> None:
        """As soon as this is how the order stands."""
        eventually(lambda: headline(self.order(ref)) == wanted, within=WITHIN)

    # --- processes

    def restarts(self, name: str) -> None:
        """It is asked to stop, and the supervisor starts it again."""
        pid = alive(self.place, name)
        assert pid
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: alive(self.place, name) not in (pid, None), within=WITHIN)

    def stops(self, name: str) -> None:
        """It finishes what is in flight, and stays down."""
        pid = alive(self.place, name)
        assert pid
        os.kill(pid, signal.SIGTERM)
        eventually(lambda: alive(self.place, name) != pid, within=WITHIN)
        self.place.broken_file(name).write_text("down")
        eventually(lambda: alive(self.place, name) is None, within=WITHIN)

    def starts(self, name: str) -> None:
        self.place.broken_file(name).unlink(missing_ok=True)
        eventually(lambda: alive(self.place, name), within=WITHIN)

    def is_ready(self) -> bool:
        return answers(f"{self.place.url('fallback')}/readyz")


@pytest.fixture(scope="package")
def _demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeDemo]:
    demo = WholeDemo(tmp_path_factory.mktemp("night"))
    yield demo
    demo.down()


@pytest.fixture
def night(_demo: WholeDemo) -> Iterator[Night]:
    night = Night(_demo)
    yield night
    _demo.heal_all()
    for name in ("worker", "clock"):
        night.starts(name)
    night.switches_to("standby")
    night.container.redis.close()
