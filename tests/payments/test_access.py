"""What a key may do, asked of the sandbox and of a Stripe that refuses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import responses

from fallback.domain.errors import TryAgain
from fallback.payments.access import look_at_access
from ops.demo.stripe_sandbox import launch

STRIPE = "https://api.stripe.example"
ANYTHING = re.compile(f"{STRIPE}/.*")
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
    with pytest.raises(TryAgain, match=r"^Stripe does not know STRIPE_SECRET_KEY$"):
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


def test_a_key_that_may_do_nothing_lacks_each_permission_by_name() -> None:
    date = {"Date": "Sat, 21 Nov 2026 10:05:00 GMT"}
    with responses.RequestsMock() as stripe:
        for method in ("GET", "POST"):
            stripe.add(method, ANYTHING, json=FORBIDDEN, status=403, headers=date)
        seen = look_at_access("rk_live_1", STRIPE, datetime.now(UTC))
        asked = [call.request for call in stripe.calls]
    assert seen.refused == ("read payments", "write payments", "read charges", "write refunds")
    assert [request.params for request in asked if request.method == "GET"] == [{"limit": "1"}] * 2
    assert asked[-1].body == "payment_intent=pi_none_of_this_name"
    assert {request.req_kwargs["timeout"] for request in asked} == {(2.0, 3.0)}


@pytest.mark.parametrize(
    ("key", "mode"), [("sk_live_1", "live"), ("rk_test_1", "test"), ("sk_old", "unknown"), ("", "unknown")]
)
def test_the_mode_is_in_the_key(key: str, mode: str) -> None:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stripe:
        for method in ("GET", "POST"):
            stripe.add(method, ANYTHING, json=FORBIDDEN, status=403, headers={"Date": "Sat, 21 Nov 2026 10:05:00 GMT"})
        assert look_at_access(key or "x", STRIPE, datetime.now(UTC)).mode == mode


def test_a_stripe_that_fails_is_asked_once() -> None:
    with responses.RequestsMock() as stripe:
        stripe.get(ANYTHING, json={}, status=503)
        with pytest.raises(TryAgain):
            look_at_access("sk_test_1", STRIPE, datetime.now(UTC))
        assert len(stripe.calls) == 1


def test_a_stripe_that_is_away_is_named() -> None:
    with pytest.raises(TryAgain, match=r"^Stripe does not answer \(APIConnectionError\)$"):
        look_at_access("sk_test_1", "http://127.0.0.1:1", datetime.now(UTC))
