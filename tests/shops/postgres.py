"""A PostgreSQL server of a test session's own, for the real shops."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.demo.shops.postgres import Postgres
from tests.ports import free_port

# What is lost with the machine may be lost: these are tests, and half of their time would go to the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "max_wal_size=256MB")


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    server = Postgres(Path(tempfile.mkdtemp(prefix="fallback-postgres-")), free_port())
    try:
        server.prepare()
        with server.running(*FAST):
            yield server
    finally:
        shutil.rmtree(server.directory, ignore_errors=True)
