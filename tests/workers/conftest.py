"""Shifts on fakes: one world with a clock that stands still until a test moves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order, Queue
from fallback.domain.outage.mode import Mode, ModeState
from tests.builders import NOW, an_order
from tests.fakes.bells import FakeBells
from tests.fakes.books import FakeBooks, FakeHalts
from tests.fakes.duty import FakeDutyRoster
from tests.fakes.exposures import FakeExposures
from tests.fakes.gateway import FakeGateway
from tests.fakes.incidents import FakeIncidents
from tests.fakes.invitations import FakeInvitationMails
from tests.fakes.ledger import FakeLedger
from tests.fakes.mailer import FakeMailer
from tests.fakes.observations import FakeObservations
from tests.fakes.pace import FakePace, a_rule
from tests.fakes.primary import FakePrimary
from tests.fakes.renewals import FakeRenewals
from tests.fakes.subscriptions import FakeSubscriptions
from tests.fakes.views import FakeModes
from tests.web.world import a_config
from workers import shifts
from workers.stopping import Stop


class World:
    def __init__(self, **config: Any) -> None:
        self.now: datetime = NOW
        self.ledger = FakeLedger(self.clock)
        self.gateway = FakeGateway(self.clock)
        self.primary = FakePrimary(clock=self.clock)
        self.mailer = FakeMailer()
        self.duty = FakeDutyRoster()
        self.renewals = FakeRenewals()
        self.modes = FakeModes()
        self.observations = FakeObservations()
        self.incidents = FakeIncidents(self.ledger)
        self.books = FakeBooks(self.ledger)
        self.halts = FakeHalts()
        self.bells = FakeBells()
        self.pace = FakePace(a_rule(10_000, ramp=False))
        self.stop = Stop()
        self.patches = pytest.MonkeyPatch()
        self.container = Container(a_config(**({"fallback_shift_threads": 4} | config)))
        for name in (
            "clock",
            "ledger",
            "gateway",
            "primary",
            "mailer",
            "duty",
            "renewals",
            "modes",
            "observations",
            "incidents",
            "books",
            "halts",
        ):
            setattr(self.container, name, getattr(self, name))
        self.container.clocks_agree = lambda: True
        self.container.bells, self.container.pace = self.bells, self.pace
        self.container.invitation_mails = FakeInvitationMails()
        self.container.subscriptions = FakeSubscriptions()
        self.container.exposures = FakeExposures(self.ledger, self.modes)

    def clock(self) -> datetime:
        return self.now

    def later(self, by: timedelta) -> None:
        self.now += by

    def switch(self, mode: Mode) -> None:
        self.modes.switch(ModeState(mode, self.now, "Jo", "a test"))

    def shift(self, queue: Queue) -> None:
        shifts.work(self.container, queue, self.stop)

    def instead_of(self, step: str, does: Callable[..., None]) -> None:
        """Put something else in the place of a use case."""
        self.patches.setattr(shifts, step, lambda _, order, **named: does(order.ref, **named))

    def orders(self, count: int, **changes: Any) -> list[Order]:
        return [self.ledger.keep(an_order(**changes)) for _ in range(count)]

    def now_of(self, order: Order) -> Order:
        return self.ledger.load(order.ref)

    def due(self, queue: Queue) -> int:
        return self.ledger.count_due(queue)


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    yield world
    world.patches.undo()
