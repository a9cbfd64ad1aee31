"""A real Redis with our settings, which tests may kill and start again."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path

import redis

from fallback.runtime.redis_connection import connect
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.programs import program

OPS = Path(__file__).parents[1] / "ops/redis"
SETTINGS = OPS / "redis.conf"
OURS, PASSWORD = "fallback", "the-password-of-tests"


class RedisServer:
    """Its data lives in `directory` and survives `kill`. Starts when it is made. `path`: another program's.

    `options` follow on its command line. `url` is for the application, whose user may call what it needs and nothing
    else (ops/redis/users.acl); `client` may call everything.
    """

    def __init__(self, directory: Path, path: str = "", *options: str) -> None:
        self.directory, self.program, self._options = directory, path or program("redis-server"), options
        self._port = free_port()
        self.url = f"redis://{OURS}:{PASSWORD}@127.0.0.1:{self._port}/0"
        self.admin_url = f"redis://127.0.0.1:{self._port}/0"
        self.client = connect(self.admin_url, socket_timeout=5)
        self._users = write_users(directory)
        self.start()

    def start(self) -> None:
        self._process = subprocess.Popen(
            [
                *(self.program, SETTINGS, "--port", str(self._port), "--dir", self.directory),
                *("--aclfile", self._users, *self._options),
            ],
            stdout=subprocess.DEVNULL,
        )
        eventually(self._answers)

    def empty(self) -> None:
        self.client.flushall()

    def kill(self) -> None:
        """As `kill -9` does: nothing is written any more."""
        self._process.kill()
        self._process.wait()

    def denied(self) -> set[str]:
        """What the application called and may not."""
        return denied_by(self.client)

    def pause(self) -> None:
        """It holds its connections and answers nothing, as behind a broken network."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        self.client.close()

    def _answers(self) -> bool:
        try:
            return bool(self.client.ping())
        except (redis.ConnectionError, redis.BusyLoadingError):
            return False


def write_users(directory: Path) -> Path:
    """Those of a deployment, with passwords."""
    users = (OPS / "users.acl").read_text()
    path = directory / "users.acl"
    path.write_text(users.replace("default on", "default on nopass").replace(f"{OURS} on", f"{OURS} on >{PASSWORD}"))
    return path


def denied_by(admin: redis.Redis) -> set[str]:
    return {entry["object"] for entry in admin.acl_log(128) if entry["username"] == OURS}
