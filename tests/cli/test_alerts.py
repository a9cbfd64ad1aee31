"""`fallback alerts`: what is wrong, who works on it, and what a script reads from the exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner

from fallback.cli.main import main
from fallback.domain.oncall.alerts import Alert, Memory, Told
from fallback.domain.outage.failover import Advice, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode
from fallback.ledger.oncall.outbox import RedisOutbox
from fallback.ledger.outage.observations import RedisObservations
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.cli.test_commands import Fallback, fallback
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

__all__ = ["fallback"]

HOLDS = Told(NOW - timedelta(hours=1), NOW, "Orders on hold: 40; the limit is 20.")
LOST = Told(NOW, NOW, "No orders are accepted. Redis keeps nothing on disk.")


@pytest.fixture
def trouble(redis_server: RedisServer) -> RedisOutbox:
    outbox = RedisOutbox(redis_server.client)
    outbox.remember(Memory(NOW, {Alert.HOLDS_PILE_UP: HOLDS, Alert.DURABILITY_LOST: LOST}), [], NOW)
    return outbox


@pytest.fixture(autouse=True)
def a_clock_runs(redis_server: RedisServer) -> None:
    now = datetime.now(UTC)
    looked = Evidence((Probe(now, page=True, health=True),))
    RedisObservations(redis_server.client).write(Observation(now, looked, Advice(Mode.STANDBY, Why.WELL)))


def test_where_no_clock_runs_nobody_knows(fallback: Fallback, redis_server: RedisServer) -> None:
    redis_server.client.delete(keys.SIGHTING)
    said = fallback("alerts")
    assert said.exit_code == 2
    assert "No clock process runs" in said.output
    assert "No active alerts" not in said.output


def test_without_alerts_it_says_so(fallback: Fallback) -> None:
    said = fallback("alerts")
    assert (said.output, said.exit_code) == ("No active alerts.\n", 0)
    assert json.loads(fallback("alerts", "--json").output) == []


def test_urgent_alerts_come_first_and_those_of_nobody_set_the_exit_code(
    fallback: Fallback, trouble: RedisOutbox
) -> None:
    said = fallback("alerts")
    assert said.exit_code == 1
    assert said.output.splitlines() == [
        "durability_lost  2026-11-21 10:00:00 UTC  nobody  No orders are accepted. Redis keeps nothing on disk.",
        "holds_pile_up  2026-11-21 09:00:00 UTC  nobody  Orders on hold: 40; the limit is 20.",
    ]
    [first, second] = json.loads(fallback("alerts", "--json").output)
    assert (first["alert"], first["urgent"], first["runbook"]) == ("durability_lost", True, "redis-lost-or-full")
    assert (second["began"], second["acknowledged"]) == ("2026-11-21T09:00:00Z", None)


def test_who_is_first_works_on_it_and_the_second_is_told_so(fallback: Fallback, trouble: RedisOutbox) -> None:
    said = [fallback("alerts", "acknowledge", "durability_lost", "--who", who) for who in ("Ida", "Bo", "Ida")]
    assert [each.exit_code for each in said] == [0, 1, 0]
    assert all("\nIda has worked on durability_lost since " in f"\n{each.output}" for each in said)
    taken = json.loads(
        fallback("alerts", "acknowledge", "holds_pile_up", "--who", "Bo", "--json").output.splitlines()[-1]
    )
    assert (taken["who"], taken["began"]) == ("Bo", "2026-11-21T09:00:00Z")
    listed = fallback("alerts")
    assert listed.exit_code == 0
    assert [line.split()[4] for line in listed.output.splitlines()] == ["Ida", "Bo"]
    assert {each.who for each in trouble.acknowledged().values()} == {"Ida", "Bo"}


def test_what_is_not_active_or_not_known_has_an_exit_code_of_its_own(fallback: Fallback) -> None:
    refused = fallback("alerts", "acknowledge", "drill_failed")
    assert (refused.output, refused.exit_code) == ("Error: This alert is not active.\n", 2)
    nowhere = environment(a_config(redis_url="redis://127.0.0.1:1/0"))
    unknown = CliRunner().invoke(main, ["alerts"], env=nowhere)
    assert unknown.exit_code == 2
    assert "Try again; if this stays: fallback doctor" in unknown.output
