"""A WooCommerce shop for a test: played back from a file, or recorded into it from a real one.

To record anew, bring up a shop (CONTRIBUTING.md, 'Recordings of real shops') and run the tests with
RECORD_WOOCOMMERCE='http://127.0.0.1:8080 ck_… cs_…', RECORD_WOOCOMMERCE_SQL='mariadb … shop' and
RECORD_WOOCOMMERCE_FALLBACK='http://127.0.0.1:8090', its FALLBACK_URL.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shlex import split
from typing import Any

import pytest
import requests

from fallback.primaries.calls import Calls
from fallback.primaries.woocommerce import Settings
from fallback.primaries.woocommerce.primary import WooPrimary, line_to
from tests.exchanges import ADDRESS, STAND_IN, passed_on, played, recorded
from tests.primaries.woocommerce.stand_in import standing_in

EXCHANGES = Path(__file__).parent / "exchanges"
PAGE = "CONTRIBUTING.md, 'Recordings of real shops'"
# Enough for the shop of a developer to answer while eight threads ask.
PATIENCE = 60.0


class WooShop:
    """The adapter, and the hands of the people in the shop."""

    def __init__(self, url: str, key: str, secret: str, fallback: str = STAND_IN, sql: str = "") -> None:
        self._url, self._auth, self._sql, self._fallback = url, (key, secret), sql, fallback
        settings = Settings(primary_url=url, primary_user=key, primary_password=secret)
        calls = Calls(PATIENCE)
        self.primary = WooPrimary(line_to(settings, PATIENCE), calls)

    def with_key(self, key: str, secret: str) -> WooShop:
        return WooShop(self._url, key, secret)

    def ship(self, ref: str) -> None:
        self.set_status(ref, "completed")

    def unpaid(self, ref: str) -> None:
        """Makes of it an order that the shop took itself. Its row in the plugin's table is changed by hand."""
        self.set_status(ref, "pending")
        self.book(f"UPDATE wp_fallback_orders SET ref = NULL WHERE ref = '{ref}'")

    def book(self, change: str) -> None:
        """Changes the plugin's table by hand, while it is recorded."""
        if self._sql:
            subprocess.run([*split(self._sql), "-e", change], check=True)

    def set_status(self, ref: str, status: str) -> None:
        self.owner("PUT", f"orders/{self.primary.read(ref).id}", {"status": status})

    def owner(self, method: str, path: str, body: dict[str, Any]) -> Any:
        """What the people of the shop do in WooCommerce, over its REST API."""
        return passed_on(method, f"{self._url}/wp-json/wc/v3/{path}", json=body or None, auth=self._auth).json()

    def product(self, **fields: Any) -> int:
        made = self.owner("POST", "products", {"name": "A thing", "type": "simple", "status": "publish"} | fields)
        return int(made["id"])

    def fallback(self, **does: bool) -> None:
        """What stands in for us is told what to do."""
        passed_on("PUT", f"{self._fallback}/test", json=does)

    def pushed(self) -> dict[str, str]:
        """What the shop sent to us last."""
        return passed_on("GET", f"{self._fallback}/test/pushed").json()

    def visitor(self) -> Visitor:
        return Visitor(self._url)

    def versions(self) -> dict[str, str]:
        health = requests.get(f"{self._url}/wp-json/fallback/v1/health", auth=self._auth, timeout=30).json()
        return {name: health[name] for name in ("wordpress", "woocommerce", "plugin")}


class Visitor:
    """A customer in the shop, by the calls of its cart and checkout blocks."""

    def __init__(self, url: str) -> None:
        self._url, self._cookies, self._nonce = url, {}, ""
        self.call("GET", "cart")

    def call(self, method: str, path: str, **body: Any) -> Any:
        answer = passed_on(
            method,
            f"{self._url}/wp-json/wc/store/v1/{path}",
            json=body or None,
            headers={"Nonce": self._nonce},
            cookies=self._cookies,
        )
        self._cookies |= {cookie.name: cookie.value for cookie in answer.cookies}
        if "fallback_cart=deleted" in answer.headers.get("Set-Cookie", ""):
            self._cookies.pop("fallback_cart", None)
        self._nonce = answer.headers.get("Nonce", self._nonce)
        return answer.json()

    def signs_in(self, name: str, password: str) -> None:
        """On WordPress' own page."""
        answer = passed_on(
            "POST",
            f"{self._url}/wp-login.php",
            data={"log": name, "pwd": password},
            cookies=self._cookies,
            allow_redirects=False,
        )
        assert answer.status_code == 302
        self._cookies |= {cookie.name: cookie.value for cookie in answer.cookies}

    def adds(self, product: int) -> None:
        """As the button of a page does, which knows who is signed in."""
        address = f"{self._url}/?wc-ajax=add_to_cart"
        answer = passed_on("POST", address, data={"product_id": product, "quantity": 1}, cookies=self._cookies)
        self._cookies |= {cookie.name: cookie.value for cookie in answer.cookies}

    def goes_to(self, country: str) -> Any:
        return self.call("POST", "cart/update-customer", **going_to(country))

    def orders(self, country: str, payment_method: str) -> Any:
        return self.call("POST", "checkout", **going_to(country), payment_method=payment_method)

    @property
    def cart_token(self) -> str | None:
        return self._cookies.get("fallback_cart")


def going_to(country: str) -> dict[str, Any]:
    address = {
        "first_name": "Iris",
        "last_name": "Murdoch",
        "address_1": "1 Quay",
        "city": "Hull",
        "postcode": {"GB": "HU1 1AA", "DE": "10115"}[country],
        "country": country,
    }
    contact = {"email": "iris@example.org", "phone": "030 1234567"}
    return {"billing_address": address | contact, "shipping_address": address}


@contextmanager
def woo_shop(request: pytest.FixtureRequest) -> Iterator[WooShop]:
    """Each test has a file of its own, by its name."""
    name = re.sub(r"\W+", "-", request.node.name.replace("woocommerce", "")).strip("-")
    file = EXCHANGES / request.node.path.stem / f"{name}.yaml"
    live = os.environ.get("RECORD_WOOCOMMERCE", "").split()
    if live:
        fallback = os.environ["RECORD_WOOCOMMERCE_FALLBACK"]
        shop = WooShop(*live, fallback, os.environ["RECORD_WOOCOMMERCE_SQL"])
        about = shop.versions()
        shop.book("DELETE FROM wp_fallback_orders")  # a list is what this test made
        with standing_in(fallback), recorded(file, {live[0]: ADDRESS, fallback: STAND_IN}, about):
            yield shop
    elif not file.exists():
        pytest.skip(f"not recorded yet: {file.name} ({PAGE})")
    else:
        with played(file):
            yield WooShop(ADDRESS, "ck_1", "cs_1")
