"""`fallback mode`: what a person on call reads and switches, at a terminal and in a script."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.outage.failover import Advice, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.outage.observations import RedisObservations
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Fallback = Callable[..., Result]


@pytest.fixture
def modes(redis_server: RedisServer) -> RedisModes:
    return RedisModes(redis_server.client)


@pytest.fixture
def fallback(redis_server: RedisServer) -> Fallback:
    settings = environment(a_config(redis_url=redis_server.url, fallback_time_zone="Europe/Berlin"))
    return lambda *words, typed="": CliRunner().invoke(main, ["mode", *words], env=settings, input=typed)


@pytest.fixture
def at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.cli.mode.at_a_terminal", lambda: True)


@pytest.fixture
def shop_is_well(redis_server: RedisServer) -> None:
    now = datetime.now(UTC)
    evidence = Evidence((Probe(now, page=True, health=True),))
    RedisObservations(redis_server.client).write(Observation(now, evidence, Advice(Mode.STANDBY, Why.WELL)))


def test_fallback_mode_shows_the_mode_and_that_the_monitor_is_not_running(fallback: Fallback) -> None:
    shown = fallback()
    assert shown.output.startswith("standby (never switched)\n")
    assert json.loads(fallback("--json").output)["since"] is None
    assert "check the clock process." in shown.output


def test_fallback_mode_shows_the_recommendation_of_the_monitor(fallback: Fallback, shop_is_well: None) -> None:
    assert "No sign of an outage." in fallback().output
    assert json.loads(fallback("--json").output)["advice"] == "standby"


@pytest.mark.parametrize(("until", "hours"), [("45m", 0.75), ("2h", 2), ("1d", 24)])
def test_a_switch_stands_for_the_time_that_is_said(
    fallback: Fallback, modes: RedisModes, until: str, hours: float
) -> None:
    assert fallback("standby", "--reason", "a rehearsal", "--until", until).exit_code == 0
    state = modes.read()
    assert state.until
    assert abs(state.until - state.since - timedelta(hours=hours)) < timedelta(seconds=5)


def test_a_time_of_day_is_the_shop_s_and_lies_ahead(fallback: Fallback, modes: RedisModes) -> None:
    fallback("standby", "--reason", "x", "--until", "18:30")
    until = modes.read().until
    assert until
    assert until.astimezone(ZoneInfo("Europe/Berlin")).strftime("%H:%M") == "18:30"
    assert timedelta() < until - datetime.now(UTC) <= timedelta(hours=25)


def test_open_stands_until_somebody_switches_again(fallback: Fallback, modes: RedisModes) -> None:
    shown = fallback("standby", "--reason", "x", "--until", "open")
    assert modes.read().until is None
    assert "until the next manual switch" in shown.output


@pytest.mark.parametrize("until", ["tomorrow", "25:00", "2020-01-01T10:00", "5", "9999-12-31T23:59-12:00"])
def test_a_time_that_cannot_be_read_or_is_over_switches_nothing(
    fallback: Fallback, modes: RedisModes, until: str
) -> None:
    assert fallback("active", "--reason", "x", "--until", until).exit_code == 2
    assert modes.log() == []


def test_at_a_terminal_it_asks_once_more_where_it_hurts(
    fallback: Fallback, modes: RedisModes, shop_is_well: None, at_a_terminal: None
) -> None:
    refused = fallback("active", "--reason", "x", typed="n\n")
    assert refused.exit_code == 2
    assert "a working checkout" in refused.output
    assert modes.log() == []
    assert fallback("active", "--reason", "x", typed="y\n").exit_code == 0
    assert modes.read().mode is Mode.ACTIVE


def test_a_switch_while_it_asks_is_not_replaced(
    fallback: Fallback, modes: RedisModes, shop_is_well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    theirs = ModeState(Mode.DRAINING, datetime.now(UTC), "Ana", "the shop is back")

    def at_a_terminal() -> bool:
        modes.switch(theirs)
        return True

    monkeypatch.setattr("fallback.cli.mode.at_a_terminal", at_a_terminal)
    refused = fallback("active", "--reason", "x", typed="y\n")
    assert (refused.exit_code, "Somebody else changed it at the same moment" in refused.output) == (2, True)
    assert modes.read() == theirs


def test_with_yes_it_does_not_ask(
    fallback: Fallback, modes: RedisModes, shop_is_well: None, at_a_terminal: None
) -> None:
    assert fallback("active", "--reason", "x", "--yes").exit_code == 0
    assert modes.read().mode is Mode.ACTIVE


def test_a_script_is_not_asked_but_warned(fallback: Fallback, modes: RedisModes, shop_is_well: None) -> None:
    done = fallback("active", "--reason", "x")
    assert done.exit_code == 0
    assert "a working checkout" in done.stderr
    assert modes.read().mode is Mode.ACTIVE


def test_a_reason_that_says_nothing_switches_nothing(fallback: Fallback, modes: RedisModes) -> None:
    refused = fallback("active", "--reason", " ")
    assert (refused.exit_code, refused.output) == (2, "Error: Reason: Please write something.\n")
    assert modes.log() == []


def test_an_empty_name_is_that_of_the_user(
    fallback: Fallback, modes: RedisModes, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user, named in (("ida", "ida"), ("", "on call")):
        monkeypatch.setenv("USER", user)
        assert fallback("active", "--reason", "x", "--who", " ").exit_code == 0
        assert modes.read().who == named
