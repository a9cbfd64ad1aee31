"""The way back to one's orders is sent at times, and to one address only."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.order import Change, Event, Notice, NoticeKind, Order
from fallback.domain.support.renewals import A_DAY, MOST_A_DAY, PAUSE, RenewalRequest, orders_for, renew
from tests.builders import NOW, an_order


def sent(*ago: timedelta) -> Order:
    notices = (Notice(id=f"{number}", kind=NoticeKind.LINKS, due_at=NOW - each) for number, each in enumerate(ago))
    return an_order(notices=tuple(notices))


def test_links_are_mailed_together_with_those_of_the_customers_other_orders() -> None:
    order = an_order()
    mail = Notice(id="1", kind=NoticeKind.LINKS, due_at=NOW, refs=("FB-2",))
    told = Event(NOW, "links_renewed", "worker")
    assert renew(order, ("FB-2",), NOW) == Change(replace(order, notices=(mail,)), (told,))


def test_nobody_fills_anothers_mailbox() -> None:
    second = timedelta(seconds=1)
    assert renew(sent(PAUSE), (), NOW)
    assert renew(sent(PAUSE - second), (), NOW) is None
    often = [A_DAY - second] * MOST_A_DAY
    assert renew(sent(*often), (), NOW) is None
    assert renew(sent(A_DAY, *often[1:]), (), NOW)
    others = replace(
        sent(*often), notices=tuple(replace(each, kind=NoticeKind.PLACED) for each in sent(*often).notices)
    )
    assert renew(others, (), NOW)


def test_a_request_that_names_an_order_gets_its_link_and_others_get_the_newest_five() -> None:
    refs = [f"FB-{number}" for number in range(7)]
    assert orders_for(RenewalRequest("iris@example.org", "FB-6"), refs) == ("FB-6",)
    assert orders_for(RenewalRequest("iris@example.org"), refs) == tuple(refs[:5])
    assert orders_for(RenewalRequest("iris@example.org", "FB-OTHER"), refs) == tuple(refs[:5])
