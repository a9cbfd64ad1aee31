"""Breaking things on purpose, and healing them.

`down` ends a process and keeps it down. The other ways are the faults that the shop and the Stripe sandbox have of
their own; ops/demo/shop/faults.py and ops/demo/stripe_sandbox/faults.py describe them.
"""

import json
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import Request, urlopen

from ops.demo.places import Place
from ops.demo.processes import processes
from ops.demo.running import NotReady, alive, is_ready
from ops.demo.settings import read_env
from ops.demo.supervisor import Process, write_aside

WAYS = {
    "shop": ["down", "error", "slow", "html", "half", "reply_lost"],
    "stripe": ["down", "error_before", "error_after", "slow", "lost", "rate_limit"],
    "redis": ["down"],
    "mail": ["down"],
}
PATIENCE = 30.0  # seconds
SILENCE = 5.0  # seconds; who is well answers within them, also on a busy machine


def break_it(place: Place, name: str, way: str) -> None:
    broken = place.broken(name)
    if broken == way:
        return
    if broken:
        heal(place, name)
    place.broken_file(name).write_text(way)
    if way == "down":
        wait_until(lambda: alive(place, name) is None, f"{name} is still up.")
    elif name == "shop":
        write_aside(shop_fault(place), json.dumps({"kind": way}))
    else:
        tell_stripe(place, "faults", {"kind": way})


def heal(place: Place, name: str) -> None:
    """Comes back when the process answers again, started anew if it is up and does not answer."""
    silent_at_first = place.broken(name) == "down"
    if name == "shop":
        shop_fault(place).unlink(missing_ok=True)
    place.broken_file(name).unlink(missing_ok=True)
    (process,) = [process for process in processes(place, read_env(place)) if process.name == name]
    if not silent_at_first:
        start_anew_if_silent(place, process)
    wait_until(lambda: is_ready(place, process), f"{name} does not answer; see {place.log_file(name)}.")
    if name == "stripe":
        tell_stripe(place, "heal", {})  # its faults outlive a restart


def start_anew_if_silent(place: Place, process: Process, patience: float = SILENCE) -> None:
    """It is killed; the supervisor starts it again."""
    try:
        wait_until(lambda: is_ready(place, process), "", patience)
    except NotReady:
        if pid := alive(place, process.name):
            os.killpg(pid, signal.SIGKILL)


def shop_fault(place: Place) -> Path:
    return place.data("shop") / "fault"


def tell_stripe(place: Place, call: str, body: dict[str, str]) -> None:
    request = Request(
        f"http://127.0.0.1:{place.port('stripe')}/_sandbox/{call}",
        data=json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    urlopen(request, timeout=5).close()


def wait_until(holds: Callable[[], bool], complaint: str, patience: float = PATIENCE) -> None:
    deadline = time.monotonic() + patience
    while not holds():
        if time.monotonic() > deadline:
            raise NotReady(complaint)
        time.sleep(0.05)
