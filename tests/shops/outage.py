"""An outage of a real shop, and our processes as they are deployed: web, worker and clock, Redis, Stripe sandbox, mail.

`HELD_ORDERS=1000 CALLS=300 ./ops/bin/test tests/shops/medusa/test_outage.py -s` makes a larger one, in which the shop
takes so many calls in ten seconds all the time, and prints its figures.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import requests
from joserfc import jws
from joserfc.jwk import import_key
from msgspec import Struct
from msgspec.json import decode

from fallback.bootstrap.container import Container
from fallback.domain.errors import RateLimited
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Order, PaymentState, Queue
from fallback.domain.order.refs import new_ref
from fallback.domain.outage.mode import Mode
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import FAILURES
from ops.demo.running import answers
from ops.demo.stripe_sandbox import Options, launch
from tests.crash.fleet import BIN, Program, deployed
from tests.crash.world import LETTERS, VISA, card_token, mail_sink
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.redis_server import RedisServer
from tests.shops.node import NodeShop
from tests.web.world import ONCALL_TOKEN, a_config, signed
from tests.workers.running import environment

# Calls that wait for the shop at the same time. Our look at its health asks beside them.
THREADS, LOOKS = 8, 2
# In ten seconds: fewer than a drain makes on any machine, until the limit was reached so often; then enough.
FEW, REACHED, ENOUGH = 8, 2, 100_000
PATIENCE = 600.0


@dataclass
class RealShop:
    """`basket`: the cart token of a customer who fills one there. `limit`: the file of its rate limit.

    `booked`: what its database says of the payment of each of our orders, one line for each order that has our ref:
    its state, and what was captured.
    """

    kind: str
    settings: Struct
    url: str
    name: str
    cart_key: dict[str, str]
    process: NodeShop
    limit: Path
    delivery: str
    basket: Callable[[], str]
    booked: Callable[[], list[tuple[str, str, int]]]
    backup: Callable[[Path], None]
    restore: Callable[[Path], None]

    @property
    def refused(self) -> list[int]:
        """How many calls its rate limit turned away, in each of the times at which it was reached."""
        log = self.limit.with_name(f"{self.limit.name}.refused")
        return list(Counter(log.read_text().split()).values()) if log.exists() else []


@dataclass
class Outage:
    """`refs`: the orders that were taken in it; the first is of the shop's own basket."""

    shop: RealShop
    web: str
    stripe: str
    container: Container
    env: Mapping[str, str]
    refs: list[str] = field(default_factory=list)
    took: float = 0.0

    def switch(self, mode: Mode) -> None:
        headers, body = {"Authorization": f"Bearer {ONCALL_TOKEN}"}, {"mode": mode, "reason": "a test"}
        requests.put(f"{self.web}/v1/mode", json=body, headers=headers, timeout=30).raise_for_status()

    def fallback(self, *words: str) -> tuple[int, str]:
        """The exit code of a command that an on-call engineer types, and what it says."""
        command = [str(BIN / "fallback"), *words]
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, check=False, timeout=120)
        return done.returncode, done.stdout + done.stderr

    def captures(self, carts: list[str]) -> None:
        """One customer buys each of them by card."""
        with ThreadPoolExecutor(4) as threads:
            self.refs += threads.map(self._buys, carts)
        paid = {PaymentState.AUTHORIZED, PaymentState.CAPTURED}
        eventually(lambda: {order.payment.state for order in self.orders} <= paid, within=self._patience, every=0.5)

    def _buys(self, cart: str) -> str:
        cart_id = claims(cart, self.shop.cart_key)["cart_id"]
        body = {
            "cart_token": cart,
            "contact": {"name": "Iris Murdoch", "email": f"{cart_id.lower()}@example.org"},
            "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
            "delivery": {"id": self.shop.delivery},
            "payment": {"confirmation_token": card_token(self.stripe, VISA, Options.secret_key)},
        }
        answer = requests.post(f"{self.web}/v1/orders", json=body, headers={"Idempotency-Key": cart_id}, timeout=60)
        assert answer.status_code == 202, answer.text
        ref: str = answer.json()["ref"]
        return ref

    def drains(self) -> None:
        """Until every order is settled, and the shop knows of its payment."""
        began = time.monotonic()
        self.switch(Mode.DRAINING)
        eventually(self._over, within=self._patience, every=0.5)
        self.took = time.monotonic() - began

    def _over(self) -> bool:
        if len(self.shop.refused) >= REACHED and "CALLS" not in os.environ:
            self.shop.limit.write_text(str(ENOUGH))
        return all(
            headline(order) is Headline.SETTLED and Queue.PLACEMENT not in due_times(order) for order in self.orders
        )

    @property
    def _patience(self) -> float:
        return PATIENCE + 10 * len(self.refs)

    @property
    def orders(self) -> Iterator[Order]:
        return map(self.container.ledger.load, self.refs)

    @property
    def captured(self) -> Mapping[str, tuple[int, int]]:
        """How often Stripe captured each order, and how much."""
        found = requests.get(f"{self.stripe}/_sandbox/summary", timeout=30).json()["orders"]
        return {ref: (order["captures"], order["captured"]) for ref, order in found.items()}


