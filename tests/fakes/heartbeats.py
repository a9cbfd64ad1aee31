"""Signs of life in memory; all is well until a test says otherwise."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.checkout.journal import JournalSign
from fallback.ledger.oncall.heartbeats import OFF_FOR
from tests.builders import NOW


class FakeHeartbeats:
    def __init__(self) -> None:
        self.came: datetime | None = None
        self.leads = True
        self.redis_now = NOW
        self.off: dict[str, tuple[int, datetime]] = {}
        self.stale: int | None = None
        self.signs: dict[str, tuple[JournalSign, datetime]] = {}

    def webhook_came(self, now: datetime) -> None:
        self.came = now

    def webhook_at(self) -> datetime | None:
        return self.came

    def clock_leads(self) -> bool:
        return self.leads

    def redis_time(self) -> datetime:
        return self.redis_now

    def machine_is_off(self, machine: str, seconds: int, now: datetime) -> None:
        self.off[machine] = seconds, now + OFF_FOR

    def clocks_off(self, now: datetime) -> dict[str, int]:
        return {machine: ahead for machine, (ahead, until) in self.off.items() if ahead and until > now}

    def journal_has(self, machine: str, sign: JournalSign, now: datetime) -> None:
        self.signs[machine] = sign, now + OFF_FOR

    def journals(self, now: datetime) -> dict[str, JournalSign]:
        return {machine: sign for machine, (sign, until) in self.signs.items() if until > now}

    def webhook_was_stale(self, seconds: int) -> None:
        self.stale = seconds

    def stale_webhook(self) -> int | None:
        return self.stale
