"""`fallback incident` on a real Redis, while neither Stripe nor the shop answers."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.incident.audit import Halt
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.incident.halts import RedisHalts
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW, an_order
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Fallback = Callable[..., Result]
ID = "2026-11-21-095500"


@pytest.fixture
def fallback(redis_server: RedisServer) -> Fallback:
    settings = environment(a_config(redis_url=redis_server.url))
    return lambda *words: CliRunner().invoke(main, ["incident", *words], env=settings)


@pytest.fixture
def an_outage(redis_server: RedisServer) -> None:
    """Of an hour, in which one customer ordered."""
    ledger = RedisLedger(redis_server.client, Crypto(a_config().secret_key))
    ledger.accept(an_order(ref="FB-7K3M-92QX-5"), "key", "print")
    for mode, minutes in ((Mode.ACTIVE, -5), (Mode.STANDBY, 55)):
        state = ModeState(mode, NOW + timedelta(minutes=minutes), "Ada", "the payment page is down")
        RedisModes(redis_server.client).switch(state)


def test_before_the_first_incident_it_says_so(fallback: Fallback) -> None:
    assert fallback("list").output == "No incidents yet.\n"
    assert fallback("show").output.startswith("Error: There is no incident 'last'.")


def test_incidents_are_listed_and_shown(fallback: Fallback, an_outage: None) -> None:
    assert fallback("list").output == f"{ID}  over         1 orders  the payment page is down\n"
    lines = fallback("show").output.splitlines()
    assert lines[1] == "  2026-11-21 09:55:00 Ada: switched to active"
    assert lines[2] == "  2026-11-21 10:55:00 Ada: switched to standby the payment page is down"
    assert json.loads(fallback("show", ID, "--json").output)["incident"]["upto"] == 1
    assert [each["id"] for each in json.loads(fallback("list", "--json").output)] == [ID]


def test_a_note_stands_in_the_timeline(fallback: Fallback, an_outage: None) -> None:
    assert fallback("note", "The bank is down, too.", "--who", "Ida").exit_code == 0
    assert fallback("show").output.splitlines()[-1].endswith("Ida: noted The bank is down, too.")


def test_the_balance_says_what_is_missing(fallback: Fallback, an_outage: None) -> None:
    counted = fallback("balance")
    assert counted.exit_code == 1
    assert "1               30.93 EUR  in progress" in counted.output
    assert "The payment provider did not answer: " in counted.output
    assert f"In progress: 1. Continue the drain, or assign them: fallback orders list --incident {ID}" in (
        counted.output
    )
    assert json.loads(fallback("balance", "--json").output)["captured"] == {"orders": 1, "amounts": {"EUR": 3093}}


def test_on_a_screen_the_sheet_and_the_timeline_are_tables(
    fallback: Fallback, an_outage: None, on_a_screen: None
) -> None:
    sheet = fallback("balance").output
    assert sheet.startswith(f"Incident {ID}, counted at ")
    assert re.search(r"Outcome +Orders +Amount", sheet)
    assert re.search(r"in progress +1 +30.93 EUR", sheet)
    assert "The payment provider did not answer: " in sheet
    assert re.search(
        r"2026-11-21 10:55:00 +Ada +switched to standby +the payment page is down", fallback("show").output
    )


def test_an_incident_is_not_closed_while_it_does_not_balance(fallback: Fallback, an_outage: None) -> None:
    refused = fallback("close", "--who", "Ida")
    assert refused.exit_code == 1
    assert "The incident is not closed." in refused.output
    assert "The shop did not answer." in refused.output
    assert fallback("list").output.split()[1] == "over"


def test_the_report_in_markdown_and_csv(fallback: Fallback, an_outage: None) -> None:
    assert "Not counted yet." in fallback("report").output
    assert fallback("report", "--csv").exit_code == 2
    fallback("balance")
    report = fallback("report").output
    assert report.startswith(f"# Incident {ID}\n\nthe payment page is down\n")
    assert "- 1 orders taken, over 30.93 EUR" in report
    assert "- Duration: 1:00:00 (hours:minutes:seconds)" in report
    rows = list(csv.DictReader(StringIO(fallback("report", "--csv").output)))
    assert (rows[0]["what"], rows[0]["orders"], rows[0]["amount"]) == ("captured", "1", "3093")


def test_an_audit_says_that_the_shop_cannot_be_asked(fallback: Fallback, an_outage: None) -> None:
    audited = fallback("audit")
    assert audited.exit_code == 1
    assert "The shop did not answer: no connection to the primary" in audited.output


def test_a_halt_is_shown_until_somebody_lifts_it(
    fallback: Fallback, an_outage: None, redis_server: RedisServer
) -> None:
    RedisHalts(redis_server.client).halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
    assert "The drain is halted since 2026-11-21 10:00 UTC: The shop has lost 3" in fallback("show").output
    assert fallback("lift").exit_code == 2
    refused = fallback("lift", "--reason", "4242 4242 4242 4242")
    assert (refused.exit_code, refused.output) == (2, "Error: Reason: Please leave card numbers out.\n")
    assert fallback("lift", "--reason", "all are back").output == "Hand-over to the shop resumed.\n"
    assert fallback("lift", "--reason", "all are back").output == "The hand-over was not halted.\n"
    assert "the drain was resumed all are back" in fallback("show").output


def test_standby_is_counted_and_told_about_without_an_incident(fallback: Fallback, an_outage: None) -> None:
    counted = json.loads(fallback("balance", "standby", "--json").output)
    assert (counted["incident"], counted["captured"]["orders"]) == ("standby", 0)
    assert fallback("balance", "standby").output.startswith("Standby, counted at ")
    assert fallback("report", "standby").output.startswith("# Standby\n")
    assert fallback("close", "standby").exit_code == 2
