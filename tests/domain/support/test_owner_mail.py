"""Whether the owner of an order can be written to: who looks at its page sees if not."""

from __future__ import annotations

import pytest

from fallback.domain.order.order import Notice, NoticeKind, NoticeState
from fallback.domain.support.owner_mail import is_unreached
from tests.builders import NOW, an_order

SENT, FAILED = NoticeState.SENT, NoticeState.FAILED


def mailed(owner: str, state: NoticeState, kind: NoticeKind = NoticeKind.OWNER) -> Notice:
    return Notice(id="1", kind=kind, due_at=NOW, owner=owner, state=state)


@pytest.mark.parametrize(
    ("mails", "unreached"),
    [
        ([], False),
        ([mailed("Ann", FAILED)], True),
        ([mailed("Ann", SENT), mailed("Ann", SENT), mailed("Ann", FAILED)], True),
        ([mailed("Ann", FAILED), mailed("Ann", FAILED), mailed("Ann", SENT)], False),
        ([mailed("Ann", FAILED), mailed("Bo", SENT)], True),
        ([mailed("Ann", SENT), mailed("Bo", FAILED)], False),
        ([mailed("Ann", SENT), mailed("", FAILED, NoticeKind.PLACED)], False),  # one to the customer
    ],
)
def test_an_owner_is_unreached_while_the_last_mail_to_them_failed(mails: list[Notice], unreached: bool) -> None:
    assert is_unreached(an_order(notices=tuple(mails)), "Ann") is unreached
