"""Addresses that want to be told when the shop is back, in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from fallback.domain.support.subscriptions import LEASE, Changed, Subscription


class FakeSubscriptions:
    """support.subscriptions.Subscriptions."""

    def __init__(self) -> None:
        self._all: dict[str, Subscription] = {}
        self._due: dict[str, datetime] = {}
        self._from: Counter[str] = Counter()

    def name(self, email: str) -> str:
        return email.strip().lower().encode().hex()

    def find(self, name: str) -> Subscription | None:
        return self._all.get(name)

    def change(self, name: str, change: Changed) -> Subscription | None:
        changed = change(self._all.pop(name, None))
        self._due.pop(name, None)
        if changed:
            self._all[name] = changed
        if changed and changed.due_at:
            self._due[name] = changed.due_at
        return changed

    def each(self) -> list[tuple[str, Subscription]]:
        return list(self._all.items())

    def count(self) -> int:
        return len(self._all)

    def count_due(self, now: datetime) -> int:
        return sum(at <= now for at in self._due.values())

    def count_from(self, sender: str) -> int:
        self._from[sender] += 1
        return self._from[sender]

    def take(self, now: datetime, most: int) -> list[str]:
        names = [name for name, at in sorted(self._due.items(), key=lambda each: each[1]) if at <= now][:most]
        self._due |= dict.fromkeys(names, now + LEASE)
        return names
