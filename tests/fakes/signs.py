"""Signs of life in memory; all is well until a test says otherwise."""

from __future__ import annotations

from datetime import datetime

from tests.builders import NOW


class FakeSigns:
    def __init__(self) -> None:
        self.came: datetime | None = None
        self.leads = True
        self.redis_now = NOW

    def webhook_came(self, now: datetime) -> None:
        self.came = now

    def webhook_at(self) -> datetime | None:
        return self.came

    def clock_leads(self) -> bool:
        return self.leads

    def redis_time(self) -> datetime:
        return self.redis_now
