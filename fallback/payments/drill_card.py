"""Create a card for drills: a confirmation token in Stripe's test mode, like one from a customer's browser.

https://docs.stripe.com/api/confirmation_tokens/test_create, https://docs.stripe.com/testing#cards
"""

from __future__ import annotations

import stripe

from fallback.domain.errors import TryAgain
from fallback.payments.transport import BoundedClient

SECONDS = 10.0
CARD = "pm_card_visa"


def drill_card(secret_key: str, api_base: str) -> str:
    """Raises TryAgain. The caller decides how long to retry."""
    client = stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base},
        max_network_retries=0,
        http_client=BoundedClient(SECONDS),
    )
    try:
        return client.v1.test_helpers.confirmation_tokens.create({"payment_method": CARD}).id
    except stripe.StripeError as error:
        raise TryAgain(f"Stripe did not create a test card ({type(error).__name__})") from error
