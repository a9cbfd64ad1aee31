"""The process dies before and after every call that a use case makes, and the promises hold after the restart."""

from __future__ import annotations

from contextlib import suppress

import pytest

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeState
from fallback.domain.payment.gateway import IntentState
from tests.usecases.points import Moment, Points, numbered
from tests.usecases.stories import STORIES, Story, a_while
from tests.usecases.world import TOTAL, Crash, World


def live(world: World, story: Story) -> None:
    """Whoever dies is started again; a customer or an agent who got no answer does the same again."""
    for happens in story.happens:
        try:
            happens(world)
        except Crash:
            world.restart()
            with suppress(NotAllowedNow, Invalid):  # it was taken the first time
                happens(world)
    a_while(world)


@pytest.mark.parametrize("name", STORIES)
def test_each_story_makes_exactly_its_listed_calls(name: str) -> None:
    world = World(STORIES[name].duplicates)
    points = Points(world)
    live(world, STORIES[name])
    assert world.headline is STORIES[name].ends
    assert tuple(points.seen) == STORIES[name].points


def test_the_crash_tests_stop_at_every_known_point() -> None:
    assert sum(2 * len(story.points) for story in STORIES.values()) == 878


@pytest.mark.parametrize(
    ("name", "moment", "point"),
    [
        pytest.param(name, moment, point, id=f"{name} | {moment} {point}")
        for name, story in STORIES.items()
        for point in numbered(story.points)
        for moment in ("before", "after")
    ],
)
def test_wherever_it_dies_the_story_ends_as_it_should(name: str, moment: Moment, point: str) -> None:
    story = STORIES[name]
    world = World(story.duplicates)
    points = Points(world)
    points.kill(moment, point)
    live(world, story)
    assert points.killed
    assert world.headline is story.ends
    _check_promises(world, story)


def _check_promises(world: World, story: Story) -> None:
    assert world.ledger.refs() == [world.ref]
    kept = [intent for intent in world.gateway.intents.values() if intent.state is not IntentState.VOIDED]
    assert len(kept) <= 1
    assert world.gateway.captures[world.ref] <= 1
    assert world.gateway.calls["confirm"] <= len([point for point in story.points if "gateway.confirm" in point]) + 1
    given_back = sum(grant.amount for grant in world.order.grants)
    assert world.captured == (TOTAL - given_back if story.ends is Headline.SETTLED else 0)
    assert world.authorized == 0
    assert world.orders_there == (1 if story.ends in (Headline.SETTLED, Headline.MERGED) else 0)
    assert world.primary.doubles == []
    assert len(world.mails) == len(set(world.mails))
    assert {notice.state for notice in world.order.notices} <= {
        NoticeState.SENT,
        NoticeState.UNKNOWN,
        NoticeState.DROPPED,
    }
    assert world.left_to_do == set()
