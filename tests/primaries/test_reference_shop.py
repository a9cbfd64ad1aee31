"""The reference shop as a process of its own: what tests with kill -9 rely on."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from time import monotonic

from fallback.domain.errors import TryAgain
from fallback.domain.placement.primary import Primary
from tests.builders import an_order
from tests.ports import free_port
from tests.reference_shop import primary_at

ROOT = Path(__file__).parents[2]


@contextmanager
def running(state: Path) -> Iterator[tuple[Primary, subprocess.Popen[bytes]]]:
    port = free_port()
    command = [sys.executable, "-m", "tests.reference_shop", "--port", str(port), "--state", str(state)]
    with subprocess.Popen(command, cwd=ROOT) as process:
        primary = primary_at(f"http://127.0.0.1:{port}", "reference")
        until_it_answers(primary)
        yield primary, process
        process.kill()


def until_it_answers(primary: Primary) -> None:
    until, pause = monotonic() + 20, Event()
    while True:
        try:
            primary.health()
            return
        except TryAgain:
            assert monotonic() < until
            pause.wait(0.1)


def test_an_acknowledged_order_survives_kill_9_of_the_reference_shop(tmp_path: Path) -> None:
    order = an_order()
    with running(tmp_path / "shop.sqlite") as (primary, process):
        placed = primary.place(order)
        process.kill()

    with running(tmp_path / "shop.sqlite") as (primary, _):
        assert primary.find(order.ref) == placed
        assert primary.place(order) == placed
        assert primary.place(an_order()).id != placed.id
        assert primary.cancel(order.ref).status == "cancelled"
