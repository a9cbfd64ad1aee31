"""A PostgreSQL server of our own, from the packages of this machine, for real shops."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops.demo.places import LOOPBACK
from ops.demo.programs import Failed, Missing
from ops.demo.supervisor import as_user, die_with_parent

# Debian keeps the server's programs in a folder of their version.
DEBIAN = Path("/usr/lib/postgresql")
USER = "postgres"
STARTED_WITHIN = 60.0  # seconds
FAST_SHUTDOWN = signal.SIGINT  # it ends its connections, instead of waiting for them


def who_runs_it() -> str | None:
    """PostgreSQL does not run as root, and Debian's package brings its user. None: whoever we are."""
    return USER if os.geteuid() == 0 else None


@dataclass(frozen=True)
class Postgres:
    """A server on a port of 127.0.0.1, with its files in `directory`. Without a password it lets everyone there in."""

    directory: Path
    port: int
    password: str = field(default="", repr=False)

    @property
    def data(self) -> Path:
        return self.directory / "data"

    def prepare(self) -> None:
        """Make it, once. A half-made one is made anew."""
        if (self.data / "PG_VERSION").exists():
            return
        self.directory.mkdir(parents=True, exist_ok=True)
        aside, password = self.directory / "new", self.directory / "password"
        shutil.rmtree(aside, ignore_errors=True)
        password.touch(mode=0o600)
        password.write_text(self.password)
        if user := who_runs_it():
            for path in (self.directory, password):
                shutil.chown(path, user, user)
            self._is_reached_by(user)
        words = ("--auth=scram-sha-256", f"--pwfile={password}") if self.password else ("--auth=trust",)
        self._run("initdb", *words, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", f"-U{USER}", "-D", aside)
        password.unlink()
        aside.rename(self.data)

    def command(self, *settings: str) -> list[str]:
        """What starts it, with more `settings` as in postgresql.conf. Its user is `who_runs_it`."""
        usual = (f"port={self.port}", f"listen_addresses={LOOPBACK}", "unix_socket_directories=")
        words = [word for setting in (*usual, *settings) for word in ("-c", setting)]
        return [tool("postgres"), "-D", str(self.data), *words]

    @contextmanager
    def running(self, *settings: str) -> Iterator[None]:
        """It runs as long as this lasts."""
        with (self.directory / "log").open("wb") as log:
            process = subprocess.Popen(
                self.command(*settings),
                stdout=log,
                stderr=log,
                cwd=self.directory,
                preexec_fn=die_with_parent(),
                **as_user(who_runs_it()),
            )
        try:
            self._wait_until_ready(process)
            yield
        finally:
            process.send_signal(FAST_SHUTDOWN)
            process.wait()

    def is_ready(self) -> bool:
        ready = [tool("pg_isready"), "-q", "-h", LOOPBACK, "-p", str(self.port)]
        return subprocess.run(ready, check=False, timeout=10).returncode == 0

    def url(self, database: str) -> str:
        password = f":{self.password}" if self.password else ""
        return f"postgres://{USER}{password}@{LOOPBACK}:{self.port}/{database}"

    def create(self, database: str, template: str = "template1") -> None:
        """A copy of `template`, in which nobody may be connected."""
        self.sql(USER, f'CREATE DATABASE "{database}" TEMPLATE "{template}"')

    def drop(self, database: str) -> None:
        self.sql(USER, f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')

    def sql(self, database: str, statement: str) -> list[list[str]]:
        """The rows of one statement, each value as text."""
        found = self._run("psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-F\t", "-c", statement, self._address(database))
        return [line.split("\t") for line in found.splitlines()]

    def dump(self, database: str, file: Path) -> None:
        file.write_text(self._run("pg_dump", "--no-owner", self._address(database)))

    def restore(self, database: str, file: Path) -> None:
        """Create `database` with what `dump` wrote."""
        self.create(database)
        with file.open() as statements:
            self._run("psql", "-Xq", "-v", "ON_ERROR_STOP=1", self._address(database), stdin=statements)

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + STARTED_WITHIN
        while not self.is_ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failed(f"PostgreSQL does not start:\n{(self.directory / 'log').read_text()}")
            time.sleep(0.05)

    def _is_reached_by(self, user: str) -> None:
        """PostgreSQL cannot run as root, and its own user may not come into root's folders."""
        if subprocess.run(["test", "-w", str(self.directory)], check=False, cwd="/", **as_user(user)).returncode:
            raise Failed(
                f"PostgreSQL runs as the user {user}, who may not enter {self.directory}. Choose another "
                "folder; for a demo, with --state."
            )

    def _address(self, database: str) -> str:
        """Without the password, which everybody on this machine would see in the list of processes."""
        return f"postgres://{USER}@{LOOPBACK}:{self.port}/{database}"

    def _run(self, name: str, *words: str | Path, **more: Any) -> str:
        done: subprocess.CompletedProcess[str] = subprocess.run(
            [tool(name), *words],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
            cwd=self.directory,
            env=os.environ | {"PGPASSWORD": self.password},
            **as_user(who_runs_it()),
            **more,
        )
        if done.returncode:
            raise Failed(f"{name}: {done.stderr}")
        return done.stdout


def tool(name: str) -> str:
    """The path of one of PostgreSQL's programs, of the newest version that is there."""
    versions = sorted(DEBIAN.glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    if path := versions[-1] if versions else shutil.which(name):
        return str(path)
    raise Missing({"PostgreSQL": "postgresql"})
