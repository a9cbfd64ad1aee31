"""/console/inbox: Stripe's events about unknown orders."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.news import PaymentNews
from fallback.domain.support.accounts import Role
from tests.web.filling import press
from tests.web.html import Page
from tests.web.world import NOW

As = Callable[[str, Role], FlaskClient]


def keep(container: Container, id: str, days: int) -> None:
    event = Unclaimed(id, PaymentNews.CAPTURED, f"FB-7K3M-92QX-{days}", f"pi_{days}", NOW - timedelta(days=days))
    container.ledger.keep_unclaimed(id, pack(event))


def test_the_inbox_shows_each_event_with_its_order_its_age_and_its_expiry(container: Container, colleague: As) -> None:
    for id, days in (("evt_1", 3), ("evt_2", 9)):
        keep(container, id, days)
    page = Page(colleague("Omar", Role.ONCALL).get("/console/inbox"))
    assert page.status == 200
    for part in ("FB-7K3M-92QX-3", "pi_3", "Stripe: payment captured", "Age in days: 3", "18 Dec 2026"):
        assert part in page.text
    assert page.text.index("FB-7K3M-92QX-9") < page.text.index("FB-7K3M-92QX-3")


def test_a_resolved_event_leaves_the_inbox(container: Container, colleague: As) -> None:
    keep(container, "evt_1", 3)
    omar = colleague("Omar", Role.ONCALL)
    shown = Page(omar.get("/console/inbox"))
    for _ in range(2):
        page = press(omar, shown, "/evt_1/removal")
        assert "No unmatched events." in page.text
    assert container.ledger.unclaimed() == {}


def test_agents_may_not_open_the_inbox(colleague: As) -> None:
    assert colleague("Mara", Role.AGENT).get("/console/inbox").status_code == 403
