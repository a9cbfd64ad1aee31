"""Who asked for the way back to their orders, in memory."""

from __future__ import annotations

from fallback.domain.support.renewals import RenewalRequest


class FakeRenewals:
    """renewals.Renewals. `asked`: what waits, oldest first."""

    def __init__(self) -> None:
        self.asked: list[RenewalRequest] = []

    def ask(self, asked: RenewalRequest) -> None:
        self.asked.append(asked)

    def take(self, most: int) -> list[RenewalRequest]:
        taken, self.asked = self.asked[:most], self.asked[most:]
        return taken
