"""A PostgreSQL server of a test session's own, for the real shops."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.demo.shops.postgres import Postgres, who_runs_it
from ops.demo.supervisor import as_user
from tests.demo.waiting import eventually
from tests.proxy.standins import free_port

# What is lost with the machine may be lost: these are tests, and half of their time would go to the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "max_wal_size=256MB")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    server = Postgres(Path(tempfile.mkdtemp(prefix="fallback-postgres-")), free_port())
    try:
        server.prepare()
        with (server.directory / "log").open("wb") as log:
            user = as_user(who_runs_it())
            process = subprocess.Popen(server.command(*FAST), stdout=log, stderr=log, cwd=server.directory, **user)

        def answers() -> bool:
            assert process.poll() is None, (server.directory / "log").read_text()
            return server.is_ready()

        try:
            eventually(answers, within=60)
            yield server
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(server.directory, ignore_errors=True)
