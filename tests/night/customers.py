"""Customers who come all night by the front door, as their browsers do, and how each of their requests was answered."""

from __future__ import annotations

import re
import threading
import time
from datetime import UTC, datetime
from itertools import count
from random import Random
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import requests
from requests.adapters import HTTPAdapter

from ops.demo.env import SHOP_NAME
from ops.demo.settings import DRILL_CART
from tests.crash.world import VISA, card_token
from tests.web.world import a_cart, a_form, signed

PRICE = DRILL_CART["unit_price"] + DRILL_CART["delivery"]["price"]
PATIENCE = 20.0  # seconds
# Seconds between two visits of a customer, early and late.
THINKS, RESTS = (1.0, 2.0), (4.0, 8.0)
HTML = {"Accept": "text/html,*/*;q=0.8"}
LEADS_ON = re.compile(r'<a class="button" href="/(checkout|orders/FB-)')
OUR_FORM = re.compile(r'name="nonce" value="([^"]+)"')
SHOP_FORM = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class Answer(NamedTuple):
    """`status`: 0 if there was none. `leads_on`: instead of the shop's page, it leads to the checkout or the order."""

    at: float
    status: int
    path: str
    leads_on: bool

    @property
    def failed(self) -> bool:
        return not self.leads_on and (self.status == 0 or self.status >= 500)


class Bought(NamedTuple):
    """`at`: when the customer was told. `key`: opens the order's page. `paid`: with a card that Stripe knows."""

    at: float
    ref: str
    key: str
    paid: bool


class Places(NamedTuple):
    """Where customers go, and what they need to look like those of the demo."""

    front: str
    stripe: str
    stripe_key: str
    cart_key: dict[str, str]


class Customer:
    """One browser, with an address of its own. All that the customer asks for is noted in `answers`."""

    def __init__(self, places: Places, address: str) -> None:
        self.answers: list[Answer] = []
        self.bought: list[Bought] = []
        self.address = address
        self._places = places
        self._browser = requests.Session()
        self._browser.headers.update(HTML)
        self._browser.mount("http://", FromAddress(address))

    def put_a_book_in_their_basket(self) -> None:
        """In the shop, which leaves its cookie for us."""
        page = self.get("/catalogue/the-lighthouse-ledger_1/").text
        token = SHOP_FORM.search(page)
        assert token, "the shop shows no book"
        self._ask("POST", "/basket/add/1/", data={"csrfmiddlewaretoken": token[1], "quantity": "1"})
        assert self.cart, "the shop left no cart"

    @property
    def cart(self) -> str:
        return self._browser.cookies.get("fallback_cart", "")

    def bring(self, cart: str) -> None:
        """The customer comes with a cart that the shop signed some time ago, and no other cookie."""
        self._browser.cookies.clear()
        self._browser.cookies.set("fallback_cart", cart)

    def get(self, path: str) -> requests.Response:
        return self._ask("GET", path)

    def check_out(self, email: str) -> bool:
        """False if the checkout that the customer finds is the shop's own."""
        cart = self.cart
        nonce = OUR_FORM.search(self.get("/checkout/").text)
        if not nonce:
            return False
        card = self._card()
        paid = {"payment": "card", "confirmation_token": card} if card else {"payment": "later"}
        form = a_form(cart_token=cart, nonce=nonce[1], **paid, **{"contact.email": email})
        placed = self._ask("POST", "/checkout", data=form)
        assert placed.status_code != 400, f"the customer left out something: {email}"
        if placed.status_code == 303:
            address = urlsplit(placed.headers["Location"])
            [key] = parse_qs(address.query)["key"]
            self.bought.append(Bought(time.monotonic(), address.path.split("/")[2], key, bool(card)))
            self.get(placed.headers["Location"])
        return True

    def pay_what_is_open(self) -> None:
        """The customer could not enter a card while Stripe was away."""
        for place, order in enumerate(self.bought):
            if order.paid or not (card := self._card()):
                continue
            body = {"payment": {"confirmation_token": card}}
            headers = {"Authorization": f"Bearer {order.key}"}
            if self._ask("POST", f"/v1/orders/{order.ref}/payment", json=body, headers=headers).status_code == 202:
                self.bought[place] = order._replace(paid=True)

    def _card(self) -> str | None:
        """What their browser gets from Stripe, if Stripe answers it."""
        try:
            return card_token(self._places.stripe, VISA, self._places.stripe_key)
        except requests.RequestException:
            return None

    def _ask(self, method: str, path: str, **what: Any) -> requests.Response:
        at = time.monotonic()
        try:
            answer = self._browser.request(
                method, self._places.front + path, timeout=PATIENCE, allow_redirects=method == "GET", **what
            )
        except requests.RequestException:
            answer = requests.Response()
            answer.status_code = 0
        leads_on = answer.status_code == 503 and bool(LEADS_ON.search(answer.text))
        self.answers.append(Answer(at, answer.status_code, urlsplit(path).path, leads_on))
        return answer


