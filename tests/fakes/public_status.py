"""What on call wrote for customers, in memory."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.outage.public_status import PublicStatus


class FakePublicStatuses:
    """outage.ports.PublicStatuses."""

    def __init__(self) -> None:
        self._status = PublicStatus()

    def read(self) -> PublicStatus:
        return self._status

    def change(self, change: Callable[[PublicStatus], PublicStatus]) -> PublicStatus:
        self._status = change(self._status)
        return self._status
