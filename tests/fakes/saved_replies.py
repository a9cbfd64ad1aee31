"""Saved replies in memory."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.support.saved_replies import Replies


class FakeSavedReplies:
    def __init__(self) -> None:
        self._kept = Replies()

    def read(self) -> Replies:
        return self._kept

    def change(self, decide: Callable[[Replies], Replies]) -> None:
        self._kept = decide(self._kept)
