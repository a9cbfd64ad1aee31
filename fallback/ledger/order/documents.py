"""Orders as stored in Redis: the document without personal data, and the timeline."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from msgspec import Struct, structs

from fallback.domain.errors import WrittenByNewer
from fallback.domain.order.order import Event, Order
from fallback.ledger.redis.packing import pack, unpack


class _Received(Struct):
    """The one field that is read from many documents at once; the rest is not decoded."""

    received_at: datetime


class _Schema(Struct):
    schema: int = 1


# Raised when a document has something that an older release must not misread or drop (ops/decisions/upgrades.md). Of
# schema 1 is a document that names none.
SCHEMA = 1
_NAMES_ONE = b'"schema":'

_SCHEMA = msgspec.json.Decoder(_Schema)
_ORDER = msgspec.json.Decoder(Order)
_RECEIVED = msgspec.json.Decoder(_Received)
_EVENT = msgspec.json.Decoder(Event)


def encode(order: Order) -> bytes:
    document = msgspec.json.encode(structs.replace(order, customer=None, version=0))
    return pack(document if SCHEMA == 1 else b'%b,"schema":%d}' % (document[:-1], SCHEMA))


def decode(stored: bytes | None, version: int) -> Order:
    """Raises WrittenByNewer, or msgspec.MsgspecError: it is damaged."""
    document = unpack(stored or b"")
    if _is_newer(document):
        raise WrittenByNewer("this order")
    return structs.replace(_ORDER.decode(document), version=version)


def _is_newer(document: bytes) -> bool:
    return _NAMES_ONE in document and _SCHEMA.decode(document).schema > SCHEMA


def received_at(stored: bytes | None) -> datetime | None:
    """None if it cannot be read."""
    try:
        return _RECEIVED.decode(unpack(stored or b"")).received_at
    except msgspec.MsgspecError:
        return None


def encode_events(events: Sequence[Event]) -> bytes:
    """JSON, one line each: the timeline grows by appending."""
    return b"".join(msgspec.json.encode(event) + b"\n" for event in events)


def decode_events(lines: bytes | None) -> list[Event]:
    """Raises msgspec.MsgspecError: they are damaged."""
    return [_EVENT.decode(line) for line in (lines or b"").splitlines()]
