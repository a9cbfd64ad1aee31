"""A world for the tests: real Redis, Stripe sandbox, shop and mail server, and processes that die in their steps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import requests

from fallback.bootstrap.container import Container
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order
from fallback.domain.support.accounts import Account, Role
from fallback.ledger.redis import keys
from ops.demo.mail_sink import mails
from tests.crash.books import read_books
from tests.crash.checker import Finding, check
from tests.crash.driver import Command, Outcome
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop
from tests.web.world import PRIMARY_TOKEN, a_cart, a_config, an_order_body, signed

ROOT = Path(__file__).parents[2]
STRIPE_KEY = "sk_test_sandbox"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
VISA = "pm_card_visa"
DECLINED = "pm_card_chargeDeclined"
ASKS_BANK = "pm_card_authenticationRequired"
# A step is made when the one before it has died and lost its patience; the others come when that one has.
NEXT, LATER = 60.0, 120.0

Steps = Sequence[Sequence[Any]]


class Driver:
    """The process that makes steps in processes of their own."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.crash.driver"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )

    def make(self, command: Command) -> Outcome:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(msgspec.json.encode(command) + b"\n")
        self._process.stdin.flush()
        return msgspec.json.decode(self._process.stdout.readline(), type=Outcome)

    def close(self) -> None:
        self._process.communicate()


class World:
    """`acknowledged`: the refs that customers were given."""

    def __init__(
        self, driver: Driver, redis: RedisServer, stripe: str, shop: ReferenceShop, mail: tuple[int, Path]
    ) -> None:
        self.redis = redis
        self.stripe = stripe
        self.shop = shop
        self.acknowledged: list[str] = []
        self._driver = driver
        port, self._mail = mail
        self.settings = {
            "redis_url": redis.url,
            "primary_url": shop.url,
            "primary_token": PRIMARY_TOKEN,
            "stripe_api_base": stripe,
            "stripe_secret_key": STRIPE_KEY,
            "smtp_url": f"smtp://127.0.0.1:{port}",
            "fallback_pace": 10_000.0,
            "fallback_ramp_start": 10_000.0,
            "fallback_captures_per_second": 10_000.0,
            "fallback_shift_threads": 8,
        }
        self._container = Container(a_config(**self.settings))

    # --- what customers bring

    def purchase(self, card: str | None = VISA, maybe_taken: bool = False) -> list[Any]:
        """The step 'place_order' for a cart of its own; without a card the customer pays later."""
        body = a_body(self.card(card) if card else None)
        return ["place_order", body, f"key-{uuid4()}", maybe_taken]

    def card(self, name: str) -> str:
        return card_token(self.stripe, name)

    def answers_their_bank(self, ref: str) -> None:
        url = self.order(ref).payment.next_action_url
        assert url
        requests.post(url, {"answer": "complete"}, timeout=10, allow_redirects=False).raise_for_status()

    def has_a_lead(self) -> None:
        """Nobody wrote to Lea lately: the next mail is sent, and does not wait for a summary."""
        if not self._container.people.find("Lea"):
            self._container.people.add(Account("Lea", Role.LEAD, email="lea@shop.example"))
        self.redis.client.delete(keys.mailed("lea"))

    # --- processes

    def make(self, *steps: Sequence[Any], ref: str = "", **how: Any) -> Outcome:
        command = Command(self.settings, [list(step) for step in steps], ref, **how)
        outcome = self._driver.make(command)
        if outcome.ref:
            self.acknowledged.append(outcome.ref)
        return outcome

    def work(self, **how: Any) -> None:
        """Plain shifts until nothing is due."""
        outcome = self.make(["work"], ahead=LATER, **how)
        assert (outcome.raised, outcome.ended_by) == (None, None)

    # --- what has become of it

    def order(self, ref: str) -> Order:
        return self._container.ledger.load(ref)

    def received(self) -> list[str]:
        """The refs of all orders, newest first."""
        return [order.ref for order in self._container.views.page().rows]

    def ends(self, refs: Iterable[str]) -> list[Headline]:
        return [headline(self.order(ref)) for ref in refs]

    def said(self, ref: str) -> list[str]:
        return [event.what for event in self._container.ledger.timeline(ref)]

    def mails(self, ref: str) -> int:
        return sum(ref in str(mail["Message-ID"]) for mail in mails(self._mail))

    def findings(self) -> list[Finding]:
        return check(self.acknowledged, read_books(self._container, self._mail))

    def close(self) -> None:
        self._container.redis.close()


def a_body(card: str | None) -> dict[str, Any]:
    """The body of POST /v1/orders for a cart that nobody else has, of somebody who buys nothing else."""
    now = datetime.now(UTC)
    times = {"iat": int(now.timestamp()), "exp": int((now + timedelta(hours=24)).timestamp())}
    payment = {"confirmation_token": card} if card else "later"
    # In letters: of many random digits some look like a card number, and are refused.
    cart_id = f"basket-{uuid4().hex.translate(LETTERS)}"
    contact = {"name": "Iris Murdoch", "email": f"{cart_id}@example.org"}
    return an_order_body(cart_token=signed(a_cart(cart_id=cart_id, **times)), payment=payment, contact=contact)


def card_token(stripe: str, name: str, key: str = STRIPE_KEY) -> str:
    """A confirmation token, as the browser makes it."""
    answer = requests.post(
        f"{stripe}/v1/test_helpers/confirmation_tokens",
        {"payment_method": name},
        headers={"Authorization": f"Bearer {key}"},
        timeout=10,
    )
    answer.raise_for_status()
    token: str = answer.json()["id"]
    return token


@contextmanager
def mail_sink(directory: Path, port: int) -> Iterator[None]:
    process = subprocess.Popen([sys.executable, "-m", "ops.demo.mail_sink", str(port), str(directory)], cwd=ROOT)
    yield
    process.terminate()
    process.wait()
