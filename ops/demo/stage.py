"""The stage of a game day: a running demo, a customer who orders through its proxy, and checks of that order."""

import os
import secrets
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import msgspec
import requests

from fallback.bootstrap.container import Container
from fallback.config import Config
from fallback.domain.errors import FallbackError
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, PaymentState
from fallback.payments.drill_card import drill_card
from fallback.primaries.front_door import HttpFrontDoor
from ops.demo import breaking, running
from ops.demo.env import SHOP_NAME, read_env
from ops.demo.mail_sink import mails
from ops.demo.places import Place
from ops.demo.settings import DRILL_CART
from ops.demo.shop.fallback_connect.cart_token import sign

LOOKED_EVERY = 0.1  # seconds
WELL_WITHIN = 90.0
CLOCK_SKEW = timedelta(minutes=1)


@dataclass(frozen=True)
class Check:
    """`seconds`: how long it took until the check passed, or how long the game day waited."""

    what: str
    within: float
    held: bool
    seconds: float


class Stage:
    """For one act: a customer with a cart. Their card is created first, while everything works."""

    def __init__(self, place: Place, tell: Callable[[Check], object]) -> None:
        self.place = place
        self.checks: list[Check] = []
        self._tell = tell
        self._env = read_env(place)
        self._container = Container(Config.from_env(self._env))
        self._cart_id = f"game-day-{secrets.token_hex(6)}"
        self._email = f"{self._cart_id}@example.com"
        self._began = datetime.now(UTC)
        self.holds("Everything works before the act begins.", WELL_WITHIN, lambda: running.status(place).ready)
        self._body = self._order(drill_card(self._env["STRIPE_SECRET_KEY"], self._env["STRIPE_API_BASE"]))

    def holds(self, what: str, within: float, seen: Callable[[], bool]) -> None:
        """Repeats the check until it passes or the time is over. No response counts as not passed."""
        began, held = time.monotonic(), False
        while not held and time.monotonic() - began < within:
            with suppress(FallbackError, requests.RequestException):
                held = seen()
            if not held:
                time.sleep(LOOKED_EVERY)
        check = Check(what, within, held, round(time.monotonic() - began, 1))
        self.checks.append(check)
        self._tell(check)

    # --- actions

    def breaks(self, name: str) -> None:
        breaking.break_it(self.place, name, "down")

    def heals(self, name: str) -> None:
        breaking.heal(self.place, name)

    def kills(self, name: str) -> None:
        """Kills the process and its children; the supervisor restarts it."""
        pid = running.alive(self.place, name)
        assert pid
        os.killpg(pid, signal.SIGKILL)

    def the_customer_orders(self) -> bool:
        """With the same key it is the same order, so the customer may repeat the request."""
        return bool(HttpFrontDoor(self._env["PUBLIC_URL"]).order(self._body, self._cart_id))

    def their_checkout_opens(self) -> bool:
        """Opens the checkout at the shop's own URL."""
        token = msgspec.json.decode(self._body)["cart_token"]
        answer = requests.get(
            f"{self.place.url('front')}/checkout/",
            headers={"Accept": "text/html"},
            cookies={"fallback_cart": token},
            timeout=10,
        )
        return answer.status_code == 200 and token in answer.text

    # --- checks

    @property
    def order(self) -> Order:
        """Raises FallbackError."""
        return self._container.ledger.load(self._container.ledger.ref_of_cart(self._cart_id) or "")

    def is_authorized(self) -> bool:
        return self.order.payment.state in (PaymentState.AUTHORIZED, PaymentState.CAPTURED)

    def is_settled(self) -> bool:
        """In the shop, read back and paid."""
        return headline(self.order) is Headline.SETTLED

    def is_in_shop_once(self) -> bool:
        there = self._container.primary.placed_since(self._began - CLOCK_SKEW)
        return sum(each.cart_id == self._cart_id for each in there) == 1

    def was_written_to(self) -> bool:
        return any(self._email in str(mail["To"]) for mail in mails(self.place.mail))

    # --- the customer's order

    def _order(self, card: str) -> bytes:
        price = DRILL_CART["unit_price"]
        line = {name: DRILL_CART[name] for name in ("sku", "title", "unit_price")} | {"quantity": 1}
        cart = {
            "cart_id": self._cart_id,
            "currency": DRILL_CART["currency"],
            "lines": [line],
            "tax": {"included": True, "amount": 0},
            "delivery": [DRILL_CART["delivery"]],
            "totals": {"goods": price, "discount": 0, "tax": 0, "total": price},
        }
        key = msgspec.json.decode(self._env["SHOP_CART_KEY"])
        requested = {
            "cart_token": sign(cart, SHOP_NAME, key, self._began),
            "contact": {"name": "Gail Day", "email": self._email},
            "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
            "delivery": {"id": "standard"},
            "payment": {"confirmation_token": card},
        }
        return msgspec.json.encode(requested)
