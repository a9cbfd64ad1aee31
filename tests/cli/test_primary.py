"""`fallback primary check` as a shop's developer runs it."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from contextlib import suppress
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.errors import Refused
from tests.fakes.primary import FakePrimary
from tests.reference_shop import Fault, Handler, ReferenceShop, serving

SLOT = ("2026-11-23-am", "2026-11-23T08:00:00Z", "2026-11-23T12:00:00Z")
FALLBACK = (sys.executable, "-m", "fallback")
SAMPLE = ("--sku", "BK-1", "--price", "1299", "--no-stock")


def check(*words: str, **environ: str) -> Result:
    return CliRunner().invoke(main, ["primary", "check", *words], env=environ)


class Punctual(Handler):
    """Delivers at the times that it offered."""

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        if self.command == "PUT" and (slot := msgspec.json.decode(body).get("delivery", {}).get("slot")):
            times = (slot["id"], slot["starts"], slot["ends"])
            if times != SLOT:
                raise Refused("invalid", f"{times} is not offered")
        return super().carry_out(body)


def test_a_slot_has_the_times_that_the_shop_offered() -> None:
    server = ReferenceShop(FakePrimary())
    server.RequestHandlerClass = Punctual
    with serving(server):
        said = check(server.url, "--token", server.token, *SAMPLE, "--slot", *SLOT)
    assert "passed     order has its slot: slot 2026-11-23-am" in said.output


@pytest.mark.parametrize(
    "times", [("soon", "later"), ("2026-11-23T08:00:00", "2026-11-23T12:00:00"), (SLOT[2], SLOT[1]), (SLOT[1], SLOT[1])]
)
def test_times_that_are_none_are_refused_with_an_example(times: tuple[str, str]) -> None:
    said = check("http://127.0.0.1:1", "--token", "t", *SAMPLE, "--slot", "am", *times)
    assert said.exit_code == 2
    assert "slot am: give its start and its end with their offset" in said.output


def test_what_is_said_is_words_and_no_log() -> None:
    with serving(ReferenceShop(FakePrimary())) as server:
        run = subprocess.run(
            [*FALLBACK, "primary", "check", server.url, "--token", "mistyped", *SAMPLE], capture_output=True, text=True
        )
    assert run.stdout.splitlines() == [
        "FAILED     health: the primary does not accept our token (401)",
        f"{'':10} Check the address and the credentials; say how you refuse duplicates.",
    ]
    assert (run.stderr, run.returncode) == ("", 1)


def test_json_has_all_that_is_said_in_words_and_nothing_else() -> None:
    shop = FakePrimary()
    shop.prices["BK-1"] = 1299
    with serving(ReferenceShop(shop)) as server:
        words, lines = (check(server.url, "--token", server.token, *SAMPLE, *how) for how in ((), ("--json",)))
    said = [json.loads(line) for line in lines.output.splitlines()]
    assert all(each.keys() == {"name", "ok", "detail", "advice"} for each in said)
    assert {each["name"]: each["ok"] for each in said}["cleaned up"] is True
    assert len(said) == len(re.findall("(?m)^(passed|FAILED|not tried) ", words.output))
    assert (words.exit_code, lines.exit_code) == (0, 0)


def test_a_setting_that_is_misspelt_is_named() -> None:
    said = check(*SAMPLE, PRIMARY_URL="http://127.0.0.1:1", PRIMARY_TOKEN="t", PRIMARY_KNID="vendure")
    assert (
        "FAILED     settings: PRIMARY_KNID is not a setting of PRIMARY_KIND=http. Did you mean PRIMARY_KIND?"
        in said.output
    )
    assert said.exit_code == 2


def test_a_setting_of_another_kind_is_told_so_in_json_too() -> None:
    said = check(*SAMPLE, "--json", PRIMARY_URL="http://127.0.0.1:1", PRIMARY_TOKEN="t", PRIMARY_USER="u")
    assert json.loads(said.output)["detail"] == (
        "PRIMARY_USER is not a setting of PRIMARY_KIND=http. It is one of vendure and woocommerce."
    )


@pytest.mark.parametrize("thing", [("second-sku", "second-price"), ("other-delivery", "other-delivery-price")])
def test_what_has_no_price_is_not_ordered_for_nothing(thing: tuple[str, str]) -> None:
    said = check("http://127.0.0.1:1", "--token", "t", *SAMPLE, f"--{thing[0]}", "X")
    assert f"--{thing[0]} needs --{thing[1]}." in said.output
    assert said.exit_code == 2


def test_a_shop_that_limits_calls_is_waited_for() -> None:
    server = ReferenceShop(FakePrimary())
    with serving(server):
        server.misbehave(Fault("limited", times=2, seconds=0))
        said = check(server.url, "--token", server.token, *SAMPLE)
    assert "passed     health" in said.output
    assert "passed     order is created" in said.output


def test_whoever_watches_sees_what_is_being_tried() -> None:
    """On a terminal, which a pipe is not."""
    ours, theirs = pty.openpty()
    with serving(ReferenceShop(FakePrimary())) as server:
        command = [*FALLBACK, "primary", "check", server.url, "--token", server.token, *SAMPLE, "--json"]
        run = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=theirs, text=True)
        os.close(theirs)
        shown, lines = read_all(ours), run.communicate()[0].splitlines()
    assert all(json.loads(line) for line in lines)
    assert f"{len(lines)} of {len(lines)}: cleaned up" in shown
    assert f" 7 of {len(lines)}: order is created" in shown


def read_all(terminal: int) -> str:
    """Until its other end is closed, which Linux reports as an error."""
    read = b""
    with suppress(OSError):
        while piece := os.read(terminal, 4096):
            read += piece
    return read.decode()
