"""Repeated probes on fakes: what is stored, and who switches."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.outage.failover import Failover, Probe, Why
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.usecases.outage.probe_primary import probe_primary
from tests.builders import NOW, an_order
from tests.fakes.ledger import FakeLedger
from tests.fakes.observations import FakeObservations, FakeProber
from tests.fakes.views import FakeModes
from tests.web.world import a_config

DOWN = Probe(NOW, page=False, elsewhere=True)


class World:
    def __init__(self, **config: Any) -> None:
        self.now = NOW
        self.container = Container(a_config(**{"fallback_failover": Failover.AUTOMATIC} | config))
        self.container.clock = lambda: self.now
        self.prober = self.container.prober = FakeProber()
        self.modes = self.container.modes = FakeModes()
        self.observations = self.container.observations = FakeObservations()
        self.ledger = self.container.ledger = FakeLedger()

    def looks(self, times: int, finding: Probe | None = None) -> None:
        for _ in range(times):
            self.now += timedelta(seconds=2)
            look = finding or Probe(self.now, page=True, health=True)
            self.prober.finds = Probe(self.now, look.page, look.health, look.elsewhere)
            probe_primary(self.container)


@pytest.fixture
def world() -> World:
    return World()


def test_a_dead_shop_is_left_by_the_machine_which_says_why(world: World) -> None:
    world.looks(4, DOWN)
    state = world.modes.read()
    assert (state.mode, state.by, state.who) == (Mode.ACTIVE, Decider.MACHINE, "fallback")
    assert state.reason == "Health checks that failed in a row: 4."


def test_a_probe_stores_its_observation_and_its_advice(world: World) -> None:
    world.observations.count("failed", "basket-1", NOW)
    world.observations.note_provider(False)
    world.ledger.keep(an_order())
    world.looks(1, DOWN)
    observation = world.observations.read()
    assert observation
    assert (observation.at, observation.advice.mode) == (world.now, Mode.STANDBY)
    evidence = observation.evidence
    assert (evidence.customers.heads, evidence.provider, evidence.held) == (1, False, 1)


def test_where_it_only_advises_nothing_is_switched() -> None:
    world = World(fallback_failover=Failover.ADVISE)
    world.looks(9, DOWN)
    observation = world.observations.read()
    assert world.modes.read().mode is Mode.STANDBY
    assert observation
    assert (observation.advice.mode, observation.advice.why) == (Mode.ACTIVE, Why.LOOKS)


def test_a_person_who_decides_in_the_same_moment_wins(world: World) -> None:
    world.looks(3, DOWN)
    theirs = ModeState(Mode.DRAINING, world.now, "Ana", "it is only the front page")
    log = world.modes.log

    def meanwhile() -> list[ModeState]:
        before = log()
        world.modes.switch(theirs)
        return before

    world.modes.log = meanwhile
    world.looks(1, DOWN)
    assert world.modes.read() == theirs


def test_the_monitor_continues_after_a_restart_with_its_earlier_observations(world: World) -> None:
    world.looks(2, DOWN)
    again = World()
    again.now, again.container.observations = world.now, world.observations
    again.looks(2, DOWN)
    assert again.modes.read().mode is Mode.ACTIVE
