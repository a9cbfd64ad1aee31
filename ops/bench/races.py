"""Several actors on one order at the same time, in many more interleavings than the tests have time for."""

from __future__ import annotations

import sys
from concurrent.futures import ProcessPoolExecutor

from tests.usecases.schedules import drawn, play

SCHEDULES = 20_000


def measure() -> dict[str, float]:
    with ProcessPoolExecutor() as processes:
        broken = [line for line in processes.map(_broken, range(SCHEDULES), chunksize=200) if line]
    for line in broken:
        print(line, file=sys.stderr)
    return {"schedules": SCHEDULES, "schedules_broken": len(broken)}


def _broken(number: int) -> str:
    schedule = drawn(number)
    promises = play(schedule).broken
    return f"{schedule}: {', '.join(promises)}" if promises else ""
