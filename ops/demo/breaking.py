"""Break things on purpose, and heal them.

`down` ends a process and keeps it down, `hung` stops it as SIGSTOP does: it holds its connections and answers nothing.
All others are faults of the example shop and of the Stripe sandbox, described in ops/demo/shop/faults.py and
ops/demo/stripe_sandbox/faults.py.
"""

import json
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from urllib.request import Request, urlopen

from ops.demo.env import read_env
from ops.demo.places import Place
from ops.demo.processes import processes
from ops.demo.running import NotReady, alive, is_ready
from ops.demo.shops import shop_of
from ops.demo.supervisor import HUNG, Process

OURS: Mapping[str, Sequence[str]] = {
    "stripe": ["down", "error_before", "error_after", "slow", "lost", "rate_limit"],
    "redis": ["down"],
    "mail": ["down"],
}
PATIENCE = 30.0  # seconds
SILENCE = 5.0  # seconds in which a healthy process responds, also on a busy machine


def ways(place: Place) -> Mapping[str, Sequence[str]]:
    """How each part of this demo can be broken."""
    return {**shop_of(place).ways, **OURS}


def in_words(ways: Mapping[str, Sequence[str]]) -> str:
    return "; ".join(f"{part}: {', '.join(hows)}" for part, hows in ways.items())


def break_it(place: Place, name: str, way: str) -> None:
    broken = place.broken(name)
    if broken == way:
        return
    if broken:
        heal(place, name)
    place.broken_file(name).write_text(way)
    if way == "down":
        wait_until(lambda: alive(place, name) is None, f"{name} is still up.")
    elif way == HUNG:
        signal_to(place, name, signal.SIGSTOP)
    elif name in shop_of(place).ways:
        shop_of(place).plant(place, way)
    else:
        tell_stripe(place, "faults", {"kind": way})


def heal(place: Place, name: str) -> None:
    """Returns when the process and what needs it respond again. A running one that does not respond is restarted."""
    shop, broken = shop_of(place), place.broken(name)
    if broken == HUNG:
        signal_to(place, name, signal.SIGCONT)
    elif name in shop.ways:
        shop.mend(place)
    place.broken_file(name).unlink(missing_ok=True)
    there = {process.name: process for process in processes(place, read_env(place))}
    if broken != "down":
        start_anew_if_silent(place, there[name])
    together, patience = (shop.ways, shop.ready_within) if name in shop.ways else ((name,), PATIENCE)
    for part in together:
        if not place.broken(part):
            wait_for(place, there[part], patience)
    if name == "stripe":
        tell_stripe(place, "heal", {})  # a restart does not end its faults


def wait_for(place: Place, process: Process, patience: float) -> None:
    complaint = f"{process.name} does not answer; see {place.log_file(process.name)}."
    wait_until(lambda: is_ready(place, process), complaint, patience)


def start_anew_if_silent(place: Place, process: Process, patience: float = SILENCE) -> None:
    """Kills the process; the supervisor restarts it."""
    try:
        wait_until(lambda: is_ready(place, process), "", patience)
    except NotReady:
        signal_to(place, process.name, signal.SIGKILL)


def signal_to(place: Place, name: str, number: signal.Signals) -> None:
    """To the process and its children, if it runs."""
    if pid := alive(place, name):
        os.killpg(pid, number)


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
