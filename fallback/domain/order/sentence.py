"""A text that a person wrote about an order: personal data, stored apart from the order's document."""

from __future__ import annotations

from msgspec import Struct


class Said(Struct, frozen=True):
    """A note, a question or an answer. The timeline line with `said: id` refers to it."""

    id: int
    text: str
