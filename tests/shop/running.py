"""A real shop process on a free port, and a stand-in for Fallback that knows which carts it has captured."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import requests

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.pushed_carts import short_form
from tests.ports import free_port

REPO = Path(__file__).parents[2]
NAME = "demo-shop"
TOKEN = "the-token-that-both-share"
STAFF = ("staff@harbour-books.example", "harbour-lamp")
CART_KEY: dict[str, Any] = {"kty": "oct", "kid": "demo-1", "alg": "HS256", "k": secrets.token_urlsafe(32)}


@dataclass
class Shop:
    url: str
    state: Path
    process: subprocess.Popen[bytes]

    def call(self, method: str, path: str, token: str = TOKEN, **kwargs: Any) -> requests.Response:
        """One request to the HTTP contract."""
        return requests.request(
            method,
            f"{self.url}/fallback/v1/{path}",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
            **kwargs,
        )

    def orders_of(self, cart_id: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.call("GET", "orders", params={"cart_id": cart_id}).json()["orders"]
        return found

    def sql(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.state / "shop.sqlite3", timeout=20) as database:
            rows = database.execute(statement, values).fetchall()
        database.close()
        return rows

    def in_stock(self, sku: str) -> int:
        """How many copies may still be sold."""
        query = "select num_in_stock - coalesce(num_allocated, 0) from partner_stockrecord where partner_sku = ?"
        return int(self.sql(query, sku)[0][0])

    @contextmanager
    def priced(self, sku: str, price: str) -> Iterator[None]:
        """While the shop sells `sku` for another price."""
        [(usual,)] = self.sql("select price from partner_stockrecord where partner_sku = ?", sku)
        self.sql("update partner_stockrecord set price = ? where partner_sku = ?", price, sku)
        yield
        self.sql("update partner_stockrecord set price = ? where partner_sku = ?", usual, sku)

    @contextmanager
    def broken(self, **fault: Any) -> Iterator[None]:
        """While the shop has a fault, see ops/demo/shop/faults.py."""
        aside = self.state / "fault.new"
        aside.write_text(json.dumps(fault))
        aside.rename(self.state / "fault")
        yield
        (self.state / "fault").unlink()


@dataclass
class StandInFallback:
    """Answers GET /v1/purchases/{cart_id} and PUT /v1/carts/{cart_id} as Fallback does.

    `pushed`: the tokens, by what the shop was given for them.
    """

    url: str
    captured: dict[str, str] = field(default_factory=dict)
    pushed: dict[str, str] = field(default_factory=dict)
    takes_carts: bool = True

    def answer(self, cart_id: str) -> dict[str, Any] | None:
        ref = self.captured.get(cart_id)
        if ref is None:
            return None
        order_url = f"{self.url}/orders/{ref}?key=signed"
        return {
            "cart_id": cart_id,
            "captured": True,
            "ref": ref,
            "status": "received",
            "order_url": order_url,
        }


@contextmanager
def stand_in_fallback() -> Iterator[StandInFallback]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            cart_id = unquote(self.path.removeprefix("/v1/purchases/"))
            allowed = self.headers["Authorization"] == f"Bearer {TOKEN}"
            answer = fallback.answer(cart_id) if allowed else None
            self.send_response(200 if answer else 404)
            self.end_headers()
            self.wfile.write(json.dumps(answer).encode())

        def do_PUT(self) -> None:
            cart_id = unquote(self.path.removeprefix("/v1/carts/"))
            token = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["cart_token"]
            taken = fallback.takes_carts and self.headers["Authorization"] == f"Bearer {TOKEN}"
            cookie = str(short_form(cart_id, token))
            if taken:
                assert CartTokens({"keys": [CART_KEY]}, NAME).read(token, datetime.now(UTC)).cart_id == cart_id
                fallback.pushed[cookie] = token
            self.send_response(200 if taken else 503)
            self.end_headers()
            self.wfile.write(json.dumps({"cart_id": cart_id, "fallback_cart": cookie} if taken else {}).encode())

        def log_message(self, *args: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    fallback = StandInFallback(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield fallback
    server.shutdown()
    thread.join()
    server.server_close()


@contextmanager
def running_shop(state: Path, fallback_url: str, honours_prices: bool = True) -> Iterator[Shop]:
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    environment = os.environ | {
        "SHOP_CART_KEY": json.dumps(CART_KEY),
        "SHOP_FALLBACK_TOKEN": TOKEN,
        "SHOP_FALLBACK_URL": fallback_url,
        "SHOP_PUBLIC_URL": url,
        "SHOP_NAME": NAME,
        "SHOP_HONOURS_PRICES": str(int(honours_prices)),
        "SHOP_ADMIN_PASSWORD": STAFF[1],
    }
    command = [sys.executable, "-m", "ops.demo.shop"]
    subprocess.run([*command, "prepare", "--state", str(state)], check=True, env=environment, cwd=REPO, timeout=60)
    with (state / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "serve", "--state", str(state), "--port", str(port)],
            env=environment,
            cwd=REPO,
            stdout=log,
            stderr=log,
        )
    shop = Shop(url, state, process)
    wait_until(lambda: answers(shop), seconds=30)
    yield shop
    process.send_signal(signal.SIGTERM)
    process.wait(timeout=15)


def answers(shop: Shop) -> bool:
    try:
        return shop.call("GET", "health").ok
    except requests.ConnectionError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    pause = threading.Event()
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {seconds} s: {condition}")
        pause.wait(0.1)
