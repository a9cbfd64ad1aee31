"""Wallets appear only on a domain that is registered at Stripe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import responses
from msgspec import structs

from fallback.bootstrap.container import Container
from tests.doctor.conftest import found

DOMAINS = "https://api.stripe.com/v1/payment_method_domains"
ACTIVE, INACTIVE = {"status": "active"}, {"status": "inactive"}


@pytest.fixture
def stripe() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as there:
        yield there


@pytest.fixture(autouse=True)
def _served_over_https(container: Container) -> None:
    container.config = structs.replace(container.config, public_url="https://checkout.example")


def has(stripe: responses.RequestsMock, *domains: dict[str, Any]) -> None:
    body = {"object": "list", "data": list(domains), "has_more": False, "url": "/v1/payment_method_domains"}
    asked = responses.matchers.query_param_matcher({"domain_name": "checkout.example", "limit": "1"})
    stripe.get(DOMAINS, json=body, match=[asked])


def domain(**more: Any) -> dict[str, Any]:
    known = {"object": "payment_method_domain", "domain_name": "checkout.example", "enabled": True}
    return known | {"apple_pay": ACTIVE, "google_pay": ACTIVE, "link": ACTIVE} | more


def test_a_registered_domain_has_its_wallets(container: Container, stripe: responses.RequestsMock) -> None:
    has(stripe, domain())
    seen = found(container, "wallets")
    assert (seen.ok, seen.seen, seen.advice) == (True, "checkout.example is registered at Stripe", "")


@pytest.mark.parametrize("domains", [[], [domain(enabled=False)]], ids=["unknown", "switched off"])
def test_a_domain_that_is_not_registered_is_warned_of(
    container: Container, stripe: responses.RequestsMock, domains: list[dict[str, Any]]
) -> None:
    has(stripe, *domains)
    seen = found(container, "wallets")
    assert seen.ok
    assert seen.seen.startswith("checkout.example is not registered at Stripe")
    assert "Payment method domains" in seen.advice


def test_a_wallet_that_stripe_does_not_offer_there_is_named(
    container: Container, stripe: responses.RequestsMock
) -> None:
    has(stripe, domain(apple_pay=INACTIVE))
    assert found(container, "wallets").seen == "at checkout.example Stripe does not offer: apple_pay"


def test_a_key_that_may_not_ask_and_a_page_without_https_leave_it_unknown(
    container: Container, stripe: responses.RequestsMock
) -> None:
    stripe.get(DOMAINS, json={"error": {"type": "invalid_request_error", "message": "no permission"}}, status=403)
    assert found(container, "wallets").ok is None
    container.config = structs.replace(container.config, public_url="http://localhost")
    assert found(container, "wallets").ok is None
