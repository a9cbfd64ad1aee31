"""What drills need, bound to what it depends on: the part of the Container that exercises the line."""

from __future__ import annotations

from functools import cached_property, partial

from fallback.bootstrap.adapters import Adapters
from fallback.config import drill_email, is_test_key, read_drill_cart
from fallback.domain.oncall.drill import Drill, Drills, FrontDoor
from fallback.domain.oncall.drill_cart import DrillOrder, drill_key
from fallback.domain.order.order import Order
from fallback.domain.payment.gateway import PaymentGateway
from fallback.ledger.oncall.drills import RedisDrills
from fallback.runtime.metrics import Service
from fallback.usecases.oncall.begin_drill import begin_drill
from fallback.usecases.oncall.continue_drill import continue_drill


class Drilling(Adapters):
    """Tests hand fakes to it by assignment."""

    @cached_property
    def drills(self) -> Drills:
        return RedisDrills(self.redis)

    @cached_property
    def front_door(self) -> FrontDoor:
        from fallback.primaries.front_door import HttpFrontDoor

        return HttpFrontDoor(self.config.public_url)

    @property
    def drill_order(self) -> DrillOrder | None:
        """None where nobody has said what a drill shall buy."""
        config = self.config
        if not config.fallback_drill_cart:
            return None
        cart, key = read_drill_cart(config), drill_key(config.secret_key[0])
        return DrillOrder(cart, config.fallback_shop, drill_email(config), key)

    @property
    def drill_stripe_key(self) -> str:
        """One of Stripe's test mode, or empty: then drills go without a payment."""
        config = self.config
        own = config.stripe_secret_key if is_test_key(config.stripe_secret_key) else ""
        return config.fallback_drill_stripe_key or own

    @cached_property
    def drill_gateway(self) -> PaymentGateway:
        from fallback.payments.stripe_gateway import StripeGateway

        if not self.config.fallback_drill_stripe_key:
            return self.gateway
        gateway = StripeGateway(self.config.fallback_drill_stripe_key, self.config.stripe_api_base)
        return self.tally.over(Service.STRIPE, gateway)

    def gateway_of(self, order: Order) -> PaymentGateway:
        return self.drill_gateway if order.drill else self.gateway

    def drill_card(self) -> str:
        from fallback.payments.drill_card import drill_card

        return drill_card(self.drill_stripe_key, self.config.stripe_api_base)

    @cached_property
    def begin_drill(self) -> partial[Drill]:
        return partial(
            begin_drill,
            buys=self.drill_order,
            with_card=bool(self.drill_stripe_key),
            drills=self.drills,
            modes=self.modes,
            clock=self.clock,
        )

    @cached_property
    def continue_drill(self) -> partial[Drill]:
        return partial(
            continue_drill,
            buys=self.drill_order,
            test_card=self.drill_card,
            front_door=self.front_door,
            drills=self.drills,
            ledger=self.ledger,
            modes=self.modes,
            clock=self.clock,
        )
