"""The sandbox alone, as its section in the demo's page starts and uses it."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import requests

from ops.demo.places import ROOT
from tests.demo.waiting import eventually
from tests.ports import free_port

SECTION = (ROOT / "ops/demo/README.md").read_text().split("## The Stripe sandbox alone\n")[1].split("\n## ")[0]
START, *CALLS = re.findall(r"(?m)^    (.+)$", SECTION)


def test_each_command_of_the_page_does_what_it_says(tmp_path: Path) -> None:
    address = f"http://127.0.0.1:{free_port()}"
    here = {"127.0.0.1:8200": address.removeprefix("http://"), "8200": address.rsplit(":")[-1]}
    here |= {"var/stripe": str(tmp_path), "python ": f"{sys.executable} "}
    process = subprocess.Popen(shlex.split(typed(START, here)), cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        eventually(lambda: answers(address), within=30)
        token, intent = (answer(typed(call, here), {}) for call in CALLS[:2])
        paid = answer(typed(CALLS[2], here), {"TOKEN": token["id"], "INTENT": intent["id"]})
        assert (paid["status"], paid["amount_capturable"]) == ("requires_capture", 1299)
        assert "javascript" in requests.get(f"{address}/v3/", timeout=10).headers["Content-Type"]
    finally:
        process.terminate()
        process.wait(timeout=10)


def typed(command: str, here: dict[str, str]) -> str:
    for on_the_page, in_the_test in here.items():
        command = command.replace(on_the_page, in_the_test)
    return command


def answer(command: str, names: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        ["/bin/sh", "-c", command], env=os.environ | names, capture_output=True, text=True, check=True
    )
    said: dict[str, Any] = json.loads(done.stdout)
    return said


def answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/_sandbox/health", timeout=5).ok
    except requests.ConnectionError:
        return False
