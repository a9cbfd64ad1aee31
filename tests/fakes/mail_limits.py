"""How many mails each person got lately, in memory."""

from __future__ import annotations

from datetime import datetime
from threading import Lock

from fallback.domain.support.accounts import key_of
from fallback.domain.support.mail_limit import Mailed, Turn, turn


class FakeMailLimits:
    """ports.MailLimits."""

    def __init__(self) -> None:
        self._mailed: dict[str, Mailed] = {}
        self._lock = Lock()

    def turn(self, name: str, notice: str, waited: bool, now: datetime) -> tuple[Turn, datetime]:
        with self._lock:
            mailed, decided = turn(self._mailed.get(key_of(name)), notice, waited, now)
            self._mailed[key_of(name)] = mailed
            return decided, mailed.ends
