"""How far a long count is, for a person who waits for it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar

from fallback.domain.incident.balance import Side

T = TypeVar("T")


class Watch(Protocol):
    """Passes on what is read from a side. `length`: how many there are, if that is known."""

    def __call__(self, side: Side, items: Iterable[T], length: int | None = None, /) -> Iterable[T]: ...


def unwatched(_: Side, items: Iterable[T], __: int | None = None, /) -> Iterable[T]:
    return items
