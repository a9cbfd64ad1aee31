"""`fallback drill`: what a person on call sees of it, at a terminal and in a script."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.errors import TryAgain
from fallback.domain.oncall.drill import DrillStep
from fallback.domain.outage.mode import Mode
from tests.usecases.exercise import LOOKS, Exercise


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> Exercise:
    """Time passes while the command waits."""
    world = Exercise()
    monkeypatch.setattr("fallback.cli.drill.container", lambda: world.container)
    monkeypatch.setattr("fallback.cli.drill.sleep", lambda _: world.shifts_go_on())
    return world


def drill(*words: str) -> Result:
    return CliRunner().invoke(main, ["drill", *words])


def test_fallback_drill_prints_each_step_and_the_result(world: Exercise) -> None:
    shown = drill("--who", "Omar")
    assert shown.exit_code == 0, shown.output
    told = [line for line in shown.output.splitlines() if " s  " in line]
    assert [line.split(" s  ")[1] for line in told] == [step.replace("_", " ") for step in DrillStep]
    assert f"passed       {world.drill.ref}  by Omar" in shown.output.splitlines()[-1]


def test_on_a_screen_the_last_drills_are_a_table(world: Exercise, on_a_screen: None) -> None:
    drill("--who", "Omar")
    assert re.search(rf"passed +{world.drill.ref} +Omar", drill("--log").output)


def test_a_script_reads_the_result(world: Exercise) -> None:
    result = json.loads(drill("--json").output)
    assert (result["outcome"], result["ref"]) == ("passed", world.drill.ref)
    assert [reached["step"] for reached in result["steps"]] == list(DrillStep)


def test_one_that_fails_ends_with_1_and_says_where(world: Exercise) -> None:
    world.front_door.fails.extend([TryAgain("nobody is there")] * LOOKS)
    shown = drill()
    assert shown.exit_code == 1
    assert "Not accepted within 120 s: nobody is there." in shown.output
    assert shown.output.count("it waits: nobody is there") == 1


def test_a_failed_drill_says_that_its_cleanup_is_pending(world: Exercise) -> None:
    world.primary.stock["BK-1"] = 0
    shown = drill()
    assert shown.exit_code == 1
    assert "The order was put on hold: out_of_stock (BK-1).  Cleanup is pending" in shown.output


def test_during_an_outage_it_ends_with_2(world: Exercise) -> None:
    world.switches(Mode.ACTIVE)
    shown = drill()
    assert (shown.exit_code, shown.output) == (2, "The mode is active. Drills run only in standby.\n")
    assert json.loads(drill("--json").output)["outcome"] is None


def test_the_log_says_what_was_not_exercised(world: Exercise) -> None:
    assert drill("--log").output == "No drills yet.\n"
    world.settings["stripe_secret_key"] = "rk_live_1"
    world.restart()
    world.begins()
    world.goes_on()
    assert (
        "Not exercised without a Stripe test key: authorized, placed, read_back, captured, refunded."
        in drill("--log").output
    )
    [kept] = json.loads(drill("--log", "--json").output)
    assert kept["outcome"] == "passed"


def test_a_game_day_is_for_a_demo_that_runs(world: Exercise, tmp_path: Path) -> None:
    assert "Name the demo to break with --state" in drill("--game-day").output
    shown = drill("--game-day", "--state", str(tmp_path))
    assert shown.exit_code == 1
    assert "No demo is running" in shown.output


def test_a_game_day_has_only_the_acts_of_its_plan(world: Exercise, tmp_path: Path) -> None:
    shown = drill("--game-day", "--state", str(tmp_path), "--act", "weather")
    assert shown.exit_code == 2
    assert "there is no act weather; there are: shop, stripe, redis, worker, mail" in shown.output
