"""Reports, balance sheets and predictions of commands say how many orders they leave out; so does the exit code."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from fallback.cli.main import main
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import NOW, an_order
from tests.fakes.primary import FakePrimary
from tests.ledger.order.damaging import damage
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop, serving
from tests.web.world import PRIMARY_TOKEN, a_config
from tests.workers.running import environment

Fallback = Callable[[str], Result]
ONE = "1 order could not be read and is missing here. 'fallback ledger verify' names it."
REPORT = "report --since 2026-11-21 --until 2026-11-22"
LOST = "FB-7K3M-92QX-N"


@pytest.fixture
def fallback(redis_server: RedisServer) -> Iterator[Fallback]:
    settings = environment(a_config(redis_url=redis_server.url))
    with capture_logs():  # which a command does not print
        yield lambda line: CliRunner().invoke(main, line.split(), env=settings)


@pytest.fixture(autouse=True)
def one_of_two_is_damaged(redis_server: RedisServer) -> None:
    """Both came in an outage."""
    built = a_container(redis_server.url)
    for mode, minutes in ((Mode.ACTIVE, -5), (Mode.STANDBY, 55)):
        built.modes.switch(ModeState(mode, NOW + timedelta(minutes=minutes), "Ada", "the payment page is down"))
    lost = accepted(built.ledger, an_order(ref=LOST))
    accepted(built.ledger, an_order())
    damage(built, lost)


@pytest.mark.parametrize("line", [REPORT, "incident balance", "incident audit --since 2026-11-21"])
def test_what_is_counted_is_not_taken_for_complete(fallback: Fallback, line: str) -> None:
    told = fallback(line)
    assert (told.exit_code, ONE in told.stdout.splitlines()) == (1, True), told.output


@pytest.mark.parametrize("line", [REPORT, "incident balance"])
def test_nor_is_it_as_a_table(fallback: Fallback, on_a_screen: None, line: str) -> None:
    assert ONE in fallback(line).stdout


def test_programs_read_it_too(fallback: Fallback) -> None:
    assert json.loads(fallback(f"{REPORT} --json").stdout)["unread"] == 1
    assert {row["orders_unread"] for row in csv.DictReader(StringIO(fallback(f"{REPORT} --csv").stdout))} == {"1"}
    assert json.loads(fallback("incident audit --since 2026-11-21 --json").stdout)["unread"] == 1


def test_the_report_on_an_incident_says_it(fallback: Fallback) -> None:
    fallback("incident balance")
    assert ONE in fallback("incident report").stdout
    rows = list(csv.DictReader(StringIO(fallback("incident report --csv").stdout)))
    assert [row["orders"] for row in rows if row["what"] == "unread"] == ["1"]


def test_a_dry_run_names_it(redis_server: RedisServer) -> None:
    with serving(ReferenceShop(FakePrimary(), token=PRIMARY_TOKEN)) as server:
        config = a_config(redis_url=redis_server.url, primary_url=server.url, primary_token=PRIMARY_TOKEN)
        fast = {"FALLBACK_PACE": "100", "FALLBACK_RAMP_START": "100"}
        with capture_logs():
            told = CliRunner().invoke(main, ["drain", "--dry-run"], env=environment(config) | fast).stdout.splitlines()
    assert [line.split(maxsplit=3) for line in told if LOST in line] == [
        [LOST, "unread", "-", "fallback ledger verify says why"]
    ]
    assert told[-1] == "      1 unread"
