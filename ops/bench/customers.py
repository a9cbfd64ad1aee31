"""Requests of customers, each with its own cart token, for the load generator and for the ledger."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from joserfc import jws
from joserfc.jwk import OctKey

from fallback.domain.order.cart import Delivery, DeliveryOption, Line, Slot, Tax
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Address, Customer, NoticeKind, Order, Payment, PaymentState
from fallback.domain.order.refs import new_ref
from ops.bench.servers import KEY

# Of everything there is enough for all rounds, and each piece is counted.
STOCK = 9_000_000
LINES = (
    Line("BK-0001", "The Left Hand of Darkness, paperback", 2, 1299, "/media/images/products/left-hand.png", STOCK),
    Line("BK-0002", "A Wizard of Earthsea", 1, 999, "/media/images/products/earthsea.png", STOCK),
)
GOODS = sum(line.quantity * line.unit_price for line in LINES)
STARTS, ENDS = datetime(2026, 11, 23, 8, tzinfo=UTC), datetime(2026, 11, 23, 12, tzinfo=UTC)
SLOT = Slot("2026-11-23-am", STARTS, ENDS)
DELIVERY = Delivery("standard", "Standard delivery", 495, SLOT)


def write_bodies(path: Path, count: int) -> None:
    """Write `count` bodies of POST /v1/orders, one per line, each for another cart."""
    run, key = uuid4().hex[:8], OctKey.import_key(KEY)
    with path.open("w") as file:
        for number in range(count):
            file.write(json.dumps(_body(_token(f"{run}-{number}", key), number)) + "\n")


def a_body(cart_id: str) -> dict[str, object]:
    """Of POST /v1/orders, for this cart."""
    return _body(_token(cart_id, OctKey.import_key(KEY)), 1)


def an_order(number: int) -> Order:
    """An order as it is passed to accept, paid by card."""
    now = datetime.now(UTC)
    order = Order(
        ref=new_ref(),
        shop="bench",
        cart_id=f"bench-{uuid4().hex}",
        currency="EUR",
        lines=LINES,
        tax=Tax(True, 319),
        delivery=DELIVERY,
        options=(DeliveryOption(DELIVERY.id, DELIVERY.title, DELIVERY.price, (SLOT,)),),
        locale="en",
        received_at=now,
        payment=Payment(amount=GOODS + 495, state=PaymentState.PENDING, token="ctoken_1234567890abcdefgh", cards=1),
        customer=Customer(
            name="Ada Lovelace",
            email=f"ada{number}@example.org",
            phone=f"+49301{number:06}",
            address=Address("Ada Lovelace", "Unter den Linden 1", "Berlin", "10117", "DE"),
        ),
    )
    return queue_notice(order, NoticeKind.RECEIVED, now)


def _token(cart_id: str, key: OctKey) -> str:
    claims = {
        "iss": "bench",
        "aud": "fallback-checkout",
        "iat": int(time.time()),
        "exp": int(time.time()) + 86_400,
        "cart_id": cart_id,
        "currency": "EUR",
        "lines": [
            {"sku": line.sku, "title": line.title, "quantity": line.quantity, "unit_price": line.unit_price}
            | {"picture": line.picture, "available": line.available}
            for line in LINES
        ],
        "discounts": [],
        "tax": {"included": True, "amount": 319},
        "delivery": [
            {
                "id": "standard",
                "title": "Standard delivery",
                "price": 495,
                "slots": [{"id": "2026-11-23-am", "starts": STARTS.isoformat(), "ends": ENDS.isoformat()}],
            }
        ],
        "totals": {"goods": GOODS, "discount": 0, "tax": 319, "total": GOODS},
    }
    header = {"alg": "HS256", "kid": KEY["kid"], "typ": "cart+jwt"}
    return jws.serialize_compact(header, json.dumps(claims), key)


def _body(token: str, number: int) -> dict[str, object]:
    return {
        "cart_token": token,
        "contact": {"name": "Ada Lovelace", "email": f"ada{number}@example.org", "phone": f"+49 301 {number:06}"},
        "shipping_address": {
            "line1": "Unter den Linden 1",
            "city": "Berlin",
            "postal_code": "10117",
            "country": "DE",
        },
        "delivery": {"id": "standard", "slot": "2026-11-23-am"},
        "payment": {"confirmation_token": "ctoken_1234567890abcdefgh"},
        "locale": "en",
    }
