"""A PostgreSQL server of a test session's own, for the real shops."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.demo.waiting import eventually
from tests.proxy.standins import free_port

# Debian keeps the server's programs in a folder of their version.
DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
# What is lost with the machine may be lost: these are tests, and half of their time would go to the disk.
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "max_wal_size=256MB")


class Postgres:
    """Listens on a free port of 127.0.0.1; everyone there is its user 'postgres'. Starts when it is made."""

    def __init__(self) -> None:
        self.directory = Path(tempfile.mkdtemp(prefix="fallback-postgres-"))
        self.port = free_port()
        # PostgreSQL does not run as root, and Debian's package brings its user.
        self._who: dict[str, Any] = {"user": USER, "group": USER, "extra_groups": []} if os.geteuid() == 0 else {}
        if self._who:
            shutil.chown(self.directory, USER, USER)
        data = self.directory / "data"
        self._run("initdb", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"-U{USER}", "-D", data)
        settings = (f"port={self.port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *FAST)
        words = [word for setting in settings for word in ("-c", setting)]
        with (self.directory / "log").open("wb") as log:
            command = [tool("postgres"), "-D", data, *words]
            self._process = subprocess.Popen(command, stdout=log, stderr=log, cwd=self.directory, **self._who)
        eventually(self._answers, within=60)

    def url(self, database: str) -> str:
        return f"postgres://{USER}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """A copy of `template`, in which nobody may be connected."""
        self.sql(USER, f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        self.sql(USER, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def sql(self, database: str, statement: str) -> list[list[str]]:
        """The rows of one statement, each value as text."""
        found = self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F\t", "-c", statement, self.url(database))
        return [line.split("\t") for line in found.splitlines()]

    def dump(self, database: str, file: Path) -> None:
        file.write_text(self._run("pg_dump", "--no-owner", self.url(database)))

    def restore(self, database: str, file: Path) -> None:
        """Create `database` with what `dump` wrote."""
        self.create(database)
        with file.open() as statements:
            self._run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", self.url(database), stdin=statements)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        shutil.rmtree(self.directory, ignore_errors=True)

    def _answers(self) -> bool:
        assert self._process.poll() is None, (self.directory / "log").read_text()
        ready = [tool("pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        return subprocess.run(ready, check=False, timeout=10).returncode == 0

    def _run(self, name: str, *words: str | Path, **more: Any) -> str:
        done = subprocess.run(
            [tool(name), *words], capture_output=True, text=True, timeout=120, cwd=self.directory, **self._who, **more
        )
        assert done.returncode == 0, f"{name}: {done.stderr}"
        return done.stdout


@contextmanager
def running_postgres() -> Iterator[Postgres]:
    server = Postgres()
    try:
        yield server
    finally:
        server.close()


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version that is there."""
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if path := versions[-1] if versions else shutil.which(name):
        return str(path)
    pytest.fail("This test needs PostgreSQL. On Debian and Ubuntu, as root: apt install postgresql", pytrace=False)
