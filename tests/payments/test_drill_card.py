"""The card of a drill, made by the sandbox and by a Stripe that refuses."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import responses

from fallback.domain.errors import TryAgain
from fallback.payments.drill_card import drill_card
from ops.demo.stripe_sandbox import launch


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[str]:
    with launch(tmp_path) as base:
        yield base


def test_a_drill_card_is_a_confirmation_token(sandbox: str) -> None:
    assert drill_card("sk_test_sandbox", sandbox).startswith("ctoken_")


def test_a_drill_card_is_requested_once_with_a_short_timeout() -> None:
    with responses.RequestsMock() as stripe:
        stripe.post("https://stripe.example/v1/test_helpers/confirmation_tokens", json={}, status=503)
        with pytest.raises(TryAgain):
            drill_card("sk_test_1", "https://stripe.example")
        assert [call.request.req_kwargs["timeout"] for call in stripe.calls] == [(2.0, 8.0)]


def test_without_stripe_there_is_none_yet(sandbox: str) -> None:
    with pytest.raises(TryAgain, match="AuthenticationError"):
        drill_card("sk_test_other", sandbox)
    with pytest.raises(TryAgain, match="APIConnectionError"):
        drill_card("sk_test_sandbox", "http://127.0.0.1:1")
