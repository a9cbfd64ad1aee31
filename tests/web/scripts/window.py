"""A window whose requests are answered by the application, in a real browser: what scripts do there."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from flask.testing import FlaskClient
from playwright.sync_api import Browser, Page, Request, Route

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order
from tests.fakes.ledger import FakeLedger

OURS = "http://localhost"
PHONE = {"width": 360, "height": 740}
STRIPE = """
window.Stripe = () => ({
  elements: ({ amount }) => {
    document.body.dataset.charge = amount;
    const shown = document.createElement("p");
    shown.textContent = "card fields";
    return {
      create: () => ({
        on: (name, listener) => { if (name === "ready") queueMicrotask(listener); },
        mount: (place) => place.append(shown),
      }),
      update: (options) => { document.body.dataset.charge = options.amount; },
      submit: async () => (document.body.dataset.refused ? { error: { message: document.body.dataset.refused } } : {}),
    };
  },
  createConfirmationToken: async () => ({ confirmationToken: { id: "ctoken_stand_in" } }),
});
"""


class Window:
    """A window on a phone whose requests to us are answered by the application, without a network."""

    def __init__(self, chromium: Browser, app: FlaskClient) -> None:
        context = chromium.new_context(viewport=PHONE, locale="en-GB", timezone_id="Europe/Berlin")
        self.page = context.new_page()
        self.app = app
        self.sent: list[Request] = []
        self.complaints: list[str] = []
        self.page.route("**/*", lambda route: route.abort())
        self.page.route("http://shop.example/media/*", lambda route: route.fulfill(body=""))
        self.page.route("https://js.stripe.com/v3/", lambda route: route.fulfill(body=STRIPE))
        self.page.route(f"{OURS}/**", self._answer)
        self.page.on("request", lambda request: self.sent.append(request))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda said: self._hear(said.text))

    def open(self, path: str) -> Page:
        # Stripe.js may never arrive, and then the page never counts as loaded.
        self.page.goto(OURS + path, wait_until="domcontentloaded")
        return self.page

    def posts(self, path: str) -> list[dict[str, list[str]]]:
        """The fields of each form that was sent there."""
        return [
            parse_qs(request.post_data or "", keep_blank_values=True)
            for request in self.sent
            if request.method == "POST" and urlsplit(request.url).path == path
        ]

    def _answer(self, route: Route) -> None:
        request = route.request
        address = request.url.removeprefix(OURS)
        headers = {name: value for name, value in request.headers.items() if name not in ("cookie", "accept-encoding")}
        answer = self.app.open(address, method=request.method, headers=headers, data=request.post_data_buffer)
        if answer.location and request.is_navigation_request():
            # Where a redirect leads to, Chromium would ask the network and not us.
            route.fulfill(content_type="text/html", body=f'<meta http-equiv="refresh" content="0;{answer.location}">')
        else:
            route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.data)

    def _hear(self, text: str) -> None:
        if "Content Security Policy" in text:
            self.complaints.append(text)


def fill_in(page: Page) -> None:
    for label, value in {
        "E-mail": "iris@example.org",
        "Name": "Iris Murdoch",
        "Street and house number": "1 Quay",
        "Postcode": "HU1 1AA",
        "Town or city": "Hull",
    }.items():
        page.get_by_label(label, exact=True).fill(value)


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


def open_order(window: Window, container: Container, order: Order) -> tuple[Page, Order]:
    kept = container.ledger.keep(order)
    window.page.clock.install()
    return window.open(f"/orders/{kept.ref}?key={container.links.key(kept.ref)}"), kept
