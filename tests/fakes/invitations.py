"""Mails to the customers of drafts, in memory."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.checkout.invitations import LEASE, Invited


class FakeInvitationMails:
    """invitations.InvitationMails."""

    def __init__(self) -> None:
        self.kept: dict[str, Invited] = {}
        self.due: dict[str, datetime] = {}

    def keep(self, cart_id: str, invited: Invited) -> None:
        self.kept[cart_id] = invited
        if invited.is_open:
            self.due[cart_id] = invited.due_at
        else:
            self.due.pop(cart_id, None)

    def of_cart(self, cart_id: str) -> Invited | None:
        return self.kept.get(cart_id)

    def count_due(self, now: datetime) -> int:
        return len(self._due(now))

    def take(self, now: datetime, most: int) -> list[str]:
        carts = self._due(now)[:most]
        self.due |= dict.fromkeys(carts, now + LEASE)
        return carts

    def _due(self, now: datetime) -> list[str]:
        return sorted((cart for cart, at in self.due.items() if at <= now), key=lambda cart: self.due[cart])
