"""A person of the console gives money back, or asks a colleague to agree that it is given."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from fallback.domain.clock import Clock
from fallback.domain.errors import Invalid
from fallback.domain.order.grants import GrantWish
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds
from fallback.domain.payment.policy import Policy
from fallback.domain.support.accounts import Person
from fallback.domain.support.late import act


def grant_refund(
    ref: str,
    person: Person,
    wish: GrantWish,
    seen: int,
    *,
    ledger: Ledger,
    policy: Policy,
    incident_of: Callable[[str], str],
    clock: Clock,
    desk: str,
) -> Order:
    """Raises Late, NotAllowedNow before anything was captured, Invalid; also if she saw another amount than there is.

    Of two who grant in the same moment, for two orders of one incident, the second decides on what the first has left.
    """
    if wish.reason not in policy.reasons_for(wish.kind):
        raise Invalid("reason", "unknown_reason", "Choose one of the reasons.")

    def change(order: Order) -> Change:
        refunds.check(order, wish)
        incident = incident_of(order.ref)
        booked = ledger.booked(wish.kind, incident, order.currency)
        verdict = refunds.verdict(order, wish.amount, booked, person.role, policy)
        if not verdict.by:
            raise Invalid("amount", "above_every_limit", "Nobody may give that much.")
        granted = refunds.grant(order, wish, person.name, incident, clock(), "" if verdict.granted else desk)
        return structs.replace(granted, booked=booked)

    return act(ledger, ref, person.name, seen, change)
