"""The measured servers: Redis with our settings, and web servers that differ only in the application."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import redis

ROOT = Path(__file__).parent.parent.parent
START_SECONDS = 60.0
KEY: dict[str, str | list[str]] = {
    "kty": "oct",
    "kid": "bench",
    "alg": "HS256",
    "k": "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVoxMjM0NTY",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def redis_server() -> Iterator[redis.Redis]:
    """A Redis with the settings of ops/redis/redis.conf: every write is on disk before Redis responds."""
    directory = tempfile.TemporaryDirectory(prefix="bench-redis-", ignore_cleanup_errors=True)
    with directory as name, redis_in(Path(name)) as client:
        yield client


@contextmanager
def redis_in(directory: Path) -> Iterator[redis.Redis]:
    """The same, with what this directory has of one that was killed."""
    port = free_port()
    arguments = ["redis-server", str(ROOT / "ops/redis/redis.conf"), "--port", str(port), "--dir", str(directory)]
    with subprocess.Popen([*arguments, "--save", ""], stdout=subprocess.DEVNULL) as process:
        client = redis.Redis(port=port)
        try:
            _until(client.ping)
            yield client
        finally:
            process.kill()


@contextmanager
def web_server(app: str, settings: dict[str, str], interface: str, *options: str, processes: int = 1) -> Iterator[int]:
    """Serve `app`; ours with the Procfile's command. Returns its port."""
    port = free_port()
    command = [str(Path(sys.executable).with_name("granian")), "--interface", interface, app, "--port", str(port)]
    # Without a limit a process waits for a client that keeps its connection open.
    command += ["--workers", str(processes), "--workers-kill-timeout", "5", "--log-level", "error", *options]
    with subprocess.Popen(command, cwd=ROOT, env=os.environ | settings, stderr=subprocess.DEVNULL) as process:
        try:
            _until(lambda: socket.create_connection(("127.0.0.1", port), 1).close())
            yield port
        finally:
            process.terminate()


def settings(client: redis.Redis, **more: str) -> dict[str, str]:
    """The environment of our server. Accepting orders calls no external system."""
    port = client.connection_pool.connection_kwargs["port"]
    secret = "bench-0123456789abcdefghijklmnopqrstuvwxyz"
    nowhere = "http://127.0.0.1:9"
    return {
        "REDIS_URL": f"redis://127.0.0.1:{port}/0",
        "SECRET_KEY": secret,
        "CART_KEYS": f'{{"keys":[{str(KEY).replace(chr(39), chr(34))}]}}',
        "PUBLIC_URL": "http://127.0.0.1",
        "PRIMARY_URL": nowhere,
        "PRIMARY_TOKEN": secret,
        "STRIPE_SECRET_KEY": "sk_test_bench",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_bench",
        "STRIPE_WEBHOOK_SECRET": "whsec_bench",
        "ONCALL_TOKEN": secret,
        "CONSOLE_TOKEN": secret,
        "SMTP_URL": "smtp://127.0.0.1:9",
        "FALLBACK_SHOP": "bench",
        "FALLBACK_ORDERS_PER_MINUTE": "100000000",
        "FALLBACK_PACE": "10000",
        "FALLBACK_RAMP_START": "10000",
        "FALLBACK_CAPTURES_PER_SECOND": "10000",
        "LOG_LEVEL": "WARNING",
        **more,
    }


def _until(ready: object) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            ready()  # type: ignore[operator]
        except (OSError, redis.RedisError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return
