"""Signing in at a real Vendure, and what its answers say when something is missing there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.call_deadline import leaving_by
from fallback.domain.errors import NotAuthorized, Refused, TooLate, TryAgain
from fallback.domain.order.cart import Delivery
from fallback.primaries.calls import Calls
from fallback.primaries.vendure import KIND
from fallback.primaries.vendure.session import Session, line_to
from tests.builders import an_order
from tests.shops.vendure.running import VendureShop

SIGN_OUT = "mutation { logout { success } }"
WHO = "{ me { identifier } }"


def signed_in(shop: VendureShop) -> Session:
    settings = shop.settings
    return Session(line_to(settings, 10), settings.primary_user, settings.primary_password)


def test_a_session_that_ended_is_renewed_by_the_call_that_finds_it(vendure: VendureShop) -> None:
    session = signed_in(vendure)
    session.ask(SIGN_OUT, {})

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(lambda _: session.ask(WHO, {}), range(4)))

    assert found == [{"me": {"identifier": vendure.settings.primary_user}}] * 4


def test_a_wrong_password_is_a_fault_of_the_settings(vendure: VendureShop) -> None:
    settings = replace(vendure.settings, primary_password="another-one")

    with pytest.raises(NotAuthorized, match="does not accept PRIMARY_USER and PRIMARY_PASSWORD"):
        KIND.build(settings, Calls()).health()


def test_what_the_shop_does_not_know_is_named(vendure: VendureShop) -> None:
    with pytest.raises(NotAuthorized, match=r"does not have our plugin.*fallbackNothing"):
        signed_in(vendure).ask("{ fallbackNothing }", {})


def test_another_address_is_no_shop(vendure: VendureShop) -> None:
    settings = replace(vendure.settings, primary_admin_path="health")

    with pytest.raises(TryAgain):
        KIND.build(settings, Calls(1)).health()


def test_nothing_leaves_after_its_time(vendure: VendureShop) -> None:
    order, now = an_order(received_at=datetime.now(UTC)), datetime.now(UTC)

    with leaving_by(now, lambda: now + timedelta(seconds=1)), pytest.raises(TooLate):
        vendure.primary().place(order)

    assert vendure.primary().find(order.ref) is None


def test_a_delivery_that_the_shop_does_not_have_is_refused_with_those_that_it_has(vendure: VendureShop) -> None:
    order = an_order(delivery=Delivery("balloon", "Balloon", 495), received_at=datetime.now(UTC))

    with pytest.raises(Refused, match="'balloon', but by: standard, express"):
        vendure.primary().place(order)

    assert vendure.primary().find(order.ref) is None
