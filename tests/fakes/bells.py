"""Bells that are only heard."""

from __future__ import annotations

from fallback.domain.order.order import Queue


class FakeBells:
    """`rung`: the queues whose bell was rung, in order."""

    def __init__(self) -> None:
        self.rung: list[Queue] = []

    def ring(self, queue: Queue) -> None:
        self.rung.append(queue)
