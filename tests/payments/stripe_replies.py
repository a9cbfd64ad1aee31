"""Builders: what Stripe, or the network before it, answers; and a gateway that hears it without waiting."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import requests
import responses
import urllib3

from fallback.payments.stripe_gateway import StripeGateway

API = "https://stripe.example"
INTENTS = f"{API}/v1/payment_intents"
Reply = dict[str, Any]


class Clock:
    """Time that passes only when somebody sleeps or says so."""

    def __init__(self) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def a_gateway(clock: Clock | None = None) -> StripeGateway:
    clock = clock or Clock()
    return StripeGateway("sk_test_1", API, random=Random(1), sleep=clock.sleep, monotonic=clock)


def a_stripe_intent(**changes: Any) -> dict[str, Any]:
    blank = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": "requires_payment_method",
        "amount": 2893,
        "amount_received": 0,
        "currency": "eur",
        "cancellation_reason": None,
        "last_payment_error": None,
        "latest_charge": None,
        "metadata": {"ref": "FB-7K3M-92QX-5"},
        "next_action": None,
    }
    return blank | changes


def a_charge(**changes: Any) -> dict[str, Any]:
    blank = {
        "id": "ch_1",
        "object": "charge",
        "amount": 2893,
        "amount_captured": 0,
        "amount_refunded": 0,
        "payment_method_details": {"type": "card", "card": {"brand": "visa"}},
    }
    return blank | changes


def ok(**changes: Any) -> Reply:
    return {"status": 200, "json": a_stripe_intent(**changes)}


def error(status: int, code: str | None = None, type: str = "invalid_request_error", **headers: str) -> Reply:
    """`headers` by Python's spelling: stripe_should_retry='true'."""
    named = {name.replace("_", "-").title(): value for name, value in headers.items()}
    return {"status": status, "json": {"error": {"type": type, "code": code, "message": "…"}}, "headers": named}


def broken(kind: str) -> Reply:
    """No answer at all. `refused`, `no_such_host` and `no_handshake` come before anything was sent."""
    pool = urllib3.HTTPSConnectionPool("stripe.example")
    connection = urllib3.connection.HTTPSConnection("stripe.example")
    reasons: dict[str, Callable[[], Exception]] = {
        "refused": lambda: urllib3.exceptions.NewConnectionError(connection, "refused"),
        "no_such_host": lambda: urllib3.exceptions.NameResolutionError("stripe.example", connection, OSError()),
        "no_handshake": lambda: urllib3.exceptions.ConnectTimeoutError("too slow"),
        "timeout": lambda: urllib3.exceptions.ReadTimeoutError(pool, "/", "too slow"),
        "reset": lambda: urllib3.exceptions.ProtocolError("reset", ConnectionResetError()),
    }
    reason = reasons[kind]()
    if kind == "timeout":
        return {"body": requests.ReadTimeout(reason)}
    if kind == "reset":
        return {"body": requests.ConnectionError(reason)}
    unreachable = urllib3.exceptions.MaxRetryError(pool, "/", reason)
    return {"body": (requests.ConnectTimeout if kind == "no_handshake" else requests.ConnectionError)(unreachable)}


def page(body: str, status: int) -> Reply:
    """What a proxy in between says, in its own words."""
    return {"status": status, "body": body, "content_type": "text/html"}


def answers(stripe: responses.RequestsMock, method: str, url: str, *replies: Reply) -> None:
    """Each request gets the next reply; the last one stands for all that follow."""
    for reply in replies:
        stripe.add(method, url, **reply)
