"""On the whole demo: a drill goes through its real parts, and a game day breaks them by plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from fallback.domain.oncall.drill import DrillStep
from ops.demo import game_day, running
from ops.demo.stage import Stage
from tests.browser.whole_demo import WholeDemo


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeDemo]:
    demo = WholeDemo(tmp_path_factory.mktemp("game-day") / "demo")
    yield demo
    demo.down()


def fallback(demo: WholeDemo, *words: str) -> Any:
    """What the command says to a script; that it ended well is seen to."""
    return json.loads(demo.run("fallback", *words, "--json"))


def test_a_drill_goes_from_the_front_door_to_the_shop_and_back_and_no_list_has_it(demo: WholeDemo) -> None:
    drill = fallback(demo, "drill")
    assert drill["outcome"] == "passed", drill
    assert [reached["step"] for reached in drill["steps"]] == list(DrillStep)
    assert fallback(demo, "orders", "list") == []
    assert fallback(demo, "orders", "show", drill["ref"])["headline"] == "refunded"
    assert [kept["ref"] for kept in fallback(demo, "drill", "--log")] == [drill["ref"]]


def test_what_the_plan_says_of_a_shop_that_dies_and_of_mail_that_is_away_holds(demo: WholeDemo) -> None:
    report = fallback(demo, "drill", "--game-day", "--state", str(demo.place.state), "--act", "shop", "--act", "mail")
    assert [act["act"] for act in report["acts"]] == ["shop", "mail"]
    assert report["held"], report
    assert running.status(demo.place).ready


def test_what_does_not_hold_is_reported_and_what_was_broken_is_healed_all_the_same(
    demo: WholeDemo, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody_orders(stage: Stage) -> None:
        stage.breaks("mail")
        stage.holds("An order that nobody sent is taken.", 0.2, stage.is_settled)

    monkeypatch.setattr(game_day, "PLAN", (game_day.Act("idle", "Nobody orders", nobody_orders, "mail"),))
    told: list[str] = []
    report = game_day.play(demo.place.state, (), told.append)
    assert not report["held"]
    assert [check["held"] for check in report["acts"][0]["checks"]] == [True, False]
    assert told[-1].startswith("  FAIL")
    assert "FAIL     1/2" in game_day.table(report)
    assert running.status(demo.place).ready
