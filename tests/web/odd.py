"""Draws requests that nobody expects: paths, queries, forms, JSON and headers, the same ones for the same seed."""

from __future__ import annotations

import ast
import json
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from werkzeug.routing import Rule as Route

import fallback.web
from fallback.domain.order.order import Order
from fallback.payments.webhooks import sign
from tests.web.world import NOW, ONCALL_TOKEN, PRIMARY_TOKEN, PROXY_TOKEN, an_order_body

SECRET = "whsec_0123456789abcdef0123456789abcdef"
NUMBERS = "0 1 -1 -0.0 1e999 NaN 0x1f 1_0 3.14 true null ² ٣"
MOMENTS = "2026-02-30 0001-01-01 9999-12-31T23:59:59+00:00 0001-01-01T00:00:00+14:00 24:61"
ADDRESSES = ".. ../../etc/passwd //example.org http://[ [::1 a:b:c @ a\ufeffb@exämple.org"
SIGNS = '% %s {{7*7}} a.b.c eyJhbGciOiJub25lIn0.e30. ,,;;== " W/" 1,2,3 =?utf-8?q?=00?= \u202e'
# As bytes: what comes over the wire need not be text.
ODD = [
    *(text.encode() for text in " ".join((NUMBERS, MOMENTS, ADDRESSES, SIGNS)).split(" ")),
    *(b"", b" ", b"-5 days", b"9" * 400, b"x" * 9000, b"[" * 5000, "é".encode() * 3000),
    *(b"\x00", b"/console/\r\nX-Odd: 1", b"/console/\n", b"\xff\xfe", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"),
]
JSON_ODD = [
    *(None, True, 0, -1, -0.5, 1e308, 2**63, 10**18, 10**400),
    *("", "\x00", "\r\n", "\ud800", "x" * 9000, "4242424242424242", *MOMENTS.split()),
    *([], [[]], [None] * 100, {}, {"": None}, {"id": {"id": {}}}),
]
HEADERS = [
    "Accept",
    "Accept-Language",
    "Authorization",
    "Content-Length",
    "Content-Type",
    "Cookie",
    "Expect",
    "Host",
    "Idempotency-Key",
    "If-Match",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Stripe-Signature",
    "traceparent",
    "User-Agent",
    "X-Fallback-Reason",
    "X-Forwarded-For",
]
QUERY = ["key", "next", "find", "ref", "older", "since", "until", "incident", "after", "again", "said", "state", "code"]
TYPES = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "text/plain"]
EVENTS = ["payment_intent.succeeded", "charge.refunded", "refund.failed", "charge.dispute.created", "customer.created"]
# What stands in a path, where it is not the ref of the order.
RIGHT = {"code": "price_changed", "answer": "same", "grant_id": "1", "incident_id": "I-1", "cart_id": "basket-1"}


def words() -> list[str]:
    """Each short text in the code of the pages: any of them may be the name of a field, or a value that is chosen."""
    found: set[str] = set()
    for module in Path(fallback.web.__file__).parent.rglob("*.py"):
        nodes = ast.walk(ast.parse(module.read_text()))
        found |= {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}
    return sorted(word for word in found if 0 < len(word) < 30 and " " not in word and word.isascii())


