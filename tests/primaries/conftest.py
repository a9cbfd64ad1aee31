from __future__ import annotations

from collections.abc import Iterator

import pytest
import responses

from fallback.domain.order.order import Order
from fallback.primaries.http.primary import HttpPrimary
from tests.builders import an_order
from tests.fakes.primary import FakePrimary
from tests.reference_shop import ReferenceShop, primary_at, serving

# Seconds; what a test waits for at most when a primary does not answer.
DEADLINE = 0.6


@pytest.fixture
def server() -> Iterator[ReferenceShop]:
    with serving(ReferenceShop(FakePrimary())) as server:
        yield server


@pytest.fixture
def primary(server: ReferenceShop) -> HttpPrimary:
    return primary_at(server.url, server.token, DEADLINE)


@pytest.fixture
def web() -> Iterator[responses.RequestsMock]:
    """What shops answer that are no servers of ours."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as web:
        yield web


@pytest.fixture
def order() -> Order:
    return an_order()
