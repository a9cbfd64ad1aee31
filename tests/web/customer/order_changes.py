"""The pages of an order for one who may change it: the customer with their link, or an agent."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order
from tests.web.filling import forge, press
from tests.web.html import Page


class Pages:
    """The pages of an order for one who may change it: the customer with their link, or an agent."""

    def __init__(self, browser: FlaskClient, order: Order, console: str = "", key: str = "") -> None:
        self.browser = browser
        self._page = f"{console}/orders/{order.ref}"
        self._key = f"?key={key}" if key else ""

    def order(self) -> Page:
        return Page(self.browser.get(self._page + self._key))

    def form(self, matter: str) -> Page:
        return Page(self.browser.get(f"{self._page}/{matter}{self._key}"))

    def send(self, matter: str, form: Page | None = None, **typed: Any) -> Page:
        """The form as it stands with what was typed, and the page to which it leads."""
        fields = {name.replace("__", "."): value for name, value in typed.items()}
        return press(self.browser, form or self.form(matter), f"/{matter}", fields)

    def forge(self, matter: str, field: str, value: str) -> Page:
        """The form with something in one field that nobody can choose there."""
        fields = self.form(matter).fields | {field: value}
        return Page(forge(self.browser, f"{self._page}/{matter}{self._key}", fields))


def of_theirs(browser: FlaskClient, container: Container, order: Order) -> Pages:
    return Pages(browser, order, key=container.links.key(order.ref))
