"""An incident without a switch: when it begins, and what its timeline contains."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.incident.incident import IncidentEvent
from fallback.domain.incident.mode_log import follow
from fallback.domain.oncall.minutes import Sums, number
from fallback.domain.outage.failover import Advice, Customers, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.outage.switching import DoubtCode
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.incident.note_incident import note_incident
from fallback.usecases.oncall.note_minute import note_minute
from fallback.usecases.outage.warn_before_switch import warn_before_switch
from tests.builders import NOW, an_order, deps
from tests.fakes.ledger import FakeLedger
from tests.fakes.minutes import FakeMinutes
from tests.fakes.observations import FakeObservations
from tests.usecases.world import World

MINUTE = timedelta(minutes=1)


def an_order_while_the_shop_fails(world: World, since: timedelta) -> None:
    """It has failed for so long."""
    world.incidents.failing_since = world.now - since
    world.ledger.keep(an_order(received_at=world.now))
    world.now += MINUTE
    follow_mode(world.container)


def test_it_begins_when_the_shop_began_to_fail() -> None:
    world = World()
    since = world.now - 5 * MINUTE
    an_order_while_the_shop_fails(world, 5 * MINUTE)
    last = world.incidents.last()
    assert last
    assert (last.began, last.after) == (since, 0)


def test_without_any_order_there_is_none() -> None:
    world = World()
    world.incidents.failing_since = world.now
    world.now += MINUTE
    follow_mode(world.container)
    assert world.incidents.last() is None


def test_an_incident_begins_after_the_end_of_the_previous_one() -> None:
    world = World()
    an_order_while_the_shop_fails(world, 5 * MINUTE)
    world.incidents.failing_since = None
    follow_mode(world.container)
    first = world.incidents.last()
    assert first
    assert first.ended
    world.now += MINUTE
    an_order_while_the_shop_fails(world, 60 * MINUTE)
    second = world.incidents.last()
    assert second
    assert (second.began, second.after) == (first.ended, 1)


def test_what_a_person_writes_into_it_stands_there_with_name_and_time() -> None:
    world = World()
    an_order_while_the_shop_fails(world, MINUTE)
    last = world.incidents.last()
    assert last
    note_incident(world.container, last.id, "The hoster rang back.", "Ada")
    entry = world.incidents.load(last.id).timeline[-1]
    assert (entry.what, entry.who, entry.text, entry.at) == (
        IncidentEvent.NOTED,
        "Ada",
        "The hoster rang back.",
        world.now,
    )


# --- what was seen


def seen(*, page: bool) -> FakeObservations:
    observations = FakeObservations()
    evidence = Evidence((Probe(NOW, page=page, elsewhere=True),), Customers(), None, False, 0)
    observations.write(Observation(NOW, evidence, Advice(Mode.STANDBY, Why.LOOKS, {})))
    return observations


def test_a_minute_counts_the_customers_who_were_failed_and_our_own_looks() -> None:
    for observations, failures in ((FakeObservations(), 1), (seen(page=True), 1), (seen(page=False), 2)):
        minutes = FakeMinutes(FakeLedger())
        observations.count("failed", "basket-1", NOW)
        note_minute(deps(minutes=minutes, observations=observations, clock=lambda: NOW))
        assert minutes.noted(NOW)[number(NOW)] == Sums(0, 0, failures)


def test_who_switches_although_the_shop_is_well_is_told() -> None:
    def told(observations: FakeObservations) -> list[DoubtCode]:
        return [
            doubt.code
            for doubt in warn_before_switch(
                deps(observations=observations, ledger=FakeLedger(), clock=lambda: NOW), Mode.ACTIVE
            )
        ]

    assert told(seen(page=True)) == [DoubtCode.SHOP_WELL]
    assert told(seen(page=False)) == []


def test_an_incident_goes_on_when_the_log_of_the_mode_no_longer_has_its_beginning() -> None:
    world = World()
    active = ModeState(Mode.ACTIVE, NOW, "Omar", "the payment page is down")
    begun = follow(world.incidents, [active])
    assert begun
    assert follow(world.incidents, []) == begun
    draining = ModeState(Mode.DRAINING, NOW + MINUTE, "Omar", "the shop is back")
    goes_on = follow(world.incidents, [draining])
    assert goes_on
    assert (goes_on.id, goes_on.followed) == (begun.id, draining.since)
