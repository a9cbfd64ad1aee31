"""A sandbox on a free port of loopback for each test, and the official library in front of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
import stripe

from ops.demo.stripe_sandbox import launch

SECRET, PUBLISHABLE = "sk_test_sandbox", "pk_test_sandbox"
RETURN_URL = "https://shop.test/orders/FB-1?from=bank"


@dataclass
class Sandbox:
    url: str
    stripe: stripe.StripeClient

    def control(self, method: str, path: str, body: object = None) -> Any:
        answer = requests.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=10)
        assert answer.ok, answer.text
        return answer.json()

    def fault(self, kind: str, **details: object) -> None:
        self.control("POST", "faults", {"kind": kind, **details})

    def heal(self) -> None:
        self.control("POST", "heal")

    def post(self, path: str, data: dict[str, str], key: str | None = None, api_key: str = SECRET) -> requests.Response:
        headers = {"Authorization": f"Bearer {api_key}"} | ({"Idempotency-Key": key} if key else {})
        return requests.post(f"{self.url}/v1/{path}", data=data, headers=headers, timeout=10)

    def intent(self, key: str | None = None, **params: Any) -> stripe.PaymentIntent:
        """An order's intent: 28.93 EUR, taken later."""
        order = {"amount": 2893, "currency": "eur", "capture_method": "manual", "metadata": {"ref": "FB-1"}}
        return self.stripe.v1.payment_intents.create(order | params, {"idempotency_key": key} if key else None)

    def token(self, method: str = "pm_card_visa", **params: Any) -> str:
        given = {"payment_method": method} | params
        return self.stripe.v1.test_helpers.confirmation_tokens.create(given).id

    def confirm(self, intent: str, method: str = "pm_card_visa", **params: Any) -> stripe.PaymentIntent:
        given = {"confirmation_token": self.token(method), "return_url": RETURN_URL, "use_stripe_sdk": False}
        return self.stripe.v1.payment_intents.confirm(intent, given | params)

    def authorized(self, **params: Any) -> stripe.PaymentIntent:
        return self.confirm(self.intent(**params).id)

    def events(self) -> list[str]:
        """The types of all events so far, oldest first."""
        return [event.type for event in reversed(self.stripe.v1.events.list({"limit": 100}).data)]

    def money(self, ref: str = "FB-1") -> Any:
        return self.control("GET", f"summary?ref={ref}")["orders"][ref]


def client(url: str, key: str = SECRET) -> stripe.StripeClient:
    http = stripe.RequestsClient(timeout=10)
    return stripe.StripeClient(key, base_addresses={"api": url}, max_network_retries=0, http_client=http)


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    with launch(tmp_path) as url:
        yield Sandbox(url, client(url))
