"""From 'tell me when the shop is back' to the one mail, whatever dies on the way."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from random import Random

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.links import Links
from fallback.domain.outage.failover import Advice, Evidence, Observation, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.subscriptions import MOST_FROM_ONE
from fallback.usecases.support.subscribe import confirm_subscription, subscribe, unsubscribe
from fallback.usecases.support.tell_subscribers import follow_subscriptions, tell_subscribers
from tests.builders import NOW, deps
from tests.fakes.mailer import FakeMailer
from tests.fakes.observations import FakeObservations
from tests.fakes.subscriptions import FakeSubscriptions
from tests.fakes.views import FakeModes

EMAIL = "iris@example.org"


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.mailer, self.kept = FakeMailer(), FakeSubscriptions()
        self.modes, self.observations = FakeModes(), FakeObservations()
        self.deps = deps(
            clock=lambda: self.now,
            mailer=self.mailer,
            subscriptions=self.kept,
            modes=self.modes,
            observations=self.observations,
            links=Links(["a-secret-of-the-tests-of-links-0123456789"], "https://pay.example"),
            random=Random(1),
        )
        self.name = self.kept.name(EMAIL)
        self.switch(Mode.ACTIVE)

    def switch(self, mode: Mode) -> None:
        self.modes.switch(ModeState(mode, self.now, "Omar", "x"))

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)
        follow_subscriptions(self.deps)
        tell_subscribers(self.deps)

    def confirmed(self) -> None:
        subscribe(self.deps, EMAIL, "en", "192.0.2.7")
        self.later(seconds=1)
        assert confirm_subscription(self.deps, self.name)
        self.mailer.subscribers.clear()


@pytest.fixture
def world() -> World:
    return World()


def test_the_address_is_asked_then_told_once_and_erased(world: World) -> None:
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    world.later(seconds=1)
    world.later(minutes=1)
    assert world.mailer.subscribers == [(EMAIL, False)]
    assert confirm_subscription(world.deps, world.name)
    world.later(minutes=1)
    world.switch(Mode.DRAINING)
    world.later(minutes=1)
    assert world.mailer.subscribers == [(EMAIL, False)]
    for _ in range(3):
        world.later(minutes=2)
    assert world.mailer.subscribers == [(EMAIL, False), (EMAIL, True)]
    assert world.kept.count() == 0


def test_who_did_not_confirm_gets_no_further_mail_and_is_erased_in_a_day(world: World) -> None:
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    world.later(seconds=1)
    world.switch(Mode.STANDBY)
    world.later(hours=23)
    assert (len(world.mailer.subscribers), world.kept.count()) == (1, 1)
    world.later(hours=2)
    assert (len(world.mailer.subscribers), world.kept.count()) == (1, 0)
    assert not confirm_subscription(world.deps, world.name)


def test_who_takes_it_back_gets_no_mail(world: World) -> None:
    world.confirmed()
    unsubscribe(world.deps, world.name)
    world.switch(Mode.STANDBY)
    world.later(hours=1)
    assert (world.mailer.subscribers, world.kept.count()) == ([], 0)


def test_an_outage_longer_than_a_week_erases_the_address(world: World) -> None:
    world.confirmed()
    world.later(days=7, seconds=1)
    assert (world.mailer.subscribers, world.kept.count()) == ([], 0)


def test_a_shop_that_still_fails_customers_is_not_back(world: World) -> None:
    world.confirmed()
    world.switch(Mode.STANDBY)
    world.observations.write(Observation(world.now, Evidence(), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    world.later(minutes=5)
    assert world.mailer.subscribers == []


def test_a_mail_server_that_is_away_gets_it_later(world: World) -> None:
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    world.mailer.fail_next("asked", TryAgain("away"))
    world.later(seconds=1)
    assert world.mailer.subscribers == []
    world.later(hours=1)
    assert world.mailer.subscribers == [(EMAIL, False)]


def test_the_longer_it_is_away_the_more_seldom_it_is_tried(world: World) -> None:
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    world.now += timedelta(seconds=1)
    asked = world.kept.find(world.name)
    assert asked
    for tries in range(1, 5):
        world.mailer.fail_next("asked", TryAgain("away"))
        world.later()
        later = world.kept.find(world.name)
        assert later
        assert later == replace(asked, tries=tries, due_at=later.due_at)
        assert later.due_at
        assert timedelta(seconds=1) <= later.due_at - world.now <= timedelta(seconds=2 ** (tries - 1))
        world.now = later.due_at


def test_a_server_that_wants_the_text_later_after_all_gets_it_later(world: World) -> None:
    world.confirmed()
    world.switch(Mode.STANDBY)
    world.mailer.fail_next("agreed", TryAgain("451 later"))
    world.later(minutes=3)
    assert world.mailer.subscribers == []
    world.later(minutes=1)
    assert world.mailer.subscribers == [(EMAIL, True)]


def test_an_address_that_the_server_refuses_is_erased(world: World) -> None:
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    world.mailer.fail_next("asked", Refused("550"))
    world.later(seconds=1)
    assert world.kept.count() == 0


def test_an_address_that_meets_a_bug_keeps_no_other_waiting(world: World) -> None:
    for email in (EMAIL, "jean@example.org"):
        subscribe(world.deps, email, "en", "192.0.2.7")
    world.mailer.fail_next("asked", IndexError("a bug"))
    with capture_logs() as logs:
        world.later(seconds=1)
    assert [(line["event"], line["kind"]) for line in logs] == [("entry_failed", "subscription")]
    assert len(world.mailer.subscribers) == 1
    world.later(hours=1)
    assert {email for email, _ in world.mailer.subscribers} == {EMAIL, "jean@example.org"}


@pytest.mark.parametrize("death", [OutcomeUnknown("lost"), KeyboardInterrupt()], ids=["reply lost", "killed"])
def test_what_may_have_been_sent_is_not_sent_again(world: World, death: BaseException) -> None:
    world.confirmed()
    world.switch(Mode.STANDBY)
    world.mailer.fail_next("taken", death)
    with suppress(KeyboardInterrupt):
        world.later(minutes=3)
    for _ in range(3):
        world.later(minutes=5)
    assert world.mailer.subscribers == [(EMAIL, True)]
    assert world.kept.count() == 0


def test_a_worker_that_dies_before_it_hands_over_leaves_it_to_the_next(world: World) -> None:
    world.confirmed()
    world.switch(Mode.STANDBY)
    world.mailer.fail_next("asked", KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        world.later(minutes=3)
    world.later(minutes=5)
    assert world.mailer.subscribers == [(EMAIL, True)]


def test_the_room_is_bounded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.usecases.support.subscribe.MOST", 1)
    subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    with pytest.raises(Refused):
        subscribe(world.deps, "dora@example.org", "en", "192.0.2.7")


def test_one_network_cannot_fill_the_list_for_everybody_else() -> None:
    world = World()
    for number in range(MOST_FROM_ONE):
        subscribe(world.deps, f"{number}@example.org", "en", "192.0.2.7")
    with pytest.raises(Refused, match="too_many"):
        subscribe(world.deps, EMAIL, "en", "192.0.2.7")
    assert world.kept.count() == MOST_FROM_ONE
    subscribe(world.deps, EMAIL, "en", "192.0.2.8")
    assert world.kept.count() == MOST_FROM_ONE + 1
