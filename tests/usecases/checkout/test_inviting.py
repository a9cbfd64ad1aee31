"""The mail with a link to a saved form is sent once, whatever fails."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.drafts import Draft, Invitations
from fallback.domain.checkout.invitations import LEASE, Invited
from fallback.domain.errors import NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import NoticeState
from fallback.domain.order.patience import PATIENCE
from fallback.usecases.checkout.invite_customer import invite_customer
from fallback.usecases.checkout.send_invitations import send_invitations
from tests.builders import NOW, deps
from tests.fakes.drafts import FakeDrafts
from tests.fakes.invitations import FakeInvitationMails
from tests.fakes.mailer import FakeMailer

DRAFT = Draft(cart_id="basket-1", cart_token="signed", locale="en", since=NOW, seen_at=NOW, email="iris@example.org")
LINKS = Invitations(["a-secret-that-is-long-enough-012345"], "https://checkout.example")


class Desk:
    """An agent who has found a draft, and the shift that sends what the customer asks for."""

    def __init__(self, draft: Draft = DRAFT) -> None:
        self.now = NOW
        self.drafts = FakeDrafts()
        self.drafts.save(draft)
        self.mails = FakeInvitationMails()
        self.mailer = FakeMailer()

    def invite(self) -> None:
        invite_customer(deps(invitation_mails=self.mails, clock=lambda: self.now), self.drafts.kept["basket-1"], "Mara")

    def shift(self, later: timedelta = timedelta()) -> None:
        self.now += later
        send_invitations(
            deps(
                invitation_mails=self.mails,
                drafts=deps(of_cart=self.drafts.of_cart),
                mailer=self.mailer,
                invitations=deps(link=LINKS.link),
                clock=lambda: self.now,
                random=Random(1),
            )
        )

    @property
    def mail(self) -> Invited:
        return self.mails.kept["basket-1"]

    @property
    def state(self) -> NoticeState:
        return self.mail.state


def test_the_link_goes_to_the_address_in_the_form_once() -> None:
    desk = Desk()
    desk.invite()
    for _ in range(3):
        desk.shift(LEASE)
    assert desk.mailer.invited == [("iris@example.org", LINKS.link(DRAFT))]
    assert desk.state is NoticeState.SENT


def test_an_invitation_that_meets_a_bug_stops_nothing_else() -> None:
    desk = Desk()
    desk.invite()
    desk.mailer.fail_next("asked", IndexError("a bug"))
    with capture_logs() as logs:
        desk.shift()
    assert [(line["event"], line["kind"]) for line in logs] == [("entry_failed", "invitation")]
    assert desk.mailer.invited == []
    desk.shift(LEASE)
    assert desk.state is NoticeState.SENT


def test_asking_twice_is_asking_once_until_it_went_out() -> None:
    desk = Desk()
    desk.invite()
    desk.invite()
    desk.shift()
    assert len(desk.mailer.invited) == 1
    desk.invite()
    desk.shift()
    assert len(desk.mailer.invited) == 2


def test_nothing_can_be_sent_without_an_address() -> None:
    with pytest.raises(NotAllowedNow) as refused:
        Desk(Draft(cart_id="basket-1", cart_token="x", locale="en", since=NOW, seen_at=NOW, phone="1")).invite()
    assert (refused.value.state, refused.value.event) == ("no_address", "invite")


def test_a_mail_server_that_is_away_gets_it_later() -> None:
    desk = Desk()
    desk.invite()
    desk.mailer.fail_next("asked", TryAgain("away"))
    desk.shift()
    assert (desk.state, desk.mailer.invited) == (NoticeState.QUEUED, [])
    desk.shift(timedelta(hours=1))
    assert (desk.state, len(desk.mailer.invited)) == (NoticeState.SENT, 1)
    assert desk.mail.at == desk.now


def test_the_longer_it_is_away_the_more_seldom_it_is_tried() -> None:
    desk = Desk()
    desk.invite()
    for tries in range(1, 5):
        desk.mailer.fail_next("asked", TryAgain("away"))
        desk.shift(desk.mail.due_at - desk.now)
        assert desk.mail.tries == tries
        assert timedelta(seconds=1) <= desk.mail.due_at - desk.now <= timedelta(seconds=2 ** (tries - 1))


def test_a_mail_that_is_being_sent_is_not_claimed_again_during_its_lease() -> None:
    desk = Desk()
    desk.invite()
    desk.mailer.fail_next("agreed", Killed())
    with pytest.raises(Killed):
        desk.shift()
    assert (desk.state, desk.mail.due_at) == (NoticeState.HANDING_OVER, NOW + PATIENCE)
    desk.invite()  # it is on its way
    assert desk.state is NoticeState.HANDING_OVER


@pytest.mark.parametrize(
    ("point", "error", "state"),
    [
        ("asked", Refused("550"), NoticeState.FAILED),
        ("agreed", OutcomeUnknown("lost"), NoticeState.UNKNOWN),
        ("taken", OutcomeUnknown("lost"), NoticeState.UNKNOWN),
    ],
)
def test_what_became_of_it_is_known_or_said_to_be_unknown(point: str, error: Exception, state: NoticeState) -> None:
    desk = Desk()
    desk.invite()
    desk.mailer.fail_next(point, error)
    desk.shift()
    desk.shift(LEASE)
    assert desk.state is state
    assert len(desk.mailer.invited) == (point == "taken")


class Killed(BaseException):
    """The worker is dead at once."""


@pytest.mark.parametrize(
    ("point", "state", "sent"),
    [("asked", NoticeState.SENT, 1), ("agreed", NoticeState.UNKNOWN, 0), ("taken", NoticeState.UNKNOWN, 1)],
)
def test_a_worker_that_dies_sends_it_never_twice(point: str, state: NoticeState, sent: int) -> None:
    desk = Desk()
    desk.invite()
    desk.mailer.fail_next(point, Killed())
    with pytest.raises(Killed):
        desk.shift()
    desk.shift(LEASE)
    assert (desk.state, len(desk.mailer.invited)) == (state, sent)


def test_nothing_goes_out_for_a_form_that_is_over() -> None:
    desk = Desk()
    desk.invite()
    desk.drafts.drop("basket-1")
    desk.shift()
    assert (desk.state, desk.mailer.invited) == (NoticeState.DROPPED, [])


def test_what_is_due_for_a_form_that_nobody_knows_of_any_more_is_dropped() -> None:
    desk = Desk()
    desk.mails.due["basket-9"] = NOW
    desk.shift()
    assert desk.mails.kept["basket-9"] == Invited("", NOW, NOW, NoticeState.DROPPED)
    assert desk.mails.due == {}
