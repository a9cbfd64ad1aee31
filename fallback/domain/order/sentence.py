"""A sentence that somebody wrote about an order: personal data, kept apart from the order's document."""

from __future__ import annotations

from msgspec import Struct


class Said(Struct, frozen=True):
    """A note, a question, an answer. The line of the timeline with `said: id` is about it."""

    id: int
    text: str
