"""Our own web process, on a free port, for shops that ask it and push carts to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import requests
from werkzeug.serving import make_server

from fallback.bootstrap.container import Container
from fallback.domain.checkout.cart_token import CartTokens
from fallback.web.app import create_app
from tests.web.conftest import a_container


@dataclass
class Checkout:
    url: str
    container: Container

    def orders(self, cart_token: str) -> str:
        """The ref of a customer's order; `cart_token` as the shop's cookie has it."""
        body = {
            "cart_token": cart_token,
            "contact": {"name": "Iris Murdoch", "email": "iris@example.org"},
            "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
            "delivery": {"id": "standard"},
            "payment": "later",
            "locale": "en",
        }
        answer = requests.post(
            f"{self.url}/v1/orders", json=body, headers={"Idempotency-Key": cart_token[-40:]}, timeout=30
        )
        assert answer.status_code == 202, answer.text
        ref: str = answer.json()["ref"]
        return ref


@contextmanager
def running_checkout(cart_key: dict[str, Any], shop: str) -> Iterator[Checkout]:
    """It sells the carts of this shop."""
    container = a_container(datetime.now(UTC))
    container.clock = lambda: datetime.now(UTC)
    container.cart_tokens = CartTokens({"keys": [cart_key]}, shop)
    server = make_server("127.0.0.1", 0, create_app(container), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield Checkout(f"http://127.0.0.1:{server.server_port}", container)
    server.shutdown()
    thread.join()
    server.server_close()
