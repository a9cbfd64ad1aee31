"""`fallback drain` as the on-call engineer uses it, on a real Redis."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from fallback.cli import drain
from fallback.cli.main import main
from fallback.domain.order.cart import Line
from fallback.domain.order.order import Order
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from tests.builders import CUSTOMER, an_order
from tests.cli.test_commands import Fallback, fallback, ledger
from tests.fakes.primary import FakePrimary
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop, serving
from tests.web.world import PRIMARY_TOKEN, a_config
from tests.workers.running import environment

__all__ = ["fallback", "ledger"]


def held(ledger: RedisLedger, count: int) -> list[str]:
    orders = [an_order(received_at=datetime.now(UTC)) for _ in range(count)]
    for order in orders:
        ledger.accept(order, order.ref, "print")
    return [order.ref for order in orders]


def test_fallback_drain_shows_the_waiting_orders_the_pace_and_the_end(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 40)
    fallback("drain", "--pace", "5", "--fixed", "--why", "the shop asked for it", "--who", "Ida")

    said = fallback("drain").output

    assert "running (mode standby)" in said
    assert "40 due, 0 later" in said
    assert "pace      5 orders per second, at most 5, fixed" in said
    assert "set by    Ida" in said
    assert "over      in 0:00:08" in said


def test_machines_read_it_too(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 3)
    said = json.loads(fallback("drain", "--json").output)
    assert (said["state"], said["due"], said["rule"]["pace"]) == ("going", 3, 20)


def test_a_pace_that_nobody_set_is_that_of_the_settings(fallback: Fallback, ledger: RedisLedger) -> None:
    assert "set by    the settings: 20 orders per second (FALLBACK_PACE)" in fallback("drain").output
    assert json.loads(fallback("drain", "--json").output)["rule"]["at"] is None


def test_a_pause_keeps_the_pace_and_is_over_with_resume(fallback: Fallback, ledger: RedisLedger) -> None:
    held(ledger, 40)
    fallback("drain", "--pace", "5", "--fixed", "--why", "gently")
    assert "paused" in fallback("drain", "--pause", "--why", "its disk is full", "--who", "Ida").output
    assert "over      in 0:00:08 once it resumes" in fallback("drain").output
    assert "paused    until --resume" not in fallback("drain").output  # its first line says so
    assert "running" in fallback("drain", "--resume", "--why", "it is well").output
    log = fallback("drain", "--log").output.splitlines()
    assert len(log) == 3
    assert "Ida: 5/s fixed paused, its disk is full" in log[1]


def test_a_pause_is_seen_although_nothing_is_due(fallback: Fallback, ledger: RedisLedger) -> None:
    fallback("drain", "--pause", "--why", "a restore")
    assert "paused    until --resume" in fallback("drain").output


@pytest.mark.parametrize(
    "words", [("--pace", "5"), ("--pace", "0", "--why", "stop"), ("--pause",), ("--pause", "--why", "\u200b")]
)
def test_what_is_out_of_range_or_has_no_reason_changes_nothing(fallback: Fallback, words: tuple[str, ...]) -> None:
    assert fallback("drain", *words).exit_code != 0
    assert json.loads(fallback("drain", "--log", "--json").output) == []


def test_who_watches_reads_a_line_again_and_again_until_nothing_waits(
    fallback: Fallback, ledger: RedisLedger, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    refs = held(ledger, 2)
    monkeypatch.setattr(drain.time, "sleep", lambda _: redis_server.client.zrem(keys.due("placement"), refs.pop()))
    lines = fallback("drain", "--watch").output.splitlines()
    assert [line.split()[2] for line in lines] == ["2", "1", "0"]


# --- the dry run


def test_a_dry_run_says_what_would_happen_and_writes_nothing(redis_server: RedisServer, ledger: RedisLedger) -> None:
    shop = FakePrimary()
    shop.prices["BK-9"] = 1499
    fine, dearer = a_stored_order(ledger, "a"), a_stored_order(ledger, "b", lines=(Line("BK-9", "A book", 1, 1299),))
    with serving(ReferenceShop(shop, token=PRIMARY_TOKEN)) as server:
        settings = environment(
            a_config(redis_url=redis_server.url, primary_url=server.url, primary_token=PRIMARY_TOKEN)
        ) | {"FALLBACK_PACE": "100", "FALLBACK_RAMP_START": "100"}
        told = CliRunner().invoke(main, ["drain", "--dry-run"], env=settings).stdout
        lines = CliRunner().invoke(main, ["drain", "--dry-run", "--json"], env=settings).stdout.splitlines()

    assert f"{dearer.ref}  price_changed      17.94 EUR  price_changed; BK-9: 1499 now" in told
    assert fine.ref not in told
    assert told.splitlines()[-2:] == ["      1 placed        30.93 EUR", "      1 price_changed 17.94 EUR"]
    assert {json.loads(line)["ref"] for line in lines[:-1]} == {fine.ref, dearer.ref}
    assert [row["fate"] for row in json.loads(lines[-1])["totals"]] == ["placed", "price_changed"]
    assert shop.orders == {}
    assert [ledger.load(order.ref) for order in (fine, dearer)] == [fine, dearer]


def test_on_a_screen_the_dry_run_and_the_decisions_are_tables(
    redis_server: RedisServer, ledger: RedisLedger, on_a_screen: None
) -> None:
    shop = FakePrimary()
    shop.prices["BK-9"] = 1499
    dearer = a_stored_order(ledger, "b", lines=(Line("BK-9", "A book", 1, 1299),))
    with serving(ReferenceShop(shop, token=PRIMARY_TOKEN)) as server:
        settings = environment(
            a_config(redis_url=redis_server.url, primary_url=server.url, primary_token=PRIMARY_TOKEN)
        )
        told = CliRunner().invoke(main, ["drain", "--dry-run"], env=settings).stdout
        set_to = ["drain", "--pace", "5", "--fixed", "--why", "gently", "--who", "Ida", "--log"]
        log = CliRunner().invoke(main, set_to, env=settings).stdout
    assert re.search(rf"{dearer.ref} +price_changed +17.94 EUR +price_changed; BK-9: 1499 now", told)
    assert told.endswith("      1 price_changed 17.94 EUR\n")
    assert re.search(r"At +Who +Pace +Why", log)
    assert re.search(r"UTC +Ida +5/s fixed +gently", log)


def a_stored_order(ledger: RedisLedger, name: str, **changes: object) -> Order:
    order = an_order(customer=replace(CUSTOMER, email=f"{name}@example.org"), **changes)
    ledger.accept(order, order.ref, "print")
    return ledger.load(order.ref)


def test_a_dry_run_against_a_shop_that_is_down_says_so(fallback: Fallback) -> None:
    said = fallback("drain", "--dry-run")
    assert said.exit_code == 2
    assert "No connection to the primary" in said.output
