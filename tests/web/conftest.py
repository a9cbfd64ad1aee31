"""The application on fakes, at one fixed time, and a browser that has the shop's cart in its cookie."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import Account, Role
from fallback.web.app import create_app
from tests.fakes.announcements import FakeAnnouncements
from tests.fakes.backlog import FakeBacklog
from tests.fakes.bells import FakeBells
from tests.fakes.books import FakeBooks, FakeHalts
from tests.fakes.claims import FakeClaims
from tests.fakes.drafts import FakeDrafts
from tests.fakes.drills import FakeDrills
from tests.fakes.duty import FakeDutyRoster
from tests.fakes.exposures import FakeExposures
from tests.fakes.heartbeats import FakeHeartbeats
from tests.fakes.incidents import FakeIncidents
from tests.fakes.invitations import FakeInvitationMails
from tests.fakes.ledger import FakeLedger
from tests.fakes.mail_limits import FakeMailLimits
from tests.fakes.metrics_store import FakeMetricsStore
from tests.fakes.minutes import FakeMinutes
from tests.fakes.observations import FakeObservations
from tests.fakes.outbox import FakeOutbox
from tests.fakes.overview import FakeOverview
from tests.fakes.pace import FakePace, a_rule
from tests.fakes.people import FakePeople
from tests.fakes.public_status import FakePublicStatuses
from tests.fakes.pushed_carts import FakePushedCarts
from tests.fakes.readiness import FakeReadiness
from tests.fakes.renewals import FakeRenewals
from tests.fakes.report import FakeRemarks, FakeReportSource
from tests.fakes.saved_replies import FakeSavedReplies
from tests.fakes.subscriptions import FakeSubscriptions
from tests.fakes.views import FakeModes, FakeSearch, FakeViews
from tests.fakes.worklists import FakeWorklists
from tests.web.customer.order_page import Customer, WithLink
from tests.web.filling import sign_in
from tests.web.world import NOW, a_config, signed


def a_container(now: datetime = NOW) -> Container:
    """A container on fakes. Its clock stands still."""
    container = Container(a_config())
    container.clock = lambda: now
    container.ledger = FakeLedger(lambda: container.clock())
    container.wall = lambda: now
    container.clocks_agree = lambda: True
    container.people = FakePeople()
    container.views = FakeViews(container.ledger)
    container.search = FakeSearch(container.ledger)
    container.claims = FakeClaims()
    container.duty = FakeDutyRoster(accounts=container.people.all)
    container.worklists = FakeWorklists(container.ledger)
    container.mail_limits = FakeMailLimits()
    container.drafts = FakeDrafts()
    container.invitation_mails = FakeInvitationMails()
    container.pushed_carts = FakePushedCarts()
    container.remarks = FakeRemarks()
    container.saved_replies = FakeSavedReplies()
    container.report_source = FakeReportSource(container.ledger)
    container.modes = FakeModes()
    container.observations = FakeObservations()
    container.public_statuses = FakePublicStatuses()
    container.subscriptions = FakeSubscriptions()
    container.incidents = FakeIncidents(container.ledger)
    container.books = FakeBooks(container.ledger)
    container.halts = FakeHalts()
    container.exposures = FakeExposures(container.ledger, container.modes)
    container.drills = FakeDrills()
    container.pace = FakePace(a_rule(20, ramp=False))
    container.backlog = FakeBacklog(container.ledger)
    container.readiness = FakeReadiness()
    container.bells = FakeBells()
    container.renewals = FakeRenewals()
    container.heartbeats = FakeHeartbeats()
    container.minutes = FakeMinutes(container.ledger)
    container.outbox = FakeOutbox()
    container.announcements = FakeAnnouncements()
    container.overview = FakeOverview(container)
    container.metrics_store = FakeMetricsStore(container.ledger)
    return container


@pytest.fixture
def container() -> Container:
    return a_container()


@pytest.fixture
def ledger(container: Container) -> FakeLedger:
    return container.ledger


@pytest.fixture(scope="session")
def _app() -> Flask:
    app = create_app(a_container())
    app.testing = True
    return app


@pytest.fixture
def app(_app: Flask, container: Container) -> Flask:
    """With a container of the test's own. To compile all routes takes longer than most tests, so that is done once."""
    _app.extensions = {"container": container}
    return _app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A machine: it asks for no kind of answer."""
    return app.test_client()


def a_browser(app: Flask) -> FlaskClient:
    browser = app.test_client()
    browser.environ_base |= {
        "HTTP_ACCEPT": "text/html",
        "HTTP_ACCEPT_LANGUAGE": "en-GB, en;q=0.8",
        "HTTP_SEC_FETCH_SITE": "same-origin",
    }
    return browser


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    """A customer's browser, in which the shop has left its cart."""
    browser = a_browser(app)
    browser.set_cookie("fallback_cart", signed(), path="/")
    return browser


@pytest.fixture
def colleague(app: Flask, container: Container) -> Callable[[str, Role], FlaskClient]:
    """The browser of somebody who works here and has signed in: `colleague("Mara", Role.LEAD)`."""

    def signed_in(name: str, role: Role) -> FlaskClient:
        container.people.add(Account(name, role))
        browser = a_browser(app)
        with browser.session_transaction("/console") as session:
            session["visit"] = [name, container.people.begin_session(name, container.clock())]
        return browser

    return signed_in


@pytest.fixture
def agent(browser: FlaskClient) -> FlaskClient:
    """The browser of somebody who has signed in."""
    sign_in(browser)
    return browser


@pytest.fixture
def with_link(browser: FlaskClient, container: Container) -> WithLink:
    return lambda order: Customer(browser, container, order)
