"""Who asked for the way back to their orders, in memory."""

from __future__ import annotations

from fallback.domain.support.renewals import Asked


class FakeRenewals:
    """renewals.Renewals. `asked`: what waits, oldest first."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []

    def ask(self, asked: Asked) -> None:
        self.asked.append(asked)

    def take(self, most: int) -> list[Asked]:
        taken, self.asked = self.asked[:most], self.asked[most:]
        return taken
