"""The two steps of a delivery, with the fake and with a real mail server: ready, then delivered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Protocol

import pytest

from fallback.domain.checkout.drafts import Draft
from fallback.domain.errors import FallbackError, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.links import Links
from fallback.domain.order.order import Notice, NoticeKind
from fallback.domain.support.accounts import Account, Role
from fallback.notices.mailer import SmtpMailer
from tests.builders import CUSTOMER, NOW, a_hold, an_order
from tests.fakes.mailer import FakeMailer
from tests.notices.mail_server import MailServer, mail_server

LINKS = Links(("a-secret-for-the-tests-of-the-mail-0123",), "https://pay.example")
NOTICE = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW)
TO_LEA = Notice(id="1", kind=NoticeKind.OWNER, due_at=NOW, owner="Lea")
LEA = Account("Lea", Role.LEAD, email="lea@shop.example")
ON_HOLD = an_order(owner="Lea", holds=(a_hold(HoldCode.MISMATCH),))
DRAFT = Draft(cart_id="1", cart_token="token", locale="en", since=NOW, seen_at=NOW, email="iris@example.org")


class Post(Protocol):
    """`mailer`, and the server behind it, which does what is asked of it."""

    mailer: FakeMailer | SmtpMailer

    def taken(self) -> int: ...
    def is_busy(self) -> object: ...
    def knows_nobody(self) -> object: ...
    def finds_it_spam(self) -> object: ...
    def loses_its_answer(self) -> object: ...


class InMemory:
    def __init__(self) -> None:
        self.mailer = FakeMailer()

    def taken(self) -> int:
        return len(self.mailer.taken) + len(self.mailer.told) + len(self.mailer.invited)

    def is_busy(self) -> None:
        self.mailer.fail_next("asked", TryAgain("busy"))

    def knows_nobody(self) -> None:
        self.mailer.fail_next("asked", Refused("550"))

    def finds_it_spam(self) -> None:
        self.mailer.fail_next("agreed", Refused("554"))

    def loses_its_answer(self) -> None:
        self.mailer.fail_next("taken", OutcomeUnknown("the line is dead"))


class BySmtp:
    def __init__(self, server: MailServer) -> None:
        self.mailer = SmtpMailer(server.url, "Orders <orders@pay.example>", LINKS)
        self._server = server

    def taken(self) -> int:
        return len(self._server.mails)

    def is_busy(self) -> None:
        self._server.at_recipient = "450 busy"

    def knows_nobody(self) -> None:
        self._server.at_recipient = "550 nobody"

    def finds_it_spam(self) -> None:
        self._server.at_text = "554 spam"

    def loses_its_answer(self) -> None:
        self._server.at_text = None


@pytest.fixture(params=[False, True], ids=["in memory", "by smtp"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    if not request.param:
        yield InMemory()
        return
    with mail_server() as server:
        yield BySmtp(server)


Delivery = Callable[[Callable[[], None]], None]


@pytest.fixture(params=["notice", "to its owner", "invitation"])
def deliver(request: pytest.FixtureRequest, post: Post) -> Delivery:
    if request.param == "notice":
        return lambda begins: post.mailer.deliver(an_order(), CUSTOMER, NOTICE, begins)
    if request.param == "to its owner":
        return lambda begins: post.mailer.tell(LEA, ON_HOLD, TO_LEA, begins)
    return lambda begins: post.mailer.invite(DRAFT, "https://pay.example/x", begins)


def test_the_mailer_reports_handing_over_before_the_server_has_the_text(post: Post, deliver: Delivery) -> None:
    seen: list[int] = []
    deliver(lambda: seen.append(post.taken()))
    assert (seen, post.taken()) == ([0], 1)


def test_when_handing_over_cannot_be_recorded_nothing_is_sent(post: Post, deliver: Delivery) -> None:
    def fails() -> None:
        raise TryAgain("Redis is away")

    with pytest.raises(TryAgain):
        deliver(fails)
    assert post.taken() == 0


@pytest.mark.parametrize(
    ("trouble", "raised", "begun", "taken"),
    [
        ("is_busy", TryAgain, 0, 0),
        ("knows_nobody", Refused, 0, 0),
        ("finds_it_spam", Refused, 1, 0),
        ("loses_its_answer", OutcomeUnknown, 1, 1),
    ],
)
def test_each_error_says_what_is_known(
    post: Post, deliver: Delivery, trouble: str, raised: type[FallbackError], begun: int, taken: int
) -> None:
    begins: list[int] = []
    getattr(post, trouble)()
    with pytest.raises(raised):
        deliver(lambda: begins.append(1))
    assert (len(begins), post.taken()) == (begun, taken)


def test_the_server_is_greeted_by_name(post: Post) -> None:
    assert post.mailer.greet()
