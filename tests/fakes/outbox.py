"""alerts.Outbox and alerts.Teller in memory."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from fallback.domain.oncall.alerts import Acknowledged, Acknowledgements, Alert, Due, Memory, Notification, working_on


class FakeOutbox:
    def __init__(self) -> None:
        self._memory = Memory()
        self._acknowledged: dict[Alert, Acknowledged] = {}
        self._waiting: dict[Due, datetime] = {}

    def memory(self) -> Memory:
        return self._memory

    def remember(self, memory: Memory, due: Sequence[Due], now: datetime) -> None:
        self._memory = memory
        self._waiting |= dict.fromkeys(due, now)

    def acknowledged(self) -> Acknowledgements:
        return dict(self._acknowledged)

    def acknowledge(self, alert: Alert, acknowledged: Acknowledged) -> Acknowledged | None:
        told = self._memory.lasting.get(alert)
        if told is None or told.began != acknowledged.began:
            return None
        taken = working_on(alert, told, self._acknowledged) or acknowledged
        self._acknowledged[alert] = taken
        return taken

    def due(self, now: datetime, most: int) -> list[Due]:
        due = [entry for entry, at in self._waiting.items() if at <= now]
        return sorted(due, key=lambda entry: self._waiting[entry])[:most]

    def sent(self, due: Due) -> None:
        self._waiting.pop(due, None)

    def put_off(self, due: Due, until: datetime) -> Due:
        self.sent(due)
        later = due._replace(tries=due.tries + 1)
        self._waiting[later] = until
        return later


class FakeChannel:
    """`fails`: what it raises; `heard`: what it was told; `asked`: how often it was tried."""

    def __init__(self, name: str = "chat") -> None:
        self.name = name
        self.fails: Exception | None = None
        self.heard: list[Notification] = []
        self.asked = 0

    def tell(self, notification: Notification) -> None:
        self.asked += 1
        if self.fails:
            raise self.fails
        self.heard.append(notification)
