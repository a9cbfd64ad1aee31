"""The balance sheet against Stripe's sandbox and a shop over HTTP: it matches, and finds planted differences."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace

from fallback.domain.money import Money
from ops.demo.stripe_sandbox import launch
from tests.fakes.gateway import VISA
from tests.fakes.primary import FakePrimary
from tests.reference_shop import ReferenceShop, primary_at, serving
from tests.usecases.incident.outages import closes, differences
from tests.usecases.real_sides import RealSides
from tests.usecases.world import TOTAL

WHO = ("ada", "ben", "eve")


@pytest.fixture
def shop() -> FakePrimary:
    return FakePrimary()


@pytest.fixture
def world(tmp_path: Path, shop: FakePrimary) -> Iterator[RealSides]:
    with launch(tmp_path) as stripe, serving(ReferenceShop(shop)) as server:
        yield RealSides(primary_at(server.url, server.token), stripe)


def test_it_balances_to_the_cent_and_is_closed(world: RealSides) -> None:
    world.sees_an_outage(*WHO)
    assert differences(world) == []
    closes(world)


def test_what_was_planted_at_stripe_and_in_the_shop_is_named_order_by_order(
    world: RealSides, shop: FakePrimary
) -> None:
    refs = world.sees_an_outage(*WHO)
    ada, ben, eve = refs
    # Money given back in Stripe's dashboard, of which no webhook told us.
    world.gateway.refund(world.ledger.load(ada).payment.intent, Money(500, "EUR"), "by hand")
    # Somebody charged them a second time.
    intent = world.gateway.create(ben, Money(TOTAL, "EUR"), "again")
    world.gateway.confirm(intent.id, VISA, "https://shop.example", "again, confirmed")
    world.gateway.capture(intent.id, Money(TOTAL, "EUR"), "again, captured")
    # In the shop one is gone, and one was changed.
    shop.orders.pop(ben)
    shop.keep(replace(shop.orders[eve], total=1))
    assert sorted(differences(world)) == sorted(
        [
            ("stripe", "refunded", ada),
            ("stripe", "twice", ben),
            ("shop", "missing", ben),
            ("shop", "different", eve),
        ]
    )
