"""Claims in memory."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock

from fallback.domain.errors import TryAgain
from fallback.domain.support.claims import PRESENT_FOR, TYPES_FOR, Claim, Here


class FakeClaims:
    """`away`: as if Redis did not answer."""

    def __init__(self) -> None:
        self.away = False
        self._claims: dict[str, Claim] = {}
        self._here: dict[str, dict[str, datetime]] = {}
        self._typing: dict[str, dict[str, datetime]] = {}
        self._lock = Lock()

    def current(self, ref: str) -> Claim | None:
        self._reach()
        return self._claims.get(ref)

    def change(self, ref: str, decide: Callable[[Claim | None], Claim | None]) -> Claim | None:
        self._reach()
        with self._lock:
            new = decide(self._claims.get(ref))
            if new is not None:
                self._claims[ref] = new
            return new

    def look(self, ref: str, who: str, now: datetime, stays: timedelta = PRESENT_FOR, *, types: bool = False) -> Here:
        self._reach()
        with self._lock:
            left = {name: until for name, until in self._here.get(ref, {}).items() if until > now}
            self._here[ref] = left | {who: now + stays}
            typing = {name: until for name, until in self._typing.get(ref, {}).items() if until > now}
            self._typing[ref] = typing | ({who: now + TYPES_FOR} if types else {})
            return Here(sorted(self._here[ref]), sorted(self._typing[ref]))

    def _reach(self) -> None:
        if self.away:
            raise TryAgain("away")
