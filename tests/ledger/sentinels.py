"""Three Redis servers with three Sentinels over them, with the files that a deployment has."""

from __future__ import annotations

import subprocess
from pathlib import Path
from string import Template

import redis

from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.programs import program

OPS = Path(__file__).parents[2] / "ops"
HOST = "127.0.0.1"


class Sentinels:
    """Begins with a primary that has both its replicas; `url` is what REDIS_URL says. `path`: another program's."""

    def __init__(self, directory: Path, path: str = "") -> None:
        self._directory, self._program = directory, path or program("redis-server")
        self._servers: dict[int, subprocess.Popen[bytes]] = {}
        settings = (OPS / "deploy/redis/replicated.conf").read_text()
        (directory / "redis.conf").write_text(settings.replace("/etc/fallback", str(OPS / "redis")))
        self.primary = self._redis()
        for _ in range(2):
            self._redis("--replicaof", HOST, str(self.primary))
        self._ports = [self._sentinel() for _ in range(3)]
        self.url = f"redis+sentinel://{','.join(f'{HOST}:{port}' for port in self._ports)}/ledger"
        eventually(self._complete, within=30)

    def kill_primary(self) -> None:
        """As `kill -9` does."""
        self._servers[self.primary].kill()
        self._servers[self.primary].wait()

    def elected(self) -> int:
        """The primary, as Sentinel names it now."""
        with redis.Redis(port=self._ports[0]) as sentinel:
            self.primary = int(sentinel.sentinel_get_master_addr_by_name("ledger")[1])
        return self.primary

    def revive(self, port: int) -> None:
        """A server that was killed starts again; Sentinel makes it a replica."""
        home = self._directory / str(port)
        self._start(port, str(self._directory / "redis.conf"), "--port", str(port), "--dir", str(home))

    def kill_a_sentinel(self) -> None:
        """The one that everybody asks first."""
        self._servers[self._ports[0]].kill()
        self._servers[self._ports[0]].wait()

    def close(self) -> None:
        for process in self._servers.values():
            process.kill()
            process.wait()

    def _redis(self, *options: str) -> int:
        port = free_port()
        home = self._directory / str(port)
        home.mkdir()
        self._start(port, str(self._directory / "redis.conf"), "--port", str(port), "--dir", str(home), *options)
        return port

    def _sentinel(self) -> int:
        port = free_port()
        own = self._directory / f"{port}.conf"
        settings = Template((OPS / "deploy/redis/sentinel.conf").read_text())
        own.write_text(settings.substitute(PRIMARY_HOST=HOST, PRIMARY_PORT=self.primary))
        self._start(port, str(own), "--sentinel", "--port", str(port))
        return port

    def _start(self, port: int, *words: str) -> None:
        self._servers[port] = subprocess.Popen([self._program, *words], stdout=subprocess.DEVNULL)
        eventually(lambda: _answers(port))

    def _complete(self) -> bool:
        """Each Sentinel knows the two others and both replicas, and the replicas have what the primary has."""
        for port in self._ports:
            with redis.Redis(port=port) as sentinel:
                known = sentinel.sentinel_master("ledger")
            if (known["num-slaves"], known["num-other-sentinels"]) != (2, 2):
                return False
        with redis.Redis(port=self.primary) as primary:
            replication = primary.info("replication")
        return all(replication.get(f"slave{number}", {}).get("state") == "online" for number in (0, 1))


def _answers(port: int) -> bool:
    with redis.Redis(port=port) as client:
        try:
            return bool(client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False
