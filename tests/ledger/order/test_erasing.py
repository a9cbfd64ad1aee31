"""Personal data is erased on request and after a period; the order stays for accounting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
import redis
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft
from fallback.domain.order.erasing import StillOpen
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, PaymentState, PlacementState
from fallback.ledger.redis import keys
from fallback.ledger.support.remarks import Remark
from fallback.usecases.order.erase_customer import erase_customer
from fallback.usecases.order.erase_overdue import erase_overdue
from tests.builders import NOW, a_hold, a_payment, an_order
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

DAY = timedelta(days=1)


@pytest.fixture
def container(redis_server: RedisServer) -> Container:
    """Which keeps personal data for thirty days."""
    built = a_container(redis_server.url, fallback_keep_personal_days=30)
    at(built, NOW)
    return built


def at(container: Container, now: datetime) -> None:
    container.clock = lambda: now


def settled(container: Container, **changes: Any) -> Order:
    """Paid, in the shop, and the customer knows of it."""
    told = Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW, state=NoticeState.SENT)
    order = accepted(container.ledger, a_new_order())
    ended = an_order(ref=order.ref, placement=PlacementState.VERIFIED, customer=IRIS, notices=(told,))
    ended = replace(ended, payment=a_payment(PaymentState.CAPTURED), version=order.version)
    return container.ledger.commit(order, replace(ended, **changes), [])


def test_a_customer_who_asks_is_erased_from_all_their_orders(container: Container) -> None:
    first, second = settled(container), settled(container)
    erased = erase_customer(container, IRIS.email.upper(), "Ida")
    assert set(erased.orders) == {first.ref, second.ref}
    for order in (first, second):
        left = container.ledger.load(order.ref)
        assert left.customer is None
        assert (left.lines, left.payment, left.placement) == (order.lines, order.payment, order.placement)
        assert [(event.what, event.who) for event in container.ledger.timeline(order.ref)][-1] == ("erased", "Ida")
    assert container.ledger.refs_of_person(email=IRIS.email, limit=9) == []
    assert container.ledger.refs_of_person(phone=IRIS.phone, limit=9) == []


def test_nothing_is_erased_while_one_of_their_orders_is_open(container: Container) -> None:
    over, open_ = settled(container), accepted(container.ledger)
    with pytest.raises(StillOpen) as refused:
        erase_customer(container, IRIS.email, "Ida")
    assert refused.value.refs == (open_.ref,)
    assert container.ledger.load(over.ref).customer == IRIS


@pytest.mark.parametrize(
    "open_",
    [
        {"holds": (a_hold(HoldCode.ASKED_FOR_A_PERSON),)},
        {"notices": (Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW),)},
    ],
    ids=["a question", "a mail that is not out"],
)
def test_an_order_with_an_open_notice_keeps_its_personal_data(container: Container, open_: dict[str, Any]) -> None:
    settled(container, **open_)
    with pytest.raises(StillOpen):
        erase_customer(container, IRIS.email, "Ida")


def test_erasing_a_customer_also_erases_forms_remarks_and_events_that_name_them(container: Container) -> None:
    settled(container)
    form = Draft(cart_id="1", cart_token="", locale="en", since=NOW, seen_at=NOW, email=IRIS.email)
    other = replace(form, cart_id="2", email="ada@example.org")
    for draft in (form, other):
        container.drafts.save(draft)
    for text in (f"{IRIS.name} called three times.", "Slots run out."):
        container.remarks.add(Remark(NOW, "Mara", text))
    container.ledger.keep_unclaimed("evt_1", b'{"receipt_email": "iris.murdoch@example.org"}')
    container.ledger.keep_unclaimed("evt_2", b'{"receipt_email": "ada@example.org"}')

    assert erase_customer(container, IRIS.email, "Ida").texts == 3

    assert [container.drafts.of_cart(cart) for cart in ("1", "2")] == [None, other]
    assert [remark.text for remark in container.remarks.newest(9)] == ["Slots run out."]
    assert list(container.ledger.unclaimed()) == ["evt_2"]


def test_erasing_an_unknown_address_finds_no_orders(container: Container) -> None:
    assert erase_customer(container, "nobody@example.org", "Ida").orders == ()


def test_personal_data_is_erased_after_its_retention_period(container: Container, redis_server: RedisServer) -> None:
    order, waiting = settled(container), accepted(container.ledger)
    at(container, NOW + 30 * DAY - timedelta(seconds=1))
    erase_overdue(container)
    assert container.ledger.load(order.ref).customer == IRIS

    at(container, NOW + 30 * DAY)
    erase_overdue(container)
    assert container.ledger.load(order.ref).customer is None
    assert container.ledger.timeline(order.ref)[-1].who == "worker"
    assert container.ledger.load(waiting.ref).customer == IRIS
    erase_overdue(container)
    assert len(container.ledger.timeline(order.ref)) == 2
    assert_indexes_agree(redis_server.client, container.ledger)


@pytest.mark.parametrize("part", ["doc", "who"])
def test_an_order_that_cannot_be_read_keeps_no_other_from_being_erased(container: Container, part: str) -> None:
    damaged = settled(container)
    container.redis.hset(keys.order(damaged.ref), part, b"?")
    orders = [settled(container) for _ in range(2)]
    at(container, NOW + 30 * DAY)
    erase_overdue(container)
    assert [container.ledger.load(order.ref).customer for order in orders] == [None, None]


def test_the_time_counts_from_the_last_word_to_them(container: Container) -> None:
    later = Notice(id="2", kind=NoticeKind.MONEY_BACK, due_at=NOW + 20 * DAY, state=NoticeState.SENT)
    order = settled(container, notices=(later,))
    at(container, NOW + 40 * DAY)
    erase_overdue(container)
    assert container.ledger.load(order.ref).customer == IRIS


def test_the_log_on_disk_is_written_anew_or_it_is_said_why_not(redis_server: RedisServer) -> None:
    personal = a_container(redis_server.url).personal
    assert personal.forget_on_disk() == ""

    def busy() -> None:
        raise redis.ResponseError("Background append only file rewriting already in progress")

    personal._redis.bgrewriteaof = busy  # type: ignore[method-assign]
    assert personal.forget_on_disk() == "Background append only file rewriting already in progress"


def test_who_bought_very_often_is_erased_from_each_order(container: Container) -> None:
    orders = [settled(container) for _ in range(101)]
    assert set(erase_customer(container, IRIS.email, "Ida").orders) == {order.ref for order in orders}
    assert container.ledger.refs_of_person(email=IRIS.email, limit=200) == []
