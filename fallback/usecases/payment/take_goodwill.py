"""The customer takes the goodwill that the policy grants to her when we were late, without asking anybody."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from fallback.domain.clock import Clock
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.grants import GrantKind, GrantWish
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds
from fallback.domain.payment.policy import WAITED, Policy
from fallback.domain.support.late import act


def take_goodwill(
    ref: str, *, ledger: Ledger, policy: Policy, incident_of: Callable[[str], str], clock: Clock
) -> Order:
    """Raises NotAllowedNow if there is none for this order, or if it was given already."""
    timeline = ledger.timeline(ref)

    def change(order: Order) -> Change:
        booked = ledger.booked(GrantKind.GOODWILL, incident_of(ref), order.currency)
        amount = refunds.own_goodwill(order, timeline, booked, policy, clock())
        if not amount:
            raise NotAllowedNow(headline(order), "goodwill")
        left = refunds.refundable(order)
        wish = GrantWish(kind=GrantKind.GOODWILL, amount=amount, reason=WAITED, refundable=left)
        granted = refunds.grant(order, wish, CUSTOMER, booked.incident, clock())
        return structs.replace(granted, booked=booked)

    return act(ledger, ref, CUSTOMER, len(timeline), change)