def claims(cart: str, key: dict[str, str]) -> dict[str, Any]:
    found: dict[str, Any] = decode(jws.deserialize_compact(cart, import_key(key), algorithms=[key["alg"]]).payload)
    return found


def like_it(cart: str, key: dict[str, str]) -> str:
    """Another customer's basket with the same things in it, signed as the shop signs."""
    return signed(claims(cart, key) | {"cart_id": f"basket-{uuid4().hex.translate(LETTERS)}"}, key)


@contextmanager
def our_processes(shop: RealShop, redis: RedisServer, folder: Path) -> Iterator[Outage]:
    web, mail = free_port(), free_port()
    url = f"http://127.0.0.1:{web}"
    secret = a_config().stripe_webhook_secret[0]
    with (
        launch(folder / "stripe", webhook_url=f"{url}/webhooks/stripe", webhook_secret=secret) as stripe,
        mail_sink(folder / "mail", mail),
    ):
        settings = {
            "redis_url": redis.url,
            "port": web,
            "public_url": url,
            "primary_kind": shop.kind,
            "primary_url": shop.url,
            "primary": shop.settings,
            "cart_keys": {"keys": [shop.cart_key]},
            "fallback_shop": shop.name,
            "stripe_api_base": stripe,
            "stripe_secret_key": Options.secret_key,
            "smtp_url": f"smtp://127.0.0.1:{mail}",
            "fallback_shift_threads": THREADS,
            "fallback_orders_per_minute": 100_000,
            # No switch but ours: a busy machine is slow to answer our looks at the shop.
            "fallback_failed_customers": 100_000,
            # Our looks come from the same address as the drain, and would use up what the shop takes from it.
            "fallback_probe_seconds": 30.0,
        }
        programs: list[Program] = []
        container = Container(a_config(**settings))
        try:
            programs += [deployed(name, folder / f"{name}.log", settings) for name in ("web", "worker", "clock")]
            eventually(lambda: answers(f"{url}/readyz"), within=60)
            env = os.environ | environment(container.config)
            yield Outage(shop, url, stripe, container, env)
        finally:
            for program in programs:
                program.close()
            container.redis.close()


