"""Incidents begin and end by themselves and know their orders: in Redis and in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, Invalid, UnknownIncident
from fallback.domain.incident.incident import Incident, IncidentEvent, by_switch, noted
from fallback.domain.incident.ports import Incidents
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.redis import keys
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import deps
from tests.fakes.exposures import FakeExposures
from tests.fakes.incidents import FakeIncidents
from tests.fakes.ledger import FakeLedger
from tests.fakes.views import FakeModes
from tests.ledger.world import a_container, a_new_order
from tests.redis_server import RedisServer
from tests.web.world import NOW


@dataclass
class World:
    """Minutes are counted from NOW."""

    ledger: Ledger
    incidents: Incidents
    modes: Any
    exposures: Any
    minute: float = 0

    def switch(self, minute: float, mode: Mode, who: str = "Ada", reason: str = "the payment page is down") -> None:
        self.modes.switch(ModeState(mode, NOW + timedelta(minutes=minute), who, reason))

    def order(self, minute: float) -> Order:
        order = a_new_order(received_at=NOW + timedelta(minutes=minute))
        self.ledger.accept(order, f"key-{order.ref}", "print")
        return order

    def order_that_the_shop_failed(self, minute: float) -> Order:
        """The customer comes to our checkout half a minute before."""
        self.incidents.shop_failed(NOW + timedelta(minutes=minute - 0.5))
        order = self.order(minute)
        self.follow(minute + 0.1)
        return order

    def follow(self, minute: float = 600) -> None:
        now = NOW + timedelta(minutes=minute)
        follow_mode(deps(incidents=self.incidents, exposures=self.exposures, modes=self.modes, clock=lambda: now))

    def of(self, *orders: Order) -> list[str]:
        return [self.incidents.of(order.ref) for order in orders]


@pytest.fixture(params=["redis", "fake"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "fake":
        ledger = FakeLedger()
        modes = FakeModes()
        return World(ledger, FakeIncidents(ledger), modes, FakeExposures(ledger, modes))
    server: RedisServer = request.getfixturevalue("redis_server")
    container = a_container(server.url)
    return World(container.ledger, container.incidents, container.modes, container.exposures)


def told(incident: Incident) -> list[tuple[str, str]]:
    return [(entry.what, entry.who) for entry in incident.timeline]


def test_a_stay_out_of_standby_is_one_incident_with_its_orders(world: World) -> None:
    before = world.order(0)
    world.switch(1, Mode.ACTIVE)
    first = world.order(2)
    world.switch(3, Mode.DRAINING, "Ben", "it is back")
    last = world.order(4)
    world.switch(5, Mode.STANDBY, "Ben", "all is handed over")
    after = world.order(6)
    world.follow()

    [incident] = world.incidents.newest(9)
    assert (incident.reason, incident.people) == ("the payment page is down", ("Ada", "Ben"))
    assert (incident.began, incident.ended) == (NOW + timedelta(minutes=1), NOW + timedelta(minutes=5))
    assert (incident.after, incident.upto) == (1, 3)
    assert [entry.mode for entry in incident.timeline] == [Mode.ACTIVE, Mode.DRAINING, Mode.STANDBY]
    assert world.of(before, first, last, after) == [NO_INCIDENT, incident.id, incident.id, NO_INCIDENT]


def test_while_it_lasts_every_new_order_is_its_own(world: World) -> None:
    world.switch(1, Mode.ACTIVE)
    world.follow()
    order = world.order(2)
    [incident] = world.incidents.newest(9)
    assert (incident.ended, incident.upto) == (None, None)
    assert world.of(order) == [incident.id]


def test_whoever_follows_the_log_and_how_often_makes_no_difference(world: World) -> None:
    for minute, mode in ((1, Mode.ACTIVE), (3, Mode.DRAINING), (4, Mode.ACTIVE), (7, Mode.STANDBY)):
        world.switch(minute, mode)
        world.follow()
        world.follow()
    world.switch(8, Mode.ACTIVE)
    world.follow()
    second, first = world.incidents.newest(9)
    assert told(first) == [(IncidentEvent.SWITCHED, "Ada")] * 4
    assert (first.ended, second.ended) == (NOW + timedelta(minutes=7), None)


def test_an_order_that_the_shop_failed_opens_an_incident_before_anybody_switched(world: World) -> None:
    before, first, second = (
        world.order(0),
        world.order_that_the_shop_failed(1),
        world.order_that_the_shop_failed(2),
    )
    [incident] = world.incidents.newest(9)
    assert told(incident) == [(IncidentEvent.FAILED, "fallback")]
    assert world.of(before, first, second) == [NO_INCIDENT, incident.id, incident.id]


def test_customers_whom_the_shop_failed_and_who_bought_nothing_open_none(world: World) -> None:
    world.order(0)
    world.incidents.shop_failed(NOW + timedelta(minutes=1))
    world.follow(minute=2)
    assert world.incidents.newest(9) == []


def test_who_switches_then_switches_in_that_incident(world: World) -> None:
    world.order_that_the_shop_failed(1)
    world.switch(2, Mode.ACTIVE)
    world.switch(3, Mode.STANDBY)
    world.follow()
    [incident] = world.incidents.newest(9)
    assert incident.reason == "the payment page is down"
    assert [entry.what for entry in incident.timeline] == [
        IncidentEvent.FAILED,
        IncidentEvent.SWITCHED,
        IncidentEvent.SWITCHED,
    ]
    assert incident.ended == NOW + timedelta(minutes=3)


def test_a_switch_that_nobody_has_noticed_yet_comes_before_the_order(world: World) -> None:
    world.switch(1, Mode.ACTIVE)
    order = world.order_that_the_shop_failed(2)
    [incident] = world.incidents.newest(9)
    assert incident.began == NOW + timedelta(minutes=1)
    assert world.of(order) == [incident.id]


def test_a_note_stands_in_the_timeline_once_under_its_writers_name(world: World) -> None:
    world.switch(1, Mode.ACTIVE)
    world.follow()
    [incident] = world.incidents.newest(9)
    for _ in range(2):
        world.incidents.change(incident.id, lambda each: noted(each, "Mara", " The bank says 11:00. ", NOW))
    [kept] = world.incidents.newest(9)
    assert [entry.text for entry in kept.timeline] == ["", "The bank says 11:00."]
    assert kept.people == ("Ada", "Mara")


@pytest.mark.parametrize(
    ("text", "code"), [(" ", "empty"), ("x" * 2001, "too_long"), ("4242424242424242", "card_number")]
)
def test_a_note_that_cannot_be_kept_is_refused(world: World, text: str, code: str) -> None:
    world.switch(1, Mode.ACTIVE)
    world.follow()
    [incident] = world.incidents.newest(9)
    with pytest.raises(Invalid) as refusal:
        world.incidents.change(incident.id, lambda each: noted(each, "Mara", text, NOW))
    assert refusal.value.code == code


def test_there_is_no_incident_of_another_name(world: World) -> None:
    with pytest.raises(UnknownIncident, match="2026-01-01-000000"):
        world.incidents.load("2026-01-01-000000")


def test_a_list_of_incidents_has_as_many_as_are_asked_for_the_newest_first(world: World) -> None:
    opened = [
        world.incidents.open(by_switch(ModeState(Mode.ACTIVE, NOW + timedelta(minutes=minute), "Ada", "down"), minute))
        for minute in range(3)
    ]
    assert world.incidents.newest(2) == opened[:0:-1]


# --- in Redis


def test_one_that_nobody_switched_in_ends_when_the_shop_fails_nobody_any_more(redis_server: RedisServer) -> None:
    container = a_container(redis_server.url)
    world = World(container.ledger, container.incidents, container.modes, container.exposures)
    inside = world.order_that_the_shop_failed(1)
    world.follow(minute=2)
    assert world.incidents.newest(9)[0].ended is None
    redis_server.client.delete(keys.SHOP_FAILS)  # half an hour later
    world.follow(minute=32)
    after = world.order(33)
    [incident] = world.incidents.newest(9)
    assert (incident.ended, incident.timeline[-1].what) == (NOW + timedelta(minutes=32), IncidentEvent.QUIET)
    assert world.of(inside, after) == [incident.id, NO_INCIDENT]
    world.order_that_the_shop_failed(40)
    assert len(world.incidents.newest(9)) == 2


def test_that_the_shop_fails_is_forgotten_by_itself(redis_server: RedisServer) -> None:
    incidents = a_container(redis_server.url).incidents
    incidents.shop_failed(NOW)
    incidents.shop_failed(NOW + timedelta(minutes=1))
    assert incidents.shop_failing_since() == NOW
    assert 0 < redis_server.client.ttl(keys.SHOP_FAILS) <= 1800


def test_what_people_write_is_not_readable_in_redis(redis_server: RedisServer) -> None:
    container = a_container(redis_server.url)
    world = World(container.ledger, container.incidents, container.modes, container.exposures)
    world.switch(1, Mode.ACTIVE)
    world.follow()
    [incident] = world.incidents.newest(9)
    world.incidents.change(incident.id, lambda each: noted(each, "Mara", "Mrs Murdoch called", NOW))
    assert b"Murdoch" not in redis_server.client.get(keys.incident(incident.id))


def test_a_change_that_others_are_always_ahead_of_is_given_up(redis_server: RedisServer) -> None:
    incidents = a_container(redis_server.url).incidents
    opened = incidents.open(by_switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the shop is down"), 0))

    def is_overtaken(incident: Incident) -> Incident:
        incidents.change(incident.id, lambda each: replace(each, reason=each.reason + "!"))
        return replace(incident, reason="a cable")

    with pytest.raises(Conflict, match=opened.id):
        incidents.change(opened.id, is_overtaken)
    assert incidents.load(opened.id).reason.startswith("the shop is down!")


def test_opening_an_open_incident_again_changes_nothing(world: World) -> None:
    first = world.incidents.open(by_switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the shop is down"), 0))
    noted = world.incidents.change(first.id, lambda incident: replace(incident, reason="a cable"))
    assert world.incidents.open(first) == noted
