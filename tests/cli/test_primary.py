"""`fallback primary check` as a shop's developer runs it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.errors import Refused
from tests.fakes.primary import FakePrimary
from tests.reference_shop import Handler, ReferenceShop, serving

SLOT = ("2026-11-23-am", "2026-11-23T08:00:00Z", "2026-11-23T12:00:00Z")
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
