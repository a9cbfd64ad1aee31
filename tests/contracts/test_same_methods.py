"""Each fake has the methods of the real one by the same names and parameters, and more only for tests to pull at."""

from __future__ import annotations

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from fallback.ledger.backlog import RedisBacklog
from fallback.ledger.books import RedisBooks
from fallback.ledger.claims import RedisClaims
from fallback.ledger.drafts import Drafts
from fallback.ledger.drills import RedisDrills
from fallback.ledger.duty import Duties
from fallback.ledger.halts import RedisHalts
from fallback.ledger.incidents import RedisIncidents
from fallback.ledger.invitations import RedisInvitationMails
from fallback.ledger.minutes import RedisMinutes
from fallback.ledger.modes import Modes
from fallback.ledger.outbox import RedisOutbox
from fallback.ledger.outlook import RedisOutlook
from fallback.ledger.pace import RedisPace
from fallback.ledger.people import People
from fallback.ledger.readiness import Readiness
from fallback.ledger.redis_ledger import RedisLedger
from fallback.ledger.remarks import Remarks
from fallback.ledger.renewals import RedisRenewals
from fallback.ledger.report_source import ReportSource
from fallback.ledger.search import Search
from fallback.ledger.sightings import RedisSightings
from fallback.ledger.signs import Signs
from fallback.ledger.tallies import Tallies
from fallback.ledger.views import Views
from fallback.ledger.worklists import Worklists
from fallback.notices.mailer import SmtpMailer
from fallback.notices.tellers import AppriseTeller, WebhookTeller
from fallback.payments.stripe_gateway import StripeGateway
from fallback.primaries.front_door import HttpFrontDoor
from fallback.primaries.http import HttpPrimary
from fallback.primaries.lookout import HttpLookout
from workers.bells import Bells

FAKES = Path(__file__).parents[1] / "fakes"
REAL: dict[str, tuple[type, ...]] = {
    "FakeBacklog": (RedisBacklog,),
    "FakeBells": (Bells,),
    "FakeBooks": (RedisBooks,),
    "FakeClaims": (RedisClaims,),
    "FakeDrafts": (Drafts,),
    "FakeDrills": (RedisDrills,),
    "FakeDuty": (Duties,),
    "FakeFrontDoor": (HttpFrontDoor,),
    "FakeGateway": (StripeGateway,),
    "FakeHalts": (RedisHalts,),
    "FakeIncidents": (RedisIncidents,),
    "FakeInvitationMails": (RedisInvitationMails,),
    "FakeLedger": (RedisLedger,),
    "FakeLookout": (HttpLookout,),
    "FakeMailer": (SmtpMailer,),
    "FakeMinutes": (RedisMinutes,),
    "FakeModes": (Modes,),
    "FakeOutbox": (RedisOutbox,),
    "FakeOutlook": (RedisOutlook,),
    "FakePace": (RedisPace,),
    "FakePeople": (People,),
    "FakePrimary": (HttpPrimary,),
    "FakeReadiness": (Readiness,),
    "FakeRemarks": (Remarks,),
    "FakeRenewals": (RedisRenewals,),
    "FakeReportSource": (ReportSource,),
    "FakeSearch": (Search,),
    "FakeSightings": (RedisSightings,),
    "FakeSigns": (Signs,),
    "FakeTallies": (Tallies,),
    "FakeTeller": (WebhookTeller, AppriseTeller),
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
def test_what_both_do_is_asked_for_alike(name: str, real: type) -> None:
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
