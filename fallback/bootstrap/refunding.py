"""The use cases that give money back, bound to what they depend on."""

from __future__ import annotations

from functools import cached_property, partial

from fallback.bootstrap.adapters import Adapters
from fallback.domain.order.order import Order
from fallback.usecases.payment.approve_refund import approve_refund
from fallback.usecases.payment.grant_refund import grant_refund
from fallback.usecases.payment.settle_refund import settle_refund
from fallback.usecases.payment.take_goodwill import take_goodwill


class Refunding(Adapters):
    """Tests hand fakes to it by assignment."""

    @cached_property
    def grant_refund(self) -> partial[Order]:
        return partial(
            grant_refund,
            ledger=self.ledger,
            policy=self.policy,
            incident_of=self.incidents.of,
            clock=self.clock,
            desk=self.config.fallback_desk,
        )

    @cached_property
    def take_goodwill(self) -> partial[Order]:
        return partial(
            take_goodwill, ledger=self.ledger, policy=self.policy, incident_of=self.incidents.of, clock=self.clock
        )

    @cached_property
    def approve_refund(self) -> partial[Order]:
        return partial(approve_refund, ledger=self.ledger, policy=self.policy, clock=self.clock)

    @cached_property
    def settle_refund(self) -> partial[Order]:
        return partial(settle_refund, ledger=self.ledger, clock=self.clock)
