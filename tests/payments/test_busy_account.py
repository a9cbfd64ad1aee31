"""An intent among very many others: each look goes through what its time allows, and the next goes on from there."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
import responses

from fallback.domain.errors import NotThrough, TryAgain
from fallback.payments.stripe_gateway import StripeGateway

INTENTS = "https://api.stripe.com/v1/payment_intents"
SINCE = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
OURS, OTHERS = "FB-7K3M-92QX-5", "FB-2222-2222-2"


def slow_gateway(step: int = 6) -> StripeGateway:
    """Its watch goes on by some seconds at each look at it; with six a search has time for few pages."""
    watch = count(0, step)
    return StripeGateway("sk_test_1", sleep=lambda seconds: None, monotonic=lambda: float(next(watch)))


def a_page(*names: str, ref: str = OTHERS, more: bool = True) -> dict[str, object]:
    about = {"object": "payment_intent", "amount": 3093, "currency": "eur", "status": "requires_payment_method"}
    return {
        "object": "list",
        "url": "/v1/payment_intents",
        "has_more": more,
        "data": [about | {"id": name, "metadata": {"ref": ref}} for name in names],
    }


@pytest.fixture
def account() -> responses.RequestsMock:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as stripe:
        pages = [a_page(f"pi_{10 - number}") for number in range(6)] + [a_page("pi_1", ref=OURS, more=False)]
        for number, page in enumerate(pages):
            match = {"starting_after": f"pi_{11 - number}"} if number else {}
            stripe.get(INTENTS, json=page, match=[responses.matchers.query_param_matcher(match, strict_match=False)])
        yield stripe


def test_a_search_that_runs_out_of_time_continues_in_the_next_one(account: responses.RequestsMock) -> None:
    gateway, at, looks = slow_gateway(), "", []
    found = None
    while not found:
        try:
            found = gateway.find(OURS, SINCE, at)
        except NotThrough as error:
            at = error.at
            looks.append(at)
    assert found.id == "pi_1"
    assert len(looks) == len(set(looks)) > 1
    asked = [call.request.params.get("starting_after") for call in account.calls]
    assert asked == [None, *(f"pi_{number}" for number in range(10, 4, -1))]  # each page once


def test_a_search_that_made_no_progress_raises_try_again(account: responses.RequestsMock) -> None:
    account.replace(responses.GET, INTENTS, status=503)
    with pytest.raises(TryAgain) as failed:
        slow_gateway().find(OURS, SINCE + timedelta(hours=1))
    assert not isinstance(failed.value, NotThrough)


def test_a_search_that_was_rate_limited_passes_the_wait_on() -> None:
    with responses.RequestsMock() as stripe:
        stripe.get(INTENTS, json=a_page("pi_10"))
        stripe.get(INTENTS, json={"error": {"type": "api_error"}}, status=429, headers={"Retry-After": "60"})
        with pytest.raises(NotThrough, match="RateLimitError 429") as failed:
            slow_gateway(1).find(OURS, SINCE)
    assert (failed.value.at, failed.value.after) == ("pi_10", 60)
