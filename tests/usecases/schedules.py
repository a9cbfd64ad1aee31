"""A few who act at the same moment, drawn by chance: from where, who, in which order; and what each may rely on."""

from __future__ import annotations

from datetime import timedelta
from random import Random
from typing import NamedTuple

from fallback.domain.order.grants import GrantKind
from fallback.domain.order.lifecycle import ENDED, Headline
from fallback.domain.placement.late_arrivals import LOOKED_FOR
from tests.usecases.races import ACTS, STARTS, Race
from tests.usecases.world import LONG, TOTAL, World

FEWEST, MOST = 3, 5
WORKERS = [name for name in ACTS if name.startswith("worker")]


class Schedule(NamedTuple):
    start: str
    acts: tuple[str, ...]
    seed: int


class Played(NamedTuple):
    """`broken`: the promises that were; `trace`: every turn, for whoever looks for the cause."""

    broken: list[str]
    trace: list[str]


def drawn(number: int) -> Schedule:
    """The same for the same number. Every other act is a worker's: it is them that call the outside."""
    chance = Random(number)
    start = chance.choice([*STARTS])
    acts = (chance.choice(chance.choice([[*ACTS], WORKERS])) for _ in range(chance.randint(FEWEST, MOST)))
    return Schedule(start, tuple(acts), number)


def play(schedule: Schedule) -> Played:
    world = STARTS[schedule.start]()
    race = Race(world, schedule.seed)
    told = race.run(*schedule.acts)
    world.time_passes(timedelta(hours=1))
    world.primary.arrive()
    world.time_passes(LOOKED_FOR + LONG)
    done = [name for name, word in zip(schedule.acts, told, strict=True) if word is None]
    lost = [f"{name}: lost" for name in done if not ACTS[name].stays(world)]
    return Played(lost + broken_promises(world), race.trace)


def broken_promises(world: World) -> list[str]:
    payment = world.order.payment
    promises = {
        "one captured charge at most": world.gateway.captures[world.ref] <= 1,
        "the customer pays what was agreed, or nothing": payment.captured in (0, payment.amount, TOTAL),
        "what the customer paid too much goes back": world.headline is not Headline.SETTLED
        or world.captured == what_is_due(world),
        "our books and Stripe's agree": world.captured == payment.captured - payment.refunded,
        "one order in the primary at most": world.orders_there <= 1,
        "what is undone leaves nothing": world.headline not in UNDONE or world.is_undone(),
        "it ends, or somebody has to do something": world.headline
        in (*ENDED, Headline.PAYMENT_NEEDED, Headline.ON_HOLD),
    }
    return [promise for promise, holds in promises.items() if not holds]


def what_is_due(world: World) -> int:
    """The price, without what people gave back."""
    given = sum(grant.amount for grant in world.order.grants if grant.kind is not GrantKind.DIFFERENCE)
    return world.order.payment.amount - given


UNDONE = (Headline.CANCELLED, Headline.REFUNDED)
