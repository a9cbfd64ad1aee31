"""A text message is recorded before and after it leaves, leaves once, and waits for the morning."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from fallback.domain.order.links import Links
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.text_messages import MOST_TRIES, READ_WITHIN, quiet_hours
from fallback.notices.mailer import SmtpMailer
from fallback.notices.text_gateway import HttpTextGateway
from fallback.usecases.order.choose_texts import choose_texts
from fallback.usecases.order.send_notice import send_notice
from tests.builders import CUSTOMER, NOW, an_order, deps
from tests.fakes.ledger import FakeLedger
from tests.notices.mail_server import MailServer, mail_server
from tests.notices.receiver import Receiver, listening

LINKS = Links(["a-secret-of-the-tests-of-messages-012345"], "https://pay.example")
AGREED = replace(CUSTOMER, phone="07400 123456", sms=True)


class Crash(BaseException):
    """The process dies here."""


class World:
    """An order that was cancelled, a mail server, and a gateway."""

    def __init__(self, gateway: Receiver, mails: MailServer) -> None:
        self.ledger, self.gateway, self.now, self.quiet = FakeLedger(), gateway, NOW, ""
        self.mailer = SmtpMailer(mails.url, "Orders <orders@pay.example>", LINKS)
        order = an_order(customer=AGREED)
        self.ref = self.ledger.keep(queue_notice(order, NoticeKind.CANCELLED, NOW)).ref

    def a_worker_comes(self, after: timedelta = timedelta(), url: str | None = None) -> None:
        self.now += after
        url = f"http://127.0.0.1:{self.gateway.port}/sms" if url is None else url
        gateway = HttpTextGateway(url, "", LINKS)
        send_notice(
            deps(**self._others(), text_gateway=gateway, quiet_hours=quiet_hours(self.quiet)),
            self.ledger.load(self.ref),
        )

    def _others(self) -> dict[str, object]:
        return {
            "ledger": self.ledger,
            "mailer": self.mailer,
            "clock": lambda: self.now,
            "random": Random(1),
            "desk": "checkout desk",
            "zone": ZoneInfo("Europe/London"),
        }

    @property
    def order(self) -> Order:
        return self.ledger.load(self.ref)

    @property
    def state(self) -> NoticeState:
        return self.order.notices[1].state

    @property
    def said(self) -> list[str]:
        return [event.what for event in self.ledger.timeline(self.ref)]


@pytest.fixture
def mails() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


@pytest.fixture
def world(mails: MailServer) -> Iterator[World]:
    with listening() as gateway:
        there = World(gateway, mails)
        there.a_worker_comes()  # the mail
        yield there


def test_a_message_follows_the_mail_once(world: World, mails: MailServer) -> None:
    world.a_worker_comes(READ_WITHIN - timedelta(seconds=1))
    assert (len(mails.mails), world.gateway.got) == (1, [])
    for _ in range(2):
        world.a_worker_comes(timedelta(seconds=1))
    assert len(mails.mails) == len(world.gateway.got) == 1
    assert json.loads(world.gateway.got[0].body)["to"] == "+447400123456"
    assert (world.state, world.said) == (NoticeState.SENT, ["notice_sent", "sms_sent"])


def test_in_quiet_hours_it_waits_for_the_morning(world: World) -> None:
    world.quiet = "09:00-12:30"
    world.a_worker_comes(READ_WITHIN)
    assert (world.gateway.got, world.order.notices[1].due_at) == ([], NOW + timedelta(hours=2, minutes=30))
    world.a_worker_comes(timedelta(hours=3))
    assert world.state is NoticeState.SENT


def test_who_withdraws_gets_none(world: World) -> None:
    choose_texts(deps(ledger=world.ledger, clock=lambda: world.now), world.ref, wanted=False)
    world.a_worker_comes(READ_WITHIN)
    assert (world.state, world.gateway.got) == (NoticeState.DROPPED, [])
    assert world.said == ["notice_sent", "sms_withdrawn", "sms_dropped"]


def test_a_gateway_that_is_busy_is_asked_again_when_it_says(world: World) -> None:
    world.gateway.status, world.gateway.headers = 429, {"Retry-After": "600"}
    world.a_worker_comes(READ_WITHIN)
    text = world.order.notices[1]
    assert (text.state, text.tries, text.due_at) == (NoticeState.QUEUED, 1, world.now + timedelta(minutes=10))
    world.gateway.status = 202
    world.a_worker_comes(timedelta(minutes=10))
    assert world.said == ["notice_sent", "sms_sent"]


def test_one_that_is_never_there_is_given_up(world: World) -> None:
    world.gateway.status = 503
    for _ in range(MOST_TRIES + 2):
        world.a_worker_comes(timedelta(minutes=15))
    assert (len(world.gateway.got), world.state) == (MOST_TRIES, NoticeState.DROPPED)


@pytest.mark.parametrize(("status", "state"), [(422, NoticeState.FAILED), (500, NoticeState.UNKNOWN)])
def test_a_refusal_and_an_unknown_outcome_are_said_and_nothing_is_sent_twice(
    world: World, status: int, state: NoticeState
) -> None:
    world.gateway.status = status
    for _ in range(2):
        world.a_worker_comes(READ_WITHIN)
    assert (world.state, len(world.gateway.got)) == (state, 1)
    assert world.said == ["notice_sent", f"sms_{state}"]
    assert world.order.holds == ()


@pytest.mark.parametrize(
    ("point", "sent", "state"),
    [
        ("before it is recorded", 1, NoticeState.SENT),
        ("recorded", 0, NoticeState.UNKNOWN),
        ("sent", 1, NoticeState.UNKNOWN),
    ],
)
def test_a_worker_dies_and_it_is_sent_at_most_once(
    world: World, monkeypatch: pytest.MonkeyPatch, point: str, sent: int, state: NoticeState
) -> None:
    deliver = HttpTextGateway.deliver

    def dies(gateway: HttpTextGateway, order: Order, notice: Notice, before: Callable[[], None]) -> None:
        def begins() -> None:
            if point != "before it is recorded":
                before()
            if point != "sent":
                raise Crash

        deliver(gateway, order, notice, begins)
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(HttpTextGateway, "deliver", dies)
        with pytest.raises(Crash):
            world.a_worker_comes(READ_WITHIN)
    for _ in range(2):
        world.a_worker_comes(PATIENCE)
    assert (world.state, len(world.gateway.got)) == (state, sent)


def test_a_gateway_that_was_switched_off_is_no_fault_of_the_order(world: World) -> None:
    world.a_worker_comes(READ_WITHIN, url="")
    assert (world.state, world.order.holds) == (NoticeState.FAILED, ())
