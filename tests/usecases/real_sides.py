"""A world whose Stripe or shop is not a fake: it takes real sockets, and the time of day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from fallback.domain.outage.mode import Mode
from fallback.domain.placement.primary import Primary
from fallback.payments.stripe_gateway import StripeGateway
from ops.demo.stripe_sandbox import Options
from tests.usecases.incident.outages import another_customer_orders, switched
from tests.usecases.world import World


class CardsByName(StripeGateway):
    """Stripe takes the names of its test cards in the place of tokens."""

    def token(self, card: str) -> str:
        return card


class RealSides(World):
    def __init__(self, primary: Primary, stripe: str = "") -> None:
        """`stripe`: the address of a sandbox, empty for the fake."""
        self._real: dict[str, Any] = {"primary": primary}
        if stripe:
            self._real["gateway"] = CardsByName(Options.secret_key, stripe)
        super().__init__()
        self.now = datetime.now(UTC)

    def restart(self) -> None:
        for name, side in self._real.items():
            setattr(self, name, side)
        super().restart()

    def sees_an_outage(self, *customers: str) -> list[str]:
        """Each of them bought in it. Answers the refs of their orders, all of which were handed over."""
        refs = []
        switched(self, Mode.ACTIVE)
        for who in customers:
            another_customer_orders(self, who)
            refs.append(self.ref)
        switched(self, Mode.DRAINING)
        self.shifts_work()
        switched(self, Mode.STANDBY)
        assert self.headline == "settled", self.told
        return refs
