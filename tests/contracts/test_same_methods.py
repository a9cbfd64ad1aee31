"""Each fake has the methods and parameters of the real adapter, and additional ones only for tests."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from fallback.ledger.checkout.drafts import Drafts
from fallback.ledger.checkout.invitations import RedisInvitationMails
from fallback.ledger.checkout.pushed_carts import RedisPushedCarts
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.incident.exposures import RedisExposures
from fallback.ledger.incident.halts import RedisHalts
from fallback.ledger.incident.incidents import RedisIncidents
from fallback.ledger.oncall.drills import RedisDrills
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.oncall.metrics_store import MetricsStore
from fallback.ledger.oncall.minutes import RedisMinutes
from fallback.ledger.oncall.outbox import RedisOutbox
from fallback.ledger.oncall.overview import RedisOverview
from fallback.ledger.order.announcements import RedisAnnouncements
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.search import Search
from fallback.ledger.order.views import Views
from fallback.ledger.order.worklists import Worklists
from fallback.ledger.outage.backlog import RedisBacklog
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.outage.observations import RedisObservations
from fallback.ledger.outage.pace import RedisPace
from fallback.ledger.outage.public_status import RedisPublicStatuses
from fallback.ledger.redis.bells import Bells
from fallback.ledger.redis.readiness import Readiness
from fallback.ledger.support.claims import RedisClaims
from fallback.ledger.support.mail_limits import RedisMailLimits
from fallback.ledger.support.people import People
from fallback.ledger.support.remarks import Remarks
from fallback.ledger.support.renewals import RedisRenewals
from fallback.ledger.support.report_source import ReportSource
from fallback.ledger.support.roster import RedisDutyRoster
from fallback.ledger.support.saved_replies import RedisSavedReplies
from fallback.ledger.support.subscriptions import RedisSubscriptions
from fallback.notices.alert_channels import AppriseChannel, WebhookChannel
from fallback.notices.mailer import SmtpMailer
from fallback.payments.stripe_gateway import StripeGateway
from fallback.primaries.front_door import HttpFrontDoor
from fallback.primaries.http.primary import HttpPrimary
from fallback.primaries.prober import HttpProber

FAKES = Path(__file__).parents[1] / "fakes"
REAL: dict[str, tuple[type, ...]] = {
    "FakeAnnouncements": (RedisAnnouncements,),
    "FakeBacklog": (RedisBacklog,),
    "FakeBells": (Bells,),
    "FakeBooks": (RedisBooks,),
    "FakeClaims": (RedisClaims,),
    "FakeDrafts": (Drafts,),
    "FakeDrills": (RedisDrills,),
    "FakeDutyRoster": (RedisDutyRoster,),
    "FakeExposures": (RedisExposures,),
    "FakeFrontDoor": (HttpFrontDoor,),
    "FakeGateway": (StripeGateway,),
    "FakeHalts": (RedisHalts,),
    "FakeIncidents": (RedisIncidents,),
    "FakeInvitationMails": (RedisInvitationMails,),
    "FakeLedger": (RedisLedger,),
    "FakeMailLimits": (RedisMailLimits,),
    "FakeProber": (HttpProber,),
    "FakePublicStatuses": (RedisPublicStatuses,),
    "FakeSubscriptions": (RedisSubscriptions,),
    "FakePushedCarts": (RedisPushedCarts,),
    "FakeMailer": (SmtpMailer,),
    "FakeMinutes": (RedisMinutes,),
    "FakeModes": (RedisModes,),
    "FakeOutbox": (RedisOutbox,),
    "FakeOverview": (RedisOverview,),
    "FakePace": (RedisPace,),
    "FakePeople": (People,),
    "FakePrimary": (HttpPrimary,),
    "FakeReadiness": (Readiness,),
    "FakeRemarks": (Remarks,),
    "FakeRenewals": (RedisRenewals,),
    "FakeReportSource": (ReportSource,),
    "FakeSavedReplies": (RedisSavedReplies,),
    "FakeSearch": (Search,),
    "FakeObservations": (RedisObservations,),
    "FakeHeartbeats": (Heartbeats,),
    "FakeMetricsStore": (MetricsStore,),
    "FakeChannel": (WebhookChannel, AppriseChannel),
    "FakeViews": (Views,),
    "FakeWorklists": (Worklists,),
}


def fakes() -> dict[str, type]:
    modules = [import_module(f"tests.fakes.{path.stem}") for path in FAKES.glob("[a-z]*.py")]
    return {
        name: each
        for module in modules
        for name, each in vars(module).items()
        if inspect.isclass(each) and each.__module__ == module.__name__ and name.startswith("Fake")
    }


def test_each_fake_stands_for_something_real() -> None:
    assert fakes().keys() == REAL.keys()


@pytest.mark.parametrize(("name", "real"), [(name, each) for name, all_ in REAL.items() for each in all_])
def test_fakes_and_adapters_have_methods_with_the_same_parameters(name: str, real: type) -> None:
    fake = fakes()[name]
    both = methods(fake).keys() & methods(real).keys()
    assert both
    assert {each: methods(fake)[each] for each in both} == {each: methods(real)[each] for each in both}


def methods(kind: type) -> dict[str, list[tuple[str, object, bool]]]:
    """The parameters of each public method: their names, kinds and whether they may be left out."""
    return {
        name: [
            (each.name, each.kind, each.default is not each.empty)
            for each in inspect.signature(method).parameters.values()
        ]
        for name, method in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
    }
