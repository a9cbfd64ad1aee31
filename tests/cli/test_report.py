"""`fallback report` on a real Redis."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.order.order import Event
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW, an_order
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Fallback = Callable[..., Result]


@pytest.fixture
def report(redis_server: RedisServer) -> Fallback:
    settings = environment(a_config(redis_url=redis_server.url))
    words = ["report", "--since", "2026-11-21", "--until", "2026-11-22"]
    return lambda *more: CliRunner().invoke(main, [*words, *more], env=settings)


@pytest.fixture
def two_orders(redis_server: RedisServer) -> None:
    """One that went by itself within a minute, one that waited for a person and was given something."""
    ledger = RedisLedger(redis_server.client, Crypto(a_config().secret_key))
    by_itself = [
        Event(NOW + timedelta(seconds=each), what, "worker") for each, what in enumerate(("verified", "captured"))
    ]
    waited = [
        Event(NOW, "on_hold", "worker", {"code": "out_of_stock"}),
        Event(NOW + timedelta(hours=2), "notice_sent", "worker"),
        Event(NOW, "refund_granted", "ann", {"kind": "goodwill", "amount": 500}),
        Event(NOW, "refunded", "worker", {"amount": 500}),
    ]
    for events in (by_itself, waited):
        order = an_order()
        ledger.accept(order, order.ref, "print")
        taken = ledger.load(order.ref)
        ledger.commit(taken, taken, events)


def test_the_report_has_a_line_for_each_way(report: Fallback, two_orders: None) -> None:
    lines = report().output.splitlines()
    assert lines[0] == "2 orders from 2026-11-21 00:00 to 2026-11-22 00:00 UTC"
    assert [line.split()[:5] for line in lines[2:]] == [
        ["self", "1", "0", "1", "0"],
        ["waited", "1", "1", "0", "0"],
        ["asked", "0", "0", "0", "0"],
        ["escalated", "0", "0", "0", "0"],
    ]
    assert "2:00:00 (2:00:00)  5.00 EUR, 5.00" in lines[3]


def test_the_report_for_machines(report: Fallback, two_orders: None) -> None:
    said = json.loads(report("--json").output)
    assert said["groups"][0]["settled"] == {"count": 1, "median": 1.0, "p90": 1.0}
    assert said["groups"][1]["goodwill"] == {"EUR": 500}


def test_the_report_for_a_spreadsheet(report: Fallback, two_orders: None) -> None:
    rows = list(csv.DictReader(report("--csv").output.splitlines()))
    assert [row["way"] for row in rows] == ["self", "waited", "asked", "escalated"]
    assert (rows[1]["currency"], rows[1]["goodwill_minor_units"], rows[1]["settled_p90_seconds"]) == ("EUR", "500", "")


def test_fallback_report_names_how_many_orders_were_left_out(report: Fallback, two_orders: None) -> None:
    assert "1 older orders of this period are not included" in report("--most", "1").output


def test_on_a_screen_it_is_a_table(report: Fallback, two_orders: None, on_a_screen: None) -> None:
    shown = report("--most", "5").output
    assert shown.startswith("2 orders from 2026-11-21 00:00 to 2026-11-22 00:00 UTC\n")
    assert re.search(r"Path +Orders +Open +Alone +Helped +Settled in +First mail in +Refunded +of it goodwill", shown)
    assert re.search(r"waited +1 +1 +0 +0 +- +2:00:00 \(2:00:00\) +5.00 EUR +5.00 EUR", shown)


def test_a_time_that_ends_before_it_begins_is_a_plain_sentence(report: Fallback) -> None:
    refused = report("--since", "2026-11-23")
    assert (refused.exit_code, "--since has to be before --until." in refused.output) == (2, True)