def an_outage(shop: RealShop, redis: RedisServer, folder: Path, orders: int) -> Iterator[Outage]:
    """The shop dies, its customers buy here, and it returns with a rate limit: it gets every order all the same."""
    orders = int(os.environ.get("HELD_ORDERS", orders))
    basket = shop.basket()
    with our_processes(shop, redis, folder) as outage:
        shop.process.kill()
        outage.switch(Mode.ACTIVE)
        outage.captures([basket, *(like_it(basket, shop.cart_key) for _ in range(orders - 1))])
        shop.limit.write_text(os.environ.get("CALLS", str(FEW)))
        try:
            shop.process.start()
            outage.drains()
        finally:
            shop.limit.unlink()
        print(  # noqa: T201 - what a larger one is for
            f"\n{shop.kind}: {orders} orders in {outage.took:.0f} s, {orders / outage.took:.2f} a second."
            f" The rate limit was reached {len(shop.refused)} times, {sum(shop.refused)} calls were refused."
        )
        yield outage


# --- what is to be seen then, in any shop


def each_is_there_once_as_agreed_and_paid(outage: Outage) -> None:
    orders = {order.ref: order for order in outage.orders}
    since = min(order.received_at for order in orders.values()) - timedelta(minutes=1)
    there = list(outage.container.primary.placed_since(since))
    ours = {order.ref: order for order in there if order.ref in orders}

    assert sorted(order.ref for order in there if order.ref in orders) == sorted(orders)
    assert {ref: differences(order, ours[ref]) for ref, order in orders.items()} == dict.fromkeys(orders, ())
    assert outage.captured == {ref: (1, order.payment.amount) for ref, order in orders.items()}
    agreed = sorted((ref, "captured", order.payment.amount) for ref, order in orders.items())
    # The shop hears of the money after the order is settled.
    eventually(lambda: sorted(line for line in outage.shop.booked() if line[0] in orders) == agreed, within=60)


def the_rate_limit_was_kept_and_held_nothing(outage: Outage) -> None:
    """It was reached, and every time none but the calls that were under way met it."""
    assert len(outage.shop.refused) >= REACHED
    assert max(outage.shop.refused) <= THREADS + LOOKS
    assert [order.holds for order in outage.orders] == [()] * len(outage.refs)


def a_shop_that_limits_calls_is_not_taken_for_one_that_is_down(primary: Primary, limit: Path) -> None:
    limit.write_text("0")
    try:
        with ThreadPoolExecutor(2 * FAILURES) as threads:
            waits = list(threads.map(lambda _: _limited(primary), range(2 * FAILURES)))
    finally:
        limit.unlink()

    assert all(0 < seconds <= 10 for seconds in waits)
    assert primary.available


def _limited(primary: Primary) -> float:
    with pytest.raises(RateLimited) as told:
        primary.find(new_ref())
    return told.value.after


def what_an_older_backup_lacks_is_named_by_the_audit_and_placed_again(outage: Outage, backup: Path) -> None:
    """As ops/runbooks/primary-regressed.md has it."""
    outage.shop.backup(backup)
    outage.captures([like_it(outage.shop.basket(), outage.shop.cart_key)])
    outage.drains()
    kept, lost = outage.refs[:-1], outage.refs[-1]

    outage.shop.restore(backup)

    assert outage.container.primary.find(lost) is None
    code, found = _audited(outage)
    assert (code, found["checked"], found["lost"]) == (1, len(outage.refs), [lost])
    assert outage.container.ledger.load(lost).holds[0].code == HoldCode.PRIMARY_REGRESSED
    assert not any(outage.container.ledger.load(ref).holds for ref in kept)

    outage.fallback("orders", "release", lost, HoldCode.PRIMARY_REGRESSED)
    outage.fallback("incident", "lift", "--reason", "the shop's data is final")
    outage.drains()

    each_is_there_once_as_agreed_and_paid(outage)
    code, found = _audited(outage)
    assert (code, "lost" in found) == (0, False)


def _audited(outage: Outage) -> tuple[int, Mapping[str, Any]]:
    """By the command, once more while the shop that has just started does not answer it in time."""

    def audited() -> tuple[int, Mapping[str, Any]] | None:
        code, said = outage.fallback("incident", "audit", "--json")
        found: Mapping[str, Any] = decode(said)
        return None if found.get("why_not") else (code, found)

    return eventually(audited, within=PATIENCE)
