"""The process, or Redis, dies by `kill -9` before and after every recorded point, and the promises hold after that."""

from __future__ import annotations

import pytest

from fallback.domain.order.lifecycle import Headline
from tests.crash.scenarios import BY_PEOPLE, NOTIFY, SCENARIOS, Scenario, bought
from tests.crash.world import LATER, NEXT, World

every_scenario = pytest.mark.parametrize("scenario", [pytest.param(each, id=each.name) for each in SCENARIOS])


@every_scenario
def test_each_scenario_makes_exactly_its_listed_calls(world: World, scenario: Scenario) -> None:
    ref, step = scenario.case(world)
    assert tuple(world.make(step, ref=ref, ahead=NEXT).calls) == scenario.calls


@every_scenario
def test_a_process_dies_at_each_point(world: World, scenario: Scenario) -> None:
    died: dict[str, str] = {}
    for moment in scenario.moments():
        ref, step = scenario.case(world)
        assert world.make(step, ref=ref, ahead=NEXT, at=f"{step[0]} {moment}").killed, moment
        died[moment] = the_customer_tries_again(world, ref, step)
    world.work()
    assert world.findings() == []
    ends = dict(zip(died, world.ends(died.values()), strict=True))
    assert ends == dict.fromkeys(died, scenario.end), [(world.order(ref), world.said(ref)) for ref in died.values()]


@every_scenario
def test_a_process_stands_still_at_each_point(world: World, scenario: Scenario) -> None:
    """Others work meanwhile, longer than they wait for it; then it goes on, and hears that it is late, or done."""
    stood: dict[str, str] = {}
    for moment in scenario.gaps():
        ref, step = scenario.case(world)
        outcome = world.make(step, ref=ref, ahead=NEXT, at=f"{step[0]} {moment}", meanwhile=[["work"]], stopped=LATER)
        assert outcome.raised in (None, "Conflict", "NotAllowedNow"), moment
        stood[moment] = outcome.ref
    world.work()
    assert world.findings() == []
    ends = dict(zip(stood, world.ends(stood.values()), strict=True))
    undone = {Headline.CANCELLED, Headline.REFUNDED}  # what was captured meanwhile is given back
    alike = undone if scenario.end in undone else {scenario.end}
    assert {*ends.values()} <= alike, [(world.order(ref), world.said(ref)) for ref in stood.values()]


@every_scenario
def test_redis_dies_at_each_point(world: World, scenario: Scenario) -> None:
    died: dict[str, str] = {}
    for moment in scenario.gaps():
        ref, step = scenario.case(world)
        victim = world.redis.client.info("server")["process_id"]
        outcome = world.make(step, ref=ref, ahead=NEXT, at=f"{step[0]} {moment}", victim=victim)
        assert outcome.raised in ("TryAgain", None), moment
        world.redis.kill()
        world.redis.start()
        died[moment] = the_customer_tries_again(world, ref or outcome.ref, step)
    world.work()
    assert world.findings() == []
    ends = dict(zip(died, world.ends(died.values()), strict=True))
    assert ends == dict.fromkeys(died, scenario.end), [(world.order(ref), world.said(ref)) for ref in died.values()]


def the_customer_tries_again(world: World, ref: str, step: list[object]) -> str:
    """A customer or an agent who had no answer; what the customer learns then is that it is done."""
    if step[0] not in BY_PEOPLE:
        return ref
    outcome = world.make(step, ref=ref, ahead=NEXT)
    assert outcome.raised in (None, "NotAllowedNow", "Invalid")
    return outcome.ref


@pytest.mark.parametrize(
    ("moment", "mails", "told"),
    [
        ("1: before mailer.deliver", 1, "notice_sent"),
        ("2: before mailer.handing_over", 1, "notice_sent"),
        ("3: before ledger.commit", 1, "notice_sent"),
        ("3: after ledger.commit", 0, "notice_unknown"),
        ("2: after mailer.handing_over", 0, "notice_unknown"),
        ("1: after mailer.deliver", 1, "notice_unknown"),
        ("4: before ledger.commit", 1, "notice_unknown"),
        ("4: after ledger.commit", 1, "notice_sent"),
    ],
)
def test_a_mail_goes_out_at_most_once_and_what_is_not_known_is_shown_as_unknown(
    world: World, moment: str, mails: int, told: str
) -> None:
    ref = bought(world, card=None)
    assert world.make([NOTIFY], ref=ref, ahead=NEXT, at=f"{NOTIFY} {moment}").killed
    world.work()
    assert world.mails(ref) == mails
    assert world.said(ref) == ["received", told]
    assert world.findings() == []
