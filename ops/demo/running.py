"""Start a demo, wait until it is ready, stop it, and report its status."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import click

from ops.demo import lock
from ops.demo.env import Env, read_env
from ops.demo.front import prepare_front
from ops.demo.places import LOOPBACK, PORTS, ROOT, Place
from ops.demo.processes import PYTHON, processes
from ops.demo.shops import shop_of
from ops.demo.shops.shop import Tell
from ops.demo.supervisor import GRACE, STEADY, Process, die_with_parent

SUPERVISOR = "supervisor"


class NotReady(click.ClickException):
    """The demo did not become ready. The message says where to look."""


@dataclass(frozen=True)
class State:
    name: str
    state: str  # up | starting | broken
    broken: str | None  # the kind of fault, if it is broken on purpose
    pid: int | None
    port: int | None


@dataclass(frozen=True)
class Status:
    running: bool
    ready: bool
    state: str
    shop: str
    urls: dict[str, str]
    processes: list[State]


def busy_ports(place: Place) -> list[int]:
    ports = map(place.port, (*PORTS, *shop_of(place).more_ports))
    return [port for port in ports if not can_bind(port)]


def can_bind(port: int) -> bool:
    with socket.socket() as probe:
        # As servers do, so that closed connections of an earlier demo do not block the port.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def prepare(place: Place, env: Env, tell: Tell) -> None:
    shop = shop_of(place)
    forget_pids(place)
    prepare_front(place, shop.door, env)
    shop.prepare(place, env, tell)


def start_supervisor(place: Place, held_lock: int, *, stays: bool) -> subprocess.Popen[bytes]:
    """`stays`: it continues after the command that starts it."""
    command = [PYTHON, "-m", "ops.demo", "supervise", "--state", str(place.state), "--lock", str(held_lock)]
    with place.log_file(SUPERVISOR).open("ab") as log:
        supervisor = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            pass_fds=(held_lock,),
            preexec_fn=None if stays else die_with_parent(),
        )
    os.close(held_lock)
    return supervisor


def wait_until_ready(
    place: Place, waiting: list[Process], supervisor: subprocess.Popen[bytes], seconds: float
) -> Iterator[Process]:
    """Yields each process when it becomes ready."""
    deadline = time.monotonic() + seconds
    while waiting:
        ready = [process for process in waiting if is_ready(place, process)]
        yield from ready
        waiting = [process for process in waiting if process not in ready]
        if waiting and (supervisor.poll() is not None or time.monotonic() > deadline):
            logs = ", ".join(str(place.log_file(process.name)) for process in waiting)
            raise NotReady(f"Not ready: {', '.join(process.name for process in waiting)}. See {logs}.")
        time.sleep(0.1)


def is_ready(place: Place, process: Process) -> bool:
    if process.answers_at:
        return alive(place, process.name) is not None and answers(process.answers_at)
    # A process without a URL counts as ready if it did not end at once.
    return (age := alive_for(place, process.name)) is not None and age > STEADY


def answers(url: str) -> bool:
    target = urlsplit(url)
    assert target.hostname
    try:
        if target.scheme == "tcp":
            socket.create_connection((target.hostname, target.port or 0), timeout=1).close()
        else:
            urlopen(url, timeout=2).close()
    except HTTPError as answer:
        answer.close()
        return answer.code < 500
    except (URLError, OSError):
        return False
    return True


def alive(place: Place, name: str) -> int | None:
    """The process id, or None if it is not running."""
    try:
        pid = int(place.pid_file(name).read_text())
        os.kill(pid, 0)
    except (FileNotFoundError, ValueError, ProcessLookupError):
        return None
    return pid


def alive_for(place: Place, name: str) -> float | None:
    """Seconds since its start."""
    try:
        started = place.pid_file(name).stat().st_mtime
    except FileNotFoundError:
        return None
    return time.time() - started if alive(place, name) else None


def status(place: Place) -> Status:
    up = not lock.is_free(place)
    found = [state_of(place, process) for process in processes(place, read_env(place))] if up else []
    ready = up and all(state.state == "up" for state in found)
    urls = {name: place.url(name) for name in ("front", "fallback", "stripe", "shop")}
    return Status(up, ready, str(place.state), place.shop, urls, found)


def state_of(place: Place, process: Process) -> State:
    port = urlsplit(process.answers_at).port if process.answers_at else None
    pid = alive(place, process.name)
    broken = place.broken(process.name)
    state = "broken" if broken else "up" if is_ready(place, process) else "starting"
    return State(process.name, state, broken, pid, port)


def take_down(place: Place) -> bool:
    """Returns False if nothing was running. Also stops the processes that a killed supervisor left behind."""
    if lock.is_free(place):
        return False
    supervisor = alive(place, SUPERVISOR)
    if supervisor:
        os.kill(supervisor, signal.SIGTERM)
    if not lock.wait_until_free(place, 2 * GRACE + 2 if supervisor else GRACE):
        kill_leftovers(place)
        lock.wait_until_free(place, GRACE)
    forget_pids(place)
    return True


def forget_pids(place: Place) -> None:
    """Call it only while nothing runs. Killed processes leave their files behind."""
    for pid_file in place.run.glob("*.pid"):
        pid_file.unlink()


def kill_leftovers(place: Place) -> None:
    """Kills them by process group, because the first process of a group may be gone.

    Call it only while the lock is held: then the pid files are not from an earlier boot.
    """
    for pid_file in place.run.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.killpg(int(pid_file.read_text()), signal.SIGKILL)
