"""`fallback web`, `fallback worker`, `fallback clock`: the processes. The Procfile and all deployments start these."""

from __future__ import annotations

import os
import sys
from typing import NoReturn

import click

from fallback.domain.order.order import Queue


@click.command()
def web() -> None:
    """Serve the pages and the API.

    HOST and PORT say where, WEB_CONCURRENCY with how many processes.
    """
    _become("fallback.web")


@click.command()
@click.argument("queues", nargs=-1, type=click.Choice([queue.value for queue in Queue]))
def worker(queues: tuple[str, ...]) -> None:
    """Do the work that is due.

    One process for each queue, by default of all, restarted when it dies.
    """
    _become("workers.run", *queues)


@click.command()
def clock() -> None:
    """Ring for the work that is due, probe the shop, raise alerts.

    Several may run: one of them leads, and another takes over when it dies.
    """
    _become("workers.clock")


def _become(module: str, *words: str) -> NoReturn:
    """The command is gone and the process has its id: signals reach it, and it has loaded nothing but its own."""
    os.execv(sys.executable, [sys.executable, "-m", module, *words])  # noqa: S606 - as it should be
