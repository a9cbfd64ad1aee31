"""The port Primary for WooCommerce: each call is one request to the plugin, which does it in one transaction."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import quote

import msgspec

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder
from fallback.domain.placement.primary import AGREED, NOT_FOUND, Duplicates, Health
from fallback.primaries.calls import DEADLINE, Calls
from fallback.primaries.pages import ListsOrders, Page
from fallback.primaries.transport import Transport
from fallback.primaries.woocommerce import Settings
from fallback.primaries.woocommerce.answers import (
    READ_ENTRY,
    READ_HEALTH,
    READ_LIST,
    Entry,
    ListAnswer,
    as_primary_order,
    understood,
)
from fallback.primaries.woocommerce.bodies import amendment_body, order_body, payment_body

CAN = frozenset(
    {"amend", "cancel", "slots", "contact", "phone", "tombstones", "unpaid", "numbered", "payments", "honours_prices"}
)


def line_to(settings: Settings, deadline: float = DEADLINE) -> Transport:
    """Calls of the plugin's endpoints, signed in with a consumer key of WooCommerce's REST API."""
    key = b64encode(f"{settings.primary_user}:{settings.primary_password}".encode()).decode()
    base = f"{settings.primary_url.rstrip('/')}/wp-json/fallback/v1/"
    return Transport(base, {"Authorization": f"Basic {key}"}, deadline)


class WooPrimary(ListsOrders):
    """Threads share one instance."""

    def __init__(self, transport: Transport, calls: Calls) -> None:
        self._transport = transport
        self._calls = calls

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        answer = self._calls.read(lambda left: self._asked("health", READ_HEALTH, left))
        if answer.status != "ok":
            raise TryAgain(f"the shop says that it is '{answer.status}'")
        return Health(Duplicates.ENFORCED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        try:
            return self._calls.read(lambda left: _ours(self._asked(_path(ref), READ_ENTRY, left), ref))
        except Refused as refusal:
            if refusal.code == NOT_FOUND:
                return None
            raise

    def _page(self, query: Mapping[str, str], until: float | None = None) -> Page:
        page: ListAnswer = self._calls.read(lambda left: self._asked("orders", READ_LIST, left, query), until)
        return page.as_page()

    def place(self, order: Order) -> PrimaryOrder:
        return _ours(self._written("PUT", _path(order.ref), order_body(order)), order.ref)

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        return _ours(self._written("PATCH", _path(order.ref), amendment_body(order, names)), order.ref)

    def payment_changed(self, order: Order) -> None:
        _ours(self._written("PUT", f"{_path(order.ref)}/payment", payment_body(order)), order.ref)

    def cancel(self, ref: str) -> Cancellation:
        entry = self._written("POST", f"{_path(ref)}/cancellation", {})
        if entry.ref == ref and not entry.order:
            return Cancellation(ref, CANCELLED)
        there = _ours(entry, ref)
        return Cancellation(ref, there.status, there.number)

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        entry = self._written("POST", f"unpaid/{quote(id, safe='')}/cancellation", {})
        return _ours(entry, None)

    def _asked(
        self, path: str, shape: msgspec.json.Decoder[Any], left: float, query: Mapping[str, str] | None = None
    ) -> Any:
        return understood(self._transport.send("GET", path, None, query, left), shape)

    def _written(self, method: str, path: str, body: Mapping[str, Any]) -> Entry:
        return self._calls.write(
            lambda: understood(self._transport.send(method, path, msgspec.json.encode(body)), READ_ENTRY)
        )


def _path(ref: str) -> str:
    return f"orders/{quote(ref, safe='')}"


def _ours(entry: Entry, ref: str | None) -> PrimaryOrder:
    if entry.ref != ref or not entry.order:
        raise OutcomeUnknown(f"the shop answers with order {entry.ref}, not with {ref}")
    return as_primary_order(entry, entry.order)
