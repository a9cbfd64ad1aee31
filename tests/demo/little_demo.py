"""A demo of cheap processes under the real supervisor: `python -m tests.demo.little_demo STATE PORT_BASE LOCK`."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from ops.demo import lock, running
from ops.demo.places import ROOT, Place
from ops.demo.supervisor import Process, supervise, write_aside
from tests.demo.waiting import eventually

SLEEPER = ["sleep", "1000"]
# Its child is what a worker of nginx or granian is: alive when only its parent was killed.
PARENT = ["sh", "-c", "sleep 1000 & echo $! >{child}; wait"]
CRASHER = ["sh", "-c", "echo started; exit 3"]
STUBBORN = ["sh", "-c", "trap '' TERM; while true; do sleep 1; done"]


class LittleDemo:
    def __init__(self, place: Place) -> None:
        self.place = place
        place.make_directories()
        held_lock = lock.take(place)
        assert held_lock is not None
        command = [sys.executable, "-m", __name__, str(place.state), str(place.port_base), str(held_lock)]
        with place.log_file(running.SUPERVISOR).open("ab") as log:
            self.supervisor = subprocess.Popen(
                command, cwd=ROOT, pass_fds=(held_lock,), start_new_session=True, stdout=log, stderr=log
            )
        os.close(held_lock)

    def pid(self, name: str) -> int:
        """Of a process that runs now, or is just being started."""
        return eventually(lambda: running.alive(self.place, name))

    def kill(self, name: str) -> int:
        pid = self.pid(name)
        os.kill(pid, signal.SIGKILL)
        return pid

    def next_pid(self, name: str, after: int, *, within: float) -> int:
        return eventually(lambda: self._other(name, after), within=within)

    def _other(self, name: str, pid: int) -> int | None:
        found = running.alive(self.place, name)
        return found if found != pid else None

    def child_of_parent(self) -> int:
        child_file = self.place.state / "child"
        return int(eventually(lambda: child_file.exists() and child_file.read_text()))

    def starts_of_crasher(self) -> int:
        log = self.place.log_file("crasher")
        return log.read_text().count("started") if log.exists() else 0


def is_alive(pid: int) -> bool:
    """A zombie is not: who should take note of its end may not do so soon."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return stat.rpartition(")")[2].split()[0] != "Z"


def main(state: str, port_base: str, held_lock: str) -> None:
    place = Place(Path(state), int(port_base))
    write_aside(place.pid_file(running.SUPERVISOR), f"{os.getpid()}\n")
    parent = [part.format(child=place.state / "child") for part in PARENT]
    processes = [Process("redis", SLEEPER), Process("web", SLEEPER), Process("parent", parent)]
    processes += [Process("crasher", CRASHER), Process("stubborn", STUBBORN)]
    supervise(place, processes, dict(os.environ), grace=0.5, keep_open=(int(held_lock),))


if __name__ == "__main__":
    main(*sys.argv[1:])
