"""The customer comes back from her bank's page: a shift shall look what it decided."""

from __future__ import annotations

from fallback.domain import payment
from fallback.domain.order import Change, Order, PaymentState
from fallback.domain.ports import Clock, Ledger
from fallback.domain.recording import record


def welcome_back(ref: str, *, ledger: Ledger, clock: Clock) -> Order:
    def look(order: Order) -> Change | None:
        if order.payment.state is not PaymentState.ACTION_REQUIRED:
            return None
        return payment.look_again(order, clock(), "back_from_bank", "customer")

    return record(ledger, ledger.load(ref), look)
