"""Builds what drills need: their cart, their payment key, and the public entrance that customers use."""

from __future__ import annotations

from functools import cached_property

from fallback.config import Config, is_test_key
from fallback.domain.oncall.drill import FrontDoor
from fallback.domain.oncall.drill_cart import DrillOrder, drill_key
from fallback.domain.payment.gateway import PaymentGateway


def order(config: Config) -> DrillOrder | None:
    """None if FALLBACK_DRILL_CART is not set."""
    drills = config.drills
    if not drills.cart:
        return None
    email, key = drills.mails_to(config.fallback_mail_from), drill_key(config.secret_key[0])
    return DrillOrder(drills.read_cart(), config.fallback_shop, email, key)


def stripe_key(config: Config) -> str:
    """A key of Stripe's test mode; if empty, drills make no payment."""
    own = config.stripe_secret_key if is_test_key(config.stripe_secret_key) else ""
    return config.fallback_drill_stripe_key or own


def build_gateway(config: Config) -> PaymentGateway | None:
    """None if drills are paid with the key of purchases."""
    from fallback.payments.stripe_gateway import StripeGateway

    key = config.fallback_drill_stripe_key
    return StripeGateway(key, config.stripe_api_base) if key else None


def card(config: Config) -> str:
    from fallback.payments.drill_card import drill_card

    return drill_card(stripe_key(config), config.stripe_api_base)


def build_front_door(config: Config) -> FrontDoor:
    from fallback.primaries.front_door import HttpFrontDoor

    return HttpFrontDoor(config.public_url)


class Deps:
    """The part of the container for drills alone."""

    config: Config

    @property
    def drill_order(self) -> DrillOrder | None:
        return order(self.config)

    @property
    def drill_with_card(self) -> bool:
        return bool(stripe_key(self.config))

    def drill_card(self) -> str:
        return card(self.config)

    @cached_property
    def front_door(self) -> FrontDoor:
        return build_front_door(self.config)
