"""What scripts/accept.lua is told besides the order, and what its answer means."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import compress
from typing import Any

import msgspec
from msgspec import Struct

from fallback.domain.errors import RefTaken
from fallback.domain.order import exposure
from fallback.domain.order.exposure import NO_LIMIT, PayFirst, SoldOut, Terms, WhenSoldOut
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused, Outcome, may_be_late
from fallback.domain.order.order import Order, PaymentState, Queue
from fallback.ledger.order.documents import encode_events
from fallback.ledger.redis import keys

KEY_LIFE_MS = int(timedelta(hours=48).total_seconds() * 1000)


class _Takes(Struct):
    """`pieces`: SKU, wanted, available. `event`: for the timeline, if it may be late. `card`: one was given."""

    at: datetime
    pieces: list[tuple[str, int, int]]
    refuse: bool
    currency: str
    sum: int
    card: bool
    limit_of_one: int
    limit_of_all: int
    event: str


def takes(order: Order, terms: Terms) -> bytes:
    """What the order takes of the shop's stock and of its trust; empty for a drill, which takes nothing."""
    if order.drill:
        return b""
    available = exposure.available(order.lines)
    return msgspec.json.encode(
        _Takes(
            at=order.received_at,
            pieces=[(sku, wanted, available[sku]) for sku, wanted in exposure.taken(order).items()],
            refuse=terms.sold_out is WhenSoldOut.REFUSE,
            currency=order.currency,
            sum=exposure.not_authorized(order),
            card=order.payment.state is PaymentState.PENDING,
            limit_of_one=terms.unpaid_order.get(order.currency, NO_LIMIT),
            limit_of_all=terms.unpaid_incident.get(order.currency, NO_LIMIT),
            event=encode_events([may_be_late(order.received_at)]).decode() if available else "",
        )
    )


def outcome(answer: list[Any], order: Order, fingerprint: str, queues: Iterable[Queue]) -> Outcome:
    """`queues`: in the order of the bells. Raises RefTaken."""
    match answer:
        case [b"key", record]:
            return remembered(record, fingerprint, order.ref)
        case [b"cart", ref]:
            return CartTaken(ref.decode())
        case [b"sold_out", *short]:
            return SoldOut({sku.decode(): left for sku, left in short})
        case [b"pay_first", with_card]:
            return PayFirst(bool(with_card))
        case [b"accepted", late, *needed]:
            ring = tuple(compress(queues, needed))
            return Accepted(order.ref, order.received_at, ring=ring, late=tuple(sku.decode() for sku in late))
    raise RefTaken(order.ref)


def idempotency_key(key: str) -> str:
    return keys.idempotency(urlsafe_b64encode(sha256(key.encode()).digest()[:16]).rstrip(b"=").decode())


def to_remember(order: Order, fingerprint: str) -> tuple[str, int]:
    """What is kept under the idempotency key, and for how many milliseconds."""
    return f"{fingerprint} {order.ref} {order.received_at.isoformat()}", KEY_LIFE_MS


def remembered(record: bytes, fingerprint: str, own_ref: str) -> Accepted | KeyReused:
    then, ref, received_at = record.decode().split(" ")
    if then != fingerprint:
        return KeyReused()
    # Our own ref comes back if the script was sent twice because its first response was lost: that is no replay.
    return Accepted(ref, datetime.fromisoformat(received_at), replayed=ref != own_ref)
