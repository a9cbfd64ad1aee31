"""The tutorial "Connect your shop", typed into a terminal as it is written: a real Vendure, and our processes."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fallback.primaries import KINDS
from ops.demo.places import ROOT
from ops.demo.shops.node import QUIET, installed
from ops.demo.shops.postgres import Postgres
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.programs import program
from tests.shops.vendure.running import FOLDER, PLUGIN, seeded

PAGE = (ROOT / "ops/docs/tutorial/connect-your-shop.md").read_text()
WORDS = " ".join(PAGE.split())
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```$", PAGE)
PORTS = ("3000", "6390", "8025", "8100", "8200")
DONE = "the command has ended"


class Terminal:
    """One shell in which the page's commands are typed one after the other, with what they leave running."""

    def __init__(self, folder: Path, database: str) -> None:
        self._changed = {"var/tutorial": str(folder), "postgres://postgres@127.0.0.1:5432/shop": database}
        self._changed |= {f":{port}": f":{free_port()}" for port in PORTS}
        self._changed |= {f"{word}{port}": word + self._changed[f":{port}"][1:] for port in PORTS for word in WITH_PORT}
        path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        self._log = folder / "terminal.log"
        self._shell = subprocess.Popen(
            ["bash"],
            cwd=ROOT,
            env=os.environ | QUIET | {"PATH": path, "PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def types(self, commands: str) -> str:
        """What they print. Each of them has to succeed."""
        for written, here in self._changed.items():
            commands = commands.replace(written, here)
        assert self._shell.stdin
        assert self._shell.stdout
        self._shell.stdin.write(f"trap 'echo \"failed: $BASH_COMMAND\"' ERR\n{commands}\necho; echo {DONE}\n")
        self._shell.stdin.flush()
        printed = "".join(iter(self._shell.stdout.readline, f"{DONE}\n"))
        assert "failed: " not in printed, printed
        return printed

    def close(self) -> None:
        os.killpg(self._shell.pid, signal.SIGKILL)
        self._shell.communicate()


WITH_PORT = ("SHOP_PORT=", "\nPORT=", "--port ")


def said(words: str) -> str:
    """What the page promises, word for word."""
    assert words in WORDS
    return words


@pytest.fixture
def terminal(postgres: Postgres, tmp_path: Path) -> Iterator[Terminal]:
    """PostgreSQL has the shop's tables and products already: the same seed made them once for all tests."""
    database = f"tutorial_{free_port()}"
    postgres.restore(database, seeded(postgres))
    terminal = Terminal(tmp_path, postgres.url(database))
    try:
        yield terminal
    finally:
        terminal.close()
        postgres.drop(database)


def install_from_the_cache(shop: Path) -> None:
    """What the page's `npm ci` and `npm install` do, without the network: the plugin is what `npm pack` makes of it."""
    modules = shop / "node_modules"
    modules.mkdir()
    for there in installed(FOLDER).iterdir():
        (modules / there.name).symlink_to(there)
    plugin = modules / "@fallback-checkout/vendure"
    plugin.mkdir(parents=True)
    pack = [program("npm"), "pack", "--silent", PLUGIN]
    packed = subprocess.run(pack, check=True, cwd=shop, capture_output=True, text=True, timeout=120).stdout.strip()
    subprocess.run(["tar", "-xzf", packed, "-C", plugin, "--strip-components=1"], check=True, cwd=shop, timeout=60)


@pytest.mark.skipif("TUTORIAL" not in os.environ, reason="minutes of processor time: set TUTORIAL=1")
def test_the_tutorial_is_true(terminal: Terminal, tmp_path: Path) -> None:
    copy, install, settings, tables, start, needs, processes, mode, basket, fail, order, ask, *after = BLOCKS
    back, look, end = after
    terminal.types(copy.split("\n", 1)[1])
    install_from_the_cache(tmp_path / "shop")
    terminal.types("\n".join(line for line in install.splitlines() if "npm " not in line))
    assert said("The settings can be used.") in terminal.types(settings)
    assert "node seed.js" in tables

    checked = terminal.types(start)
    assert "passed" in checked
    assert said("FAILED") not in checked

    for commands in (needs, processes):
        terminal.types(commands)
    eventually(lambda: said("No sign of an outage.") in terminal.types(mode), within=60)
    assert "The Lighthouse Ledger" in terminal.types(basket)

    terminal.types(fail)
    assert said("waiting") in terminal.types(order)
    assert '"captured":true' in terminal.types(ask)

    settled = terminal.types(back)
    assert re.search(rf"(?s) {said('placed')} .* {said('captured')} ", settled)
    _, _, there = terminal.types(look).partition('"items":')
    [seen], _ = json.JSONDecoder().raw_decode(there)
    assert (seen["state"], seen["totalWithTax"]) == (said("PaymentSettled"), 3093)
    assert seen["customFields"]["fallbackPayment"] == said("captured")
    assert seen["customFields"]["fallbackRef"] in settled
    terminal.types(end)


def test_the_table_names_every_kind() -> None:
    assert sorted(re.findall(r"(?m)^\| \[`(\w+)`\]", PAGE)) == sorted(KINDS)
