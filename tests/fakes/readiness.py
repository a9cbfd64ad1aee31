"""Whether orders can be taken safely, as a test says it."""

from __future__ import annotations

from fallback.ledger.redis.readiness import Headroom


class FakeReadiness:
    """Ready until a test names problems."""

    def __init__(self) -> None:
        self.found: tuple[str, ...] = ()
        self.is_elsewhere = False

    def problems(self, not_older_than: float | None = None) -> tuple[str, ...]:
        return self.found

    def headroom(self) -> Headroom | None:
        return Headroom(1_000_000, 10_000_000, None)

    def durability(self) -> str:
        return "disk"

    def seen(self) -> dict[str, str]:
        return {"role": "master"}
