"""What a key may do, asked of the sandbox and of a Stripe that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses

from fallback.domain.errors import TryAgain
from fallback.payments.access import look_at_access
from ops.demo.stripe_sandbox import launch

STRIPE = "https://api.stripe.example"
FORBIDDEN = {"error": {"type": "invalid_request_error", "message": "The provided key does not have the permission."}}


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    with launch(tmp_path) as base:
        yield base


def test_a_full_key_may_do_all_that_we_do_and_changes_nothing(sandbox: str) -> None:
    seen = look_at_access("sk_test_sandbox", sandbox, datetime.now(UTC))
    assert (seen.mode, seen.refused) == ("test", ())
    assert abs(seen.ahead) < timedelta(seconds=10)


def test_a_key_that_stripe_does_not_know_is_named(sandbox: str) -> None:
    with pytest.raises(TryAgain, match="does not know STRIPE_SECRET_KEY"):
        look_at_access("sk_test_other", sandbox, datetime.now(UTC))


def test_permissions_that_a_restricted_key_lacks_are_named() -> None:
    date = {"Date": "Sat, 21 Nov 2026 10:05:00 GMT"}
    with responses.RequestsMock() as stripe:
        stripe.get(f"{STRIPE}/v1/payment_intents", json={"object": "list", "data": []}, headers=date)
        stripe.post(
            f"{STRIPE}/v1/payment_intents/pi_none_of_this_name/cancel", json=FORBIDDEN, status=403, headers=date
        )
        stripe.get(f"{STRIPE}/v1/charges", json={"object": "list", "data": []}, headers=date)
        stripe.post(f"{STRIPE}/v1/refunds", json=FORBIDDEN, status=403, headers=date)
        seen = look_at_access("rk_live_1", STRIPE, datetime(2026, 11, 21, 10, 0, tzinfo=UTC))
    assert (seen.mode, seen.refused) == ("live", ("write payments", "write refunds"))
    assert seen.ahead == timedelta(minutes=5)


def test_a_stripe_that_is_away_is_named() -> None:
    with pytest.raises(TryAgain, match="does not answer"):
        look_at_access("sk_test_1", "http://127.0.0.1:1", datetime.now(UTC))