class Sender:
    """`form`: what the page sends to this route, if one does."""

    def __init__(
        self, route: Route, number: int, order: Order, key: str, words: list[str], form: dict[str, str]
    ) -> None:
        self._draw = Random(f"{route} {number}")
        self._route, self._number = route, number
        self._order, self._key, self._words, self._right = order, key, words, form

    def request(self) -> dict[str, Any]:
        route = self._route
        methods = sorted(route.methods or {"GET"})
        usual = [each for each in methods if each not in {"HEAD", "OPTIONS"}]
        method = self._draw.choice(usual * 5 + methods)
        sent = {"method": method, "path": self._path(route), "query_string": self._query(), "headers": self._headers()}
        if method in {"POST", "PUT", "PATCH"}:
            wanted = self._event if "webhooks" in str(route) else self._json if "/v1" in str(route) else self._form
            body, kind = self._draw.choice((wanted, wanted, wanted, wanted, self._form, self._json, self._noise))()
            sent["data"] = body
            sent["headers"] = {"Content-Type": kind, **self._signature(body), **sent["headers"]}
        return sent

    def _path(self, route: Route) -> str:
        path = str(route)
        for name in route.arguments:
            right = RIGHT.get(name, self._order.ref)
            text = self._draw.choice((right, right, right, right, quote(self._value(), safe="")))
            for kind in ("", "int:", "path:"):
                path = path.replace(f"<{kind}{name}>", text)
        return path

    def _query(self) -> str:
        sent = {"key": self._key} if self._draw.random() < 0.8 else {}
        return urlencode(sent | {name: self._value() for name in QUERY if self._draw.random() < 0.2})

    def _headers(self) -> dict[str, str]:
        sent = {"Accept": self._draw.choice(["text/html", "*/*"]), "If-Match": self._draw.choice(['"0"', "*", '"1"'])}
        sent["Idempotency-Key"] = f"key-{self._draw.random()}"
        if self._draw.random() < 0.3:
            sent["Authorization"] = f"Bearer {self._draw.choice((PRIMARY_TOKEN, ONCALL_TOKEN))}"
        if self._draw.random() < 0.2:
            sent |= {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": self._draw.choice(("failed", "maybe_taken"))}
        for name in self._draw.sample(HEADERS, self._draw.choice((0, 0, 1, 2))):
            # A server refuses line breaks and NUL in a header before it asks the application.
            sent[name] = self._value().translate(None, b"\r\n\x00").decode("latin-1")
        return sent

    def _form(self) -> tuple[bytes, str]:
        """As its page sends it but for one field, or many fields of any names."""
        if self._right and self._draw.random() < 0.7:
            fields: dict[str, Any] = self._right | {self._draw.choice(list(self._right)): self._value()}
        else:
            fields = {word: self._short() for word in self._words if self._draw.random() < 0.5} | self._right
        return urlencode(fields).encode(), "application/x-www-form-urlencoded"

    def _json(self) -> tuple[bytes, str]:
        body = self._draw.choice(
            [
                an_order_body(),
                {"confirmation_token": "ctoken_1"},
                {"payment": {"confirmation_token": "ctoken_1"}, "reason": "mine"},
                {"lines": [{"sku": "BK-1", "quantity": 1}], "delivery": {"id": "standard", "slot": "x"}},
                {"mode": "active", "reason": "down", "if": "standby", "by": "Ann", "answer": "yes", "rating": 5},
                {"question": "Where?", "answer": "mine", "good": True, "word": "well"},
            ]
        )
        return self._spoilt(body), "application/json"

    def _event(self) -> tuple[bytes, str]:
        thing = {"id": "pi_1", "object": "payment_intent", "metadata": {"ref": self._order.ref}}
        thing["payment_intent"] = self._draw.choice((None, "pi_1", "pi_2"))
        event = {"id": "evt_1", "type": self._draw.choice(EVENTS), "created": 1_790_000_000, "data": {"object": thing}}
        return self._spoilt(event), "application/json"

    def _noise(self) -> tuple[bytes, str]:
        return self._value(), self._draw.choice(TYPES)

    def _signature(self, body: bytes) -> dict[str, str]:
        stamp = int(NOW.timestamp())
        return {"Stripe-Signature": f"t={stamp},v1={sign(body, stamp, SECRET)}"}

    def _spoilt(self, body: dict[str, Any]) -> bytes:
        """With one leaf that is odd: another leaf, and then another odd thing, for each request."""
        places = [(body, name) for name in body]
        for tree, name in places:
            inner = tree[name]
            names = inner if isinstance(inner, dict) else range(len(inner)) if isinstance(inner, list) else ()
            places += [(inner, each) for each in names]
        tree, name = places[self._number % len(places)]
        tree[name] = JSON_ODD[self._number // len(places) % len(JSON_ODD)]
        return json.dumps(body).encode()

    def _short(self) -> bytes:
        value = self._value()
        return value if len(value) < 50 or self._draw.random() < 0.05 else b""

    def _value(self) -> bytes:
        return self._draw.choice([*ODD, self._draw.choice(self._words).encode()])
