"""What may happen to a report to the shop: it is not answered, its process dies, another one overtakes it."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import NoReturn

import pytest

from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Queue
from fallback.domain.order.patience import PATIENCE
from tests.usecases.world import Crash, World


class Longest(Random):
    def random(self) -> float:
        return 1.0


def pauses(world: World, call: str, answers: Iterable[Exception]) -> list[int]:
    """How long at most the next one is waited for after each of these, in seconds."""
    world.restart()
    world.container.random = Longest()
    found = []
    for error in answers:
        world.primary.fail_next(call, error)
        world.make_step(Queue.PLACEMENT, world.ref)
        due = due_times(world.order)[Queue.PLACEMENT]
        found.append(round((due - world.now).total_seconds()))
        world.now = due
    return found


def dies_in(world: World, call: str) -> None:
    """The process that tells the shop dies before it hears the answer."""

    def dies() -> NoReturn:
        raise Crash

    world.meanwhile("primary", call, dies)
    with pytest.raises(Crash):
        world.shifts_work(Queue.PLACEMENT)
    world.restart()


def is_overtaken(world: World, call: str, answer: Exception) -> None:
    """The process stands still after it told the shop; when it goes on, to this answer, another has told it again."""

    def stands_still() -> NoReturn:
        world.now += 2 * PATIENCE
        world.shifts_work(Queue.PLACEMENT)
        raise answer

    world.meanwhile("primary", call, stands_still)
    world.shifts_work(Queue.PLACEMENT)
