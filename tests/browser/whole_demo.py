"""The whole demo, run as its users run it, and the places to look into: mails, the books of Stripe, the logs."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from ops.demo import breaking, running
from ops.demo.colleagues import COLLEAGUES
from ops.demo.env import read_env
from ops.demo.mail_sink import mails
from ops.demo.places import EXAMPLE, ROOT, Place
from ops.demo.shops import SHOPS, example
from tests import ports
from tests.demo.waiting import eventually

MAIL_WITHIN = 40.0  # seconds; a customer who may still be on the page is written to after 20
LINK = re.compile(r"https?://\S+")


@dataclass(frozen=True)
class Mail:
    """`text` in single spaces."""

    subject: str
    text: str
    html: str

    @property
    def link(self) -> str:
        """What its button leads to; the pages about the law come after it."""
        link, *_ = LINK.findall(self.text)
        return link


def free_base(shop: str = EXAMPLE) -> int:
    return next(base for base in ports.blocks() if not running.busy_ports(Place(Path(), base, shop)))


class WholeDemo:
    def __init__(self, state: Path, base: int | None = None, shop: str = EXAMPLE, **settings: str) -> None:
        self.place = Place(state, base or free_base(shop), shop)
        given = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
        try:
            self.command("--port-base", str(self.place.port_base), "up", "-d", *given)
        except BaseException:
            self.down()  # what was started before it failed, or was too slow, goes as well
            raise
        env = read_env(self.place)
        self.front = self.place.url("front")
        self.staff = (example.STAFF_EMAIL, env["SHOP_ADMIN_PASSWORD"])
        self._env = env
        self._mode = "standby"

    def password_of(self, colleague: str) -> str:
        """For the console; who works there stands in ops/demo/colleagues.py."""
        [setting] = [who.password for who in COLLEAGUES if who.name == colleague]
        return self._env[setting]

    def down(self) -> None:
        self.command("down")

    def run(self, *command: str) -> str:
        """A command with the demo's settings."""
        return self.command("run", *command)

    def command(self, *words: str) -> str:
        """A command of the demo, as `./ops/bin/demo` takes it."""
        line = [sys.executable, "-m", "ops.demo", "--shop", self.place.shop, "--state", str(self.place.state), *words]
        patience = SHOPS[self.place.shop].ready_within + 60
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=patience)
        assert done.returncode == 0, f"{line}: {done.stdout}{done.stderr}"
        return done.stdout

    # --- breaking things

    def break_(self, name: str, how: str = "down") -> None:
        breaking.break_it(self.place, name, how)

    def heal(self, name: str) -> None:
        breaking.heal(self.place, name)

    def heal_all(self) -> None:
        for name in filter(self.place.broken, breaking.ways(self.place)):
            self.heal(name)
        if self._mode != "standby":
            self.switch_to("standby")

    def switch_to(self, mode: str) -> None:
        """By the command, as the engineer on call does; the proxy knows a second later."""
        self.run("fallback", "mode", mode, "--reason", "a walk of the tests")
        self._mode = mode

    def kill(self, name: str) -> None:
        """The supervisor starts it again."""
        os.killpg(int(self.place.pid_file(name).read_text()), signal.SIGKILL)

    def break_shop_at(self, *paths: str, kind: str) -> None:
        """A fault of the shop for these paths only; `heal("shop")` ends it."""
        self.place.broken_file("shop").write_text(kind)
        example.plant(self.place, kind, *paths)

    def break_stripe_at(self, path: str, kind: str) -> None:
        """A fault of Stripe for this path only; `heal("stripe")` ends it."""
        assert kind != "down", "that would end all of it"
        self.place.broken_file("stripe").write_text(kind)
        breaking.tell_stripe(self.place, "faults", {"kind": kind, "path": path})

    # --- looking

    def mails_to(self, address: str) -> list[Mail]:
        """Oldest first."""
        return [_read(mail) for mail in mails(self.place.mail) if address in mail["To"]]

    def latest_mail_to(self, address: str, about: str) -> Mail:
        """The latest one with `about` in its subject, as soon as there is one."""

        def find() -> Mail | None:
            found = [mail for mail in self.mails_to(address) if about in mail.subject]
            return found[-1] if found else None

        mail = eventually(find, within=MAIL_WITHIN)
        assert mail is not None
        return mail

    def money(self, ref: str) -> dict[str, Any]:
        """What Stripe's books say about an order; see ops/demo/stripe_sandbox/summary.py."""
        books = self._ask(f"{self.place.url('stripe')}/_sandbox/summary?ref={ref}")
        found: dict[str, Any] = books["orders"].get(ref, {"authorized": 0, "captured": 0, "captures": 0, "voided": 0})
        return found

    def ref_of(self, cart_id: str) -> str:
        """The one order that we have for a cart, as the shop is told."""
        ref: str = self._ask_with_token(f"{self.place.url('fallback')}/v1/purchases/{cart_id}")["ref"]
        return ref

    def shop_orders(self, cart_id: str) -> list[dict[str, Any]]:
        """All orders of a cart in the shop, whoever made them."""
        address = f"{self.place.url('shop')}/fallback/v1/orders?cart_id={cart_id}"
        found: list[dict[str, Any]] = self._ask_with_token(address)["orders"]
        return found

    def _ask_with_token(self, address: str) -> Any:
        token = read_env(self.place)["PRIMARY_TOKEN"]
        return self._ask(address, {"Authorization": f"Bearer {token}"})

    def _ask(self, address: str, headers: dict[str, str] | None = None) -> Any:
        with urlopen(Request(address, headers=headers or {}), timeout=10) as answer:
            return json.load(answer)

    def ends_of_logs(self, lines: int = 25) -> str:
        logs = sorted((self.place.state / "logs").glob("*.log"))
        return "\n".join(f"--- {log.name}\n" + "\n".join(log.read_text().splitlines()[-lines:]) for log in logs)


def _read(mail: Any) -> Mail:
    text, page = mail.get_body(("plain",)), mail.get_body(("html",))
    return Mail(mail["Subject"], " ".join(text.get_content().split()), page.get_content())
