"""Reads a segment: its entries, and what of it is no entry."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

import msgspec
from msgspec import Struct

from fallback.domain.checkout.journal import CancelAsked, Entry
from fallback.ledger.journal.frames import Frame, Gap, OnDisk, frames
from fallback.ledger.redis.crypto import Crypto, Undecryptable

Content = TypeVar("Content")


class _OrderInBrief(Struct):
    ref: str
    cart_id: str
    received_at: datetime


class TakenInBrief(Struct, tag="taken"):
    """What finds the order again; the rest is not decoded."""

    order: _OrderInBrief
    key: str


InBrief = TakenInBrief | CancelAsked

ENTRY: msgspec.json.Decoder[Entry] = msgspec.json.Decoder(Entry)
IN_BRIEF: msgspec.json.Decoder[InBrief] = msgspec.json.Decoder(InBrief)


class Found(NamedTuple, Generic[Content]):
    """The content of a record, and where it stands."""

    content: Content
    begin: int
    end: int


class KeyMissing(Exception):
    """SECRET_KEY no longer has the key of a segment. It stays as it is until the key is back."""


def encode(entry: Entry) -> bytes:
    return msgspec.json.encode(entry)


def seal(crypto: Crypto, record: bytes, segment: str) -> bytes:
    """Bound to its segment: a record that is copied to another one is no record there."""
    return crypto.seal(record, _name(segment))


def records(
    crypto: Crypto, path: Path, decoder: msgspec.json.Decoder[Content], begin: int = 0
) -> Iterator[Found[Content] | Gap]:
    """From byte `begin` on. Raises KeyMissing, and FileNotFoundError once it was replayed."""
    with path.open("rb") as file:
        for found in frames(OnDisk(file.fileno()), begin):
            yield found if isinstance(found, Gap) else _opened(crypto, path.stem, found, decoder)


def has_key(crypto: Crypto, path: Path) -> bool:
    """One process wrote it, with one key: the first record that is whole tells."""
    try:
        next((found for found in records(crypto, path, IN_BRIEF) if isinstance(found, Found)), None)
    except KeyMissing:
        return False
    return True


def _opened(crypto: Crypto, segment: str, frame: Frame, decoder: msgspec.json.Decoder[Content]) -> Found[Content] | Gap:
    try:
        content = decoder.decode(crypto.open(frame.payload, _name(segment)))
    except Undecryptable:
        if not crypto.has_key_of(frame.payload):
            raise KeyMissing(segment) from None
    except msgspec.DecodeError:  # of a newer release, with another kind of entry
        pass
    else:
        return Found(content, frame.begin, frame.end)
    return Gap(frame.begin, frame.end, torn=False)


def _name(segment: str) -> str:
    return f"journal {segment}"
