"""Orders in each state, and a customer with the signed link of one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Decline, Order, Payment, PaymentState, Placement, PlacementState
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import arrived, forge, press
from tests.web.html import Page
from tests.web.world import NOW

P, S = PaymentState, PlacementState


def payment(state: PaymentState, **changes: object) -> Payment:
    return Payment(amount=3093, state=state, **changes)


NOT_PAID = an_order(payment=payment(P.NONE))
DECLINED = an_order(payment=payment(P.ACTION_REQUIRED, decline=Decline("insufficient_funds", "customer")))
BANK_ASKS = an_order(payment=payment(P.ACTION_REQUIRED, next_action_url="https://bank.example/3ds"))
WAITING = an_order(payment=payment(P.AUTHORIZED, authorized=3093, capture_before=NOW + timedelta(days=7)))
PAYMENT_UNKNOWN = an_order(payment=payment(P.UNKNOWN))
ON_HOLD = an_order(payment=payment(P.AUTHORIZED), holds=(new_hold(HoldCode.OUT_OF_STOCK, "checkout desk", NOW),))
SETTLED = an_order(payment=payment(P.CAPTURED, captured=3093), placement=Placement(state=S.VERIFIED, number="100017"))
MERGED = an_order(payment=payment(P.VOIDED), placement=Placement(state=S.MERGED, number="100016"))
CANCELLED = an_order(payment=payment(P.VOIDED), placement=Placement(state=S.CANCELLED))


class Customer:
    """Somebody with the signed link of an order."""

    def __init__(self, browser: FlaskClient, container: Container, order: Order) -> None:
        self.browser = browser
        self.ledger: FakeLedger = container.ledger
        self.ref = self.ledger.keep(order).ref
        self.key = container.links.key(self.ref)

    def address(self, path: str = "") -> str:
        return f"/orders/{self.ref}{path}?key={self.key}"

    def open(self, path: str = "") -> Page:
        return Page(self.browser.get(self.address(path)))

    def form(self, path: str) -> Page:
        """The order's page if the form stands on it, or its own page."""
        page = self.open()
        on_it = any(urlsplit(form["action"]).path.endswith(path) for form in page.all("form"))
        return page if on_it else self.open(path)

    def press(self, path: str, page: Page | None = None, **typed: str) -> Page:
        """Sends the form, of a `page` as it was when it was opened, and goes where the answer leads."""
        return press(self.browser, page or self.form(path), path, typed)

    def forge(self, path: str, **fields: str) -> Page:
        """Sends what the page does not offer now; an old one may have."""
        return arrived(self.browser, forge(self.browser, self.address(path), fields))

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)


WithLink = Callable[[Order], Customer]
