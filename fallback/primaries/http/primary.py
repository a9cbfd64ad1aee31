"""The documented contract for a shop with its own code (ops/docs/reference/primary-contract.md), spoken by our side."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec
from msgspec.json import Decoder

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, NO_SUCH_ROUTE, NOT_FOUND, CartAlreadyOrdered, Health
from fallback.primaries.calls import DEADLINE, Calls
from fallback.primaries.http.answers import (
    PROBLEM_JSON,
    READ_CANCELLATION,
    READ_HEALTH,
    READ_ORDER,
    READ_PAGE,
    READ_QUOTE,
    is_ours,
    may_be_no_route,
    understood,
)
from fallback.primaries.http.bodies import amendment_body, order_body, payment_body, withdrawal_body
from fallback.primaries.pages import ListsOrders, Page
from fallback.primaries.transport import HttpAnswer, Transport

T = TypeVar("T")
Ours = TypeVar("Ours", PrimaryOrder, Cancellation)

# Seconds for a look whether the shop is well, after an answer that proves nothing.
LOOK_WITHIN = 2.0
# Without these it is no shop, or none that is up.
EVERY_SHOP_HAS = frozenset({"health", "orders"})


def line_to(url: str, token: str, deadline: float = DEADLINE) -> Transport:
    """Calls below `<url>/fallback/v1/` with the shop's bearer token."""
    return Transport(f"{url.rstrip('/')}/fallback/v1/", {"Authorization": f"Bearer {token}"}, deadline)


class HttpPrimary(ListsOrders):
    """The port Primary over HTTP. Threads share one instance.

    A read is tried a few times inside its deadline. A write is sent once: after a lost answer the order is looked for
    first, by whoever takes it next.
    """

    def __init__(self, transport: Transport, calls: Calls) -> None:
        self._transport = transport
        self._calls = calls

    @property
    def available(self) -> bool:
        """False while the primary is thought down: then one order finds out, and the others need not try."""
        return self._calls.available

    def health(self) -> Health:
        answer = self._read("health", READ_HEALTH)
        if answer.status != "ok":
            raise TryAgain(f"the primary says that it is '{answer.status}'")
        return Health(answer.duplicates, answer.can)

    def find(self, ref: str) -> PrimaryOrder | None:
        try:
            return self._read(_path(ref), READ_ORDER, check=lambda order: is_ours(order, ref))
        except Refused as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def _page(self, query: Mapping[str, str], until: float | None = None) -> Page:
        return self._read("orders", READ_PAGE, query=query, until=until)

    def place(self, order: Order) -> PrimaryOrder:
        try:
            return self._write("PUT", _path(order.ref), order_body(order), order.ref, READ_ORDER)
        except CartAlreadyOrdered as taken:
            # The cart is ours already: an earlier try of this very order arrived.
            if taken.rival.ref == order.ref:
                return taken.rival
            raise

    def quote(self, order: Order) -> Quote:
        return self._read("quotes", READ_QUOTE, body=msgspec.json.encode(order_body(order)))

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        return self._write("PATCH", _path(order.ref), amendment_body(order, names), order.ref, READ_ORDER)

    def cancel(self, ref: str) -> Cancellation:
        return self._write("POST", f"{_path(ref)}/cancellation", {}, ref, READ_CANCELLATION)

    def payment_changed(self, order: Order) -> None:
        self._write("PUT", f"{_path(order.ref)}/payment", payment_body(order), order.ref, READ_ORDER)

    def withdrawn(self, order: Order) -> None:
        self._write("PUT", f"{_path(order.ref)}/withdrawal", withdrawal_body(order), order.ref, READ_ORDER)

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        return self._write("POST", f"unpaid/{quote(id, safe='')}/cancellation", {}, None, READ_ORDER)

    def _read(
        self,
        path: str,
        shape: Decoder[T],
        *,
        query: Mapping[str, str] | None = None,
        body: bytes | None = None,
        until: float | None = None,
        check: Callable[[T], None] = lambda _: None,
    ) -> T:
        """`body`: of a question that does not fit into an address."""
        method = "GET" if body is None else "POST"

        def ask(left: float) -> T:
            answer = self._heard(method, path, self._transport.send(method, path, body, query, left), shape)
            check(answer)
            return answer

        return self._calls.read(ask, until)

    def _write(self, method: str, path: str, body: Mapping[str, Any], ref: str | None, shape: Decoder[Ours]) -> Ours:
        def send() -> Ours:
            answer = self._transport.send(method, path, msgspec.json.encode(body))
            there = self._heard(method, path, answer, shape)
            is_ours(there, ref)
            return there

        return self._calls.write(send)

    def _heard(self, method: str, path: str, answer: HttpAnswer, shape: Decoder[T]) -> T:
        """Raises Refused('no_such_route') for an address that the primary does not have.

        A bare 404 proves nothing by itself. From a primary that is well at the same moment it is about the address:
        asking again would never end, and it is no outage. A primary that does not list its orders either is not well.
        """
        if may_be_no_route(answer) and path not in EVERY_SHOP_HAS:
            of_an_order = method in ("GET", "PUT")
            if self._is_well() and (not of_an_order or self._lists()):
                what = f"the shop answers {answer.status} to {method} {path}"
                raise Refused(NO_SUCH_ROUTE, f"{what}, not as {PROBLEM_JSON}: it has no such address")
        return understood(answer, shape)

    def _lists(self) -> bool:
        query = {"since": datetime.now(UTC).isoformat(), "limit": "1"}
        return self._says("orders", READ_PAGE, query) is not None

    def _is_well(self) -> bool:
        health = self._says("health", READ_HEALTH)
        return health is not None and health.status == "ok"

    def _says(self, path: str, shape: Decoder[T], query: Mapping[str, str] | None = None) -> T | None:
        try:
            return understood(self._transport.send("GET", path, None, query, LOOK_WITHIN), shape)
        except (TryAgain, OutcomeUnknown, Refused, CartAlreadyOrdered):
            return None


def _path(ref: str) -> str:
    return f"orders/{quote(ref, safe='')}"
