"""Mails with links to saved forms, in a real Redis and in the fake: due until finished, each claimed once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from fallback.domain.checkout.invitations import LEASE, InvitationMails, Invited
from fallback.domain.order.order import NoticeState
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.fakes.invitations import FakeInvitationMails
from tests.ledger.world import a_container
from tests.redis_server import RedisServer


@pytest.fixture(params=["redis", "fake"])
def mails(request: pytest.FixtureRequest, redis_server: RedisServer) -> InvitationMails:
    return FakeInvitationMails() if request.param == "fake" else a_container(redis_server.url).invitation_mails


def test_a_due_invitation_is_claimed_once_until_its_lease_is_over(mails: InvitationMails) -> None:
    mails.keep("basket-1", Invited("Mara", NOW, NOW))
    assert mails.count_due(NOW) == 1
    assert mails.take(NOW, 10) == ["basket-1"]
    assert mails.take(NOW, 10) == []
    assert mails.take(NOW + LEASE, 10) == ["basket-1"]


@pytest.mark.parametrize("state", [NoticeState.SENT, NoticeState.UNKNOWN, NoticeState.FAILED, NoticeState.DROPPED])
def test_a_finished_invitation_is_shown_and_never_due(mails: InvitationMails, state: NoticeState) -> None:
    mails.keep("basket-1", Invited("Mara", NOW, NOW))
    over = Invited("Mara", NOW, NOW, state)
    mails.keep("basket-1", over)
    assert mails.of_cart("basket-1") == over
    assert mails.count_due(NOW + timedelta(days=9)) == 0


def test_a_cart_without_an_invitation_has_none(mails: InvitationMails) -> None:
    assert mails.of_cart("basket-9") is None


def test_two_shifts_never_claim_the_same_mail(redis_server: RedisServer) -> None:
    mails = a_container(redis_server.url).invitation_mails
    for number in range(40):
        mails.keep(f"basket-{number}", Invited("Mara", NOW, NOW))
    with ThreadPoolExecutor(4) as pool:
        taken = [cart for carts in pool.map(lambda _: mails.take(NOW, 10), range(8)) for cart in carts]
    assert sorted(taken) == sorted(set(taken))
    assert len(taken) == 40


def test_an_invitation_expires_after_a_day(redis_server: RedisServer) -> None:
    a_container(redis_server.url).invitation_mails.keep("basket-1", Invited("Mara", NOW, NOW))
    assert 86_000 < redis_server.client.ttl(keys.invited("basket-1")) <= 86_400
