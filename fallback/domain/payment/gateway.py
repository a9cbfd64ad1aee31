"""The port of the payment provider."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fallback.domain.money import Money
from fallback.domain.order.grants import Refund
from fallback.domain.order.order import Decline, Order


class IntentState(StrEnum):
    """The state of a payment at the payment provider, in our terms."""

    NEEDS_CARD = "needs_card"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEEDS_CUSTOMER = "needs_customer"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"


class Intent(Struct, frozen=True):
    """A payment as the provider has it now. Amounts in minor units. `decline`: of the last confirmation.

    `refunded`: the sum of the `refunds` that succeeded or are under way; it falls if one fails later. `lapsed`: voided
    because the authorization was not captured in time. `next_action_url`: where the customer's bank asks for
    confirmation.
    """

    id: str
    state: IntentState
    amount: int
    currency: str
    captured: int = 0
    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    capture_before: datetime | None = None
    next_action_url: str | None = None
    decline: Decline | None = None
    lapsed: bool = False


class PaymentGateway(Protocol):
    """Authorize first, capture later. A decline is a result (`Intent.decline`), not an error.

    Each call may raise TryAgain (nothing happened), OutcomeUnknown (it may have happened) or Refused (it never will);
    calls with an idempotency `key` may be repeated with the same key and arguments within 23 hours.
    """

    @property
    def available(self) -> bool:
        """False while the circuit breaker is open: then one order at a time probes the provider."""

    def create(self, ref: str, total: Money, key: str) -> Intent: ...

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        """`token`: what the browser received for the card. `return_url`: where the bank sends the customer back to."""

    def retrieve(self, intent_id: str) -> Intent: ...

    def find(self, ref: str, since: datetime, after: str = "") -> Intent | None:
        """Find the intent created for this ref since then if its id was lost; searches from the newest.

        Raises NotThrough if that takes too long. `after`: where the last search stopped.
        """

    def listed(self, since: datetime) -> Iterable[tuple[str, Intent]]:
        """Every intent that was created for one of our refs since then, newest first, page by page."""

    def capture(self, intent_id: str, amount: Money, key: str) -> Intent: ...

    def void(self, intent_id: str, key: str) -> Intent: ...

    def refund(self, intent_id: str, amount: Money, key: str, grant: int = 0) -> Intent: ...


# Drills use other keys of the provider than purchases.
GatewayOf = Callable[[Order], PaymentGateway]
