"""Whoever acts on one order at the same moment as another, in whatever order it happens: the promises hold (§3)."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.grants import GrantKind
from fallback.domain.lifecycle import ENDED, Headline
from fallback.domain.order import Order
from tests.fakes.ledger import FakeLedger
from tests.usecases.races import ACTS, STARTS, Race
from tests.usecases.world import TOTAL, World

SEEDS = range(2)


@pytest.mark.parametrize("pair", [*combinations_with_replacement(ACTS, 2)], ids=" | ".join)
@pytest.mark.parametrize("start", STARTS)
def test_two_at_the_same_moment_keep_the_promises(start: str, pair: tuple[str, str]) -> None:
    for seed in SEEDS:
        world = STARTS[start]()
        race = Race(world, seed)
        broken = broken_by(race, world, *pair)
        assert broken == [], "\n".join([f"seed {seed}", *race.trace])


def test_the_same_seed_is_the_same_race() -> None:
    def traced(seed: int) -> list[str]:
        world = STARTS["set aside"]()
        race = Race(world, seed)
        race.run("customer cancels", "worker works on the placement")
        return race.trace

    assert traced(1) == traced(1) != traced(2)


def test_a_ledger_in_which_the_last_writer_wins_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = FakeLedger.commit

    def overwrite(ledger: FakeLedger, old: Order, new: Order, *more: Any, **named: Any) -> Order:
        return commit(ledger, replace(old, version=ledger.load(old.ref).version), new, *more, **named)

    monkeypatch.setattr(FakeLedger, "commit", overwrite)
    broken: set[str] = set()
    for seed in range(30):
        world = STARTS["set aside"]()
        broken |= {*broken_by(Race(world, seed), world, "customer changes the address", "agent rejects")}
    assert "agent rejects: lost" in broken


def broken_by(race: Race, world: World, *acts: str) -> list[str]:
    told = race.run(*acts)
    world.time_passes()
    done = [name for name, word in zip(acts, told, strict=True) if word is None]
    return [f"{name}: lost" for name in done if not ACTS[name].stays(world)] + broken_promises(world)


def broken_promises(world: World) -> list[str]:
    payment = world.order.payment
    promises = {
        "one captured charge at most": world.gateway.captures[world.ref] <= 1,
        "she pays what was agreed, or nothing": payment.captured in (0, payment.amount, TOTAL),
        "what she paid too much goes back": world.headline is not Headline.SETTLED
        or world.captured == what_is_due(world),
        "our books and Stripe's agree": world.captured == payment.captured - payment.refunded,
        "one order in the primary at most": world.orders_there <= 1,
        "what is undone leaves nothing": world.headline not in UNDONE or world.is_undone(),
        "it ends, or somebody has to do something": world.headline
        in (*ENDED, Headline.PAYMENT_NEEDED, Headline.ON_HOLD),
    }
    return [promise for promise, holds in promises.items() if not holds]


def what_is_due(world: World) -> int:
    """The price, without what people gave her back."""
    given = sum(grant.amount for grant in world.order.grants if grant.kind is not GrantKind.DIFFERENCE)
    return world.order.payment.amount - given


UNDONE = (Headline.CANCELLED, Headline.REFUNDED)
