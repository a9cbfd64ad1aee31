"""A shop that answers what a test says, and the adapter that asks it."""

from __future__ import annotations

from typing import Any

import responses

from fallback.domain.order.order import Order

SHOP = "https://shop.example"
PROBLEM = "application/problem+json"
PAGE = "<!doctype html><title>We will be back soon</title>"


def answer_of(order: Order, **changes: Any) -> dict[str, Any]:
    lines = [{"sku": line.sku, "quantity": line.quantity, "unit_price": line.unit_price} for line in order.lines]
    return {
        "id": "7",
        "number": "100007",
        "ref": order.ref,
        "cart_id": order.cart_id,
        "currency": "EUR",
        "lines": lines,
        "delivery": {"id": "standard", "slot": "2026-11-23-am"},
        "total": order.payment.amount,
        "status": "placed",
        "placed_at": "2026-11-21T10:00:00Z",
        "email": "iris@example.org",
    } | changes


def url(order: Order) -> str:
    return f"{SHOP}/fallback/v1/orders/{order.ref}"


def every_call_answers(web: Any, order: Order, **answer: Any) -> None:
    for method in (responses.GET, responses.PUT):
        web.add(method, url(order), **answer)
