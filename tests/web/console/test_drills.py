"""The last drills on the on-call page."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.oncall.drill import Drill, DrillOutcome, DrillStep, Reached
from fallback.domain.support.accounts import Role
from tests.builders import an_order
from tests.fakes.drills import FakeDrills
from tests.web.html import Page
from tests.web.world import NOW

Colleague = Callable[[str, Role], FlaskClient]
PASSED = Drill(
    id="drill-1",
    began=NOW,
    who="clock",
    ref="FB-7K3M-92QX-5",
    outcome=DrillOutcome.PASSED,
    steps=(Reached(DrillStep.ACCEPTED, NOW), Reached(DrillStep.REFUNDED, NOW + timedelta(seconds=4.8))),
)


@pytest.fixture
def ada(colleague: Colleague) -> FlaskClient:
    return colleague("Ada", Role.ONCALL)


def shown(ada: FlaskClient, container: Container, *drills: Drill, language: str = "en") -> str:
    container.drills = FakeDrills(list(drills))
    return Page(ada.get("/console/oncall", headers={"Accept-Language": language})).text


def test_at_first_it_says_that_nobody_has_drilled(ada: FlaskClient, container: Container) -> None:
    assert "No drills yet." in shown(ada, container)


def test_the_drill_page_shows_when_a_drill_passed_and_how_long_it_took(ada: FlaskClient, container: Container) -> None:
    text = shown(ada, container, PASSED)
    assert "passed" in text
    assert "clock FB-7K3M-92QX-5 refunded after 5 s" in text


def test_the_drill_page_shows_the_failed_step_the_skipped_ones_and_pending_cleanup(
    ada: FlaskClient, container: Container
) -> None:
    failed = Drill(
        id="drill-2",
        began=NOW,
        who="Omar",
        paid=False,
        outcome=DrillOutcome.FAILED,
        why="Not cancelled within 120 s.",
        left=True,
        steps=(Reached(DrillStep.ACCEPTED, NOW),),
    )
    text = shown(ada, container, failed, PASSED)
    assert "accepted after 0 s Not cancelled within 120 s." in text
    assert "Not exercised without a Stripe test key: authorized, placed in the shop, read back" in text
    assert "Cleanup is still pending." in text


def test_the_drill_page_is_in_german(ada: FlaskClient, container: Container) -> None:
    assert "erstattet nach 5 s" in shown(ada, container, PASSED, language="de")


def test_on_the_page_of_its_order_an_agent_reads_that_nobody_waits_for_it(
    ada: FlaskClient, container: Container
) -> None:
    drill, order = (container.ledger.keep(an_order(drill=marked)) for marked in (True, False))
    note = "This is a drill: it has no customer"
    assert note in Page(ada.get(f"/console/orders/{drill.ref}")).text
    assert note not in Page(ada.get(f"/console/orders/{order.ref}")).text
