"""Find out what a Stripe key may do, and which wallets a domain has, without changing anything.

Each permission is tested by a call about an intent that cannot exist. Stripe answers 403 if the key lacks the
permission, and 'no such payment_intent' if it has it.

https://docs.stripe.com/keys/restricted-api-keys
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import stripe
from msgspec import Struct

from fallback.domain.errors import TryAgain
from fallback.payments.transport import BoundedClient

SECONDS = 5.0
NOBODY = "pi_none_of_this_name"
WALLETS = ("apple_pay", "google_pay", "link", "amazon_pay", "klarna", "paypal")


class Access(Struct, frozen=True):
    """`mode`: 'live' or 'test'. `refused`: missing permissions. `ahead`: how far Stripe's clock is ahead of ours."""

    mode: str
    refused: tuple[str, ...]
    ahead: timedelta


def look_at_access(secret_key: str, api_base: str, now: datetime) -> Access:
    """Raises TryAgain if Stripe is unavailable or does not know the key."""
    api = _client(secret_key, api_base)
    probes: Mapping[str, Callable[[], Any]] = {
        "read payments": lambda: api.payment_intents.list({"limit": 1}),
        "write payments": lambda: api.payment_intents.cancel(NOBODY),
        "read charges": lambda: api.charges.list({"limit": 1}),
        "write refunds": lambda: api.refunds.create({"payment_intent": NOBODY}),
    }
    seen = {name: _try(probe) for name, probe in probes.items()}
    date = next(headers["date"] for _, headers in seen.values())
    refused = tuple(name for name, (may, _) in seen.items() if not may)
    return Access(_mode(secret_key), refused, parsedate_to_datetime(date) - now)


def _client(secret_key: str, api_base: str) -> Any:
    return stripe.StripeClient(
        secret_key,
        base_addresses={"api": api_base},
        max_network_retries=0,
        http_client=BoundedClient(SECONDS),
    ).v1


def _try(probe: Callable[[], Any]) -> tuple[bool, Mapping[str, str]]:
    """Whether the key has the permission, and the response headers."""
    try:
        return True, probe().last_response.headers
    except stripe.PermissionError as error:
        return False, error.headers or {}
    except stripe.InvalidRequestError as error:
        return True, error.headers or {}
    except stripe.AuthenticationError as error:
        raise TryAgain("Stripe does not know STRIPE_SECRET_KEY") from error
    except stripe.StripeError as error:
        raise TryAgain(f"Stripe does not answer ({type(error).__name__})") from error


def _mode(secret_key: str) -> str:
    """Reads it from keys such as sk_live_… and rk_test_… (a restricted key)."""
    return secret_key.split("_")[1] if secret_key.count("_") > 1 else "unknown"


def look_at_domain(secret_key: str, api_base: str, domain: str) -> tuple[str, ...] | None:
    """The wallets that Stripe does not offer on this domain; None: it is not registered, or switched off.

    https://docs.stripe.com/api/payment_method_domains. Raises TryAgain, also if the key may not ask.
    """
    try:
        found = _client(secret_key, api_base).payment_method_domains.list({"domain_name": domain, "limit": 1}).data
    except stripe.StripeError as error:
        raise TryAgain(f"Stripe does not say ({type(error).__name__})") from error
    if not found or not found[0].enabled:
        return None
    statuses = {name: getattr(found[0], name, None) for name in WALLETS}
    return tuple(name for name, wallet in statuses.items() if wallet and wallet.status != "active")
