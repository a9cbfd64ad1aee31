"""An agent at work on one order."""

from __future__ import annotations

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.domain.order.order import Order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import forge, send
from tests.web.html import Page, follow

ME = "console"


class AtWork:
    """An agent with an order before them."""

    def __init__(self, agent: FlaskClient, ledger: FakeLedger, order: Order) -> None:
        self.agent = agent
        self.ledger = ledger
        self.ref = ledger.keep(order).ref

    def page(self) -> Page:
        return Page(self.agent.get(f"/console/orders/{self.ref}"))

    def form(self, noun: str) -> Page:
        """The order's page if the form stands on it, or its own page."""
        address, page = f"/console/orders/{self.ref}/{noun}", self.page()
        return page if page.all("form", action=address) else Page(self.agent.get(address))

    def send(self, noun: str, page: Page | None = None, **typed: str) -> TestResponse:
        """`page`: with the form as it was when it was opened."""
        return send(self.agent, page or self.form(noun), f"/{noun}", typed)

    def forge(self, noun: str, **fields: str) -> TestResponse:
        """What the page does not offer now; an old one may have."""
        seen = str(len(self.ledger.timeline(self.ref)))
        return forge(self.agent, f"/console/orders/{self.ref}/{noun}", {"seen": seen} | fields)

    def does(self, noun: str, **fields: str) -> Page:
        return follow(self.agent, self.send(noun, **fields))

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(event.what, event.who) for event in self.ledger.timeline(self.ref)]