class FromAddress(HTTPAdapter):
    """On Linux all of 127.0.0.0/8 is this machine: each customer comes from elsewhere, as the limits expect."""

    def __init__(self, address: str) -> None:
        self._address = address
        super().__init__()

    def init_poolmanager(self, *given: Any, **named: Any) -> None:
        super().init_poolmanager(*given, source_address=(self._address, 0), **named)


class Crowd:
    """Customers who look around and buy, again and again, until `go_home`. The same for the same seed."""

    def __init__(self, heads: int, places: Places, seed: int) -> None:
        self.customers = [Customer(places, f"127.0.2.{number + 1}") for number in range(heads)]
        self._places = places
        self._tired = threading.Event()
        self._home = threading.Event()
        self._failures: list[BaseException] = []
        self._threads = [
            threading.Thread(target=self._shop, args=(customer, Random(seed + number)))
            for number, customer in enumerate(self.customers)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def bought(self) -> list[Bought]:
        return [order for customer in self.customers for order in list(customer.bought)]

    @property
    def answers(self) -> list[Answer]:
        return [answer for customer in self.customers for answer in list(customer.answers)]

    def grow_tired(self) -> None:
        """From now on they come seldom, and only look."""
        self._tired.set()

    def go_home(self) -> None:
        """Raises what one of them has met."""
        self._home.set()
        for thread in self._threads:
            thread.join()
        failures, self._failures = self._failures, []
        for failure in failures:
            raise failure

    def _shop(self, customer: Customer, random: Random) -> None:
        try:
            for visit in count():
                if self._home.wait(random.uniform(*(RESTS if self._tired.is_set() else THINKS))):
                    return
                cart = self._a_cart(f"basket-{UUID(int=random.getrandbits(128), version=4)}")
                self._visit(customer, cart, f"visit{visit}@{customer.address}.example.org")
        except BaseException as failure:  # noqa: BLE001 - raised again in `go_home`
            self._failures.append(failure)

    def _visit(self, customer: Customer, cart: str, email: str) -> None:
        customer.bring(cart)
        customer.get("/")
        customer.bring(cart)  # a shop that does not know their basket took it away
        if self._tired.is_set():
            customer.get("/checkout/")
        else:
            customer.check_out(email)
        customer.pay_what_is_open()

    def _a_cart(self, cart_id: str) -> str:
        now = int(datetime.now(UTC).timestamp())
        price, delivery = DRILL_CART["unit_price"], DRILL_CART["delivery"]
        line = {"sku": DRILL_CART["sku"], "title": DRILL_CART["title"], "quantity": 1, "unit_price": price}
        cart = a_cart(
            iss=SHOP_NAME,
            iat=now,
            exp=now + 3600,
            cart_id=cart_id,
            lines=[line],
            tax={"included": True, "amount": 85},
            delivery=[delivery | {"slots": []}],
            totals={"goods": price, "discount": 0, "tax": 85, "total": price},
        )
        return signed(cart, self._places.cart_key)
