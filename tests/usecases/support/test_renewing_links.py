"""Customers get links to their orders again: renew_links."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import Damaged
from fallback.domain.order.order import Notice, NoticeKind
from fallback.domain.support.renewals import MOST_A_DAY, MOST_ORDERS, PAUSE, RenewalRequest
from fallback.usecases.support.renew_links import renew_links
from tests.builders import an_order
from tests.usecases.world import World

IRIS = "iris@example.org"


def a_world(orders: int = 1) -> tuple[World, list[str]]:
    """And the refs of its orders, newest first."""
    world, refs = World(), []
    for number in range(orders):
        world.a_customer_orders(None, cart_id=f"basket-{number}", key=f"key-{number}")
        refs.insert(0, world.ref)
    return world, refs


def asked(world: World, email: str = IRIS, ref: str = "") -> list[Notice]:
    """What the customer is sent: the notices of all orders that lead back."""
    world.renewals.ask(RenewalRequest(email, ref))
    renew_links(world.container)
    notices = [notice for each in world.ledger.refs() for notice in world.ledger.load(each).notices]
    return [notice for notice in notices if notice.kind is NoticeKind.LINKS]


@pytest.mark.parametrize("email", [IRIS, " Iris@EXAMPLE.org "])
def test_one_mail_leads_to_their_last_orders(email: str) -> None:
    world, refs = a_world(MOST_ORDERS + 2)
    [notice] = asked(world, email)
    assert notice.refs == tuple(refs[1:MOST_ORDERS])
    assert notice in world.order.notices
    world.time_passes(timedelta(minutes=1))
    assert world.mails.count(NoticeKind.LINKS) == 1


def test_an_older_order_is_found_with_its_ref() -> None:
    world, refs = a_world(MOST_ORDERS + 2)
    [notice] = asked(world, ref=refs[-1])
    assert notice.refs == ()
    assert notice in world.ledger.load(refs[-1]).notices


def test_the_ref_of_somebody_else_leads_to_their_own_orders() -> None:
    world, refs = a_world()
    [notice] = asked(world, ref="FB-0000-0000-0")
    assert notice in world.ledger.load(refs[0]).notices


def test_an_address_without_orders_is_sent_nothing() -> None:
    world, _ = a_world()
    assert asked(world, "nobody@example.org") == []


def test_a_request_that_cannot_be_handled_is_logged_and_the_others_are_answered() -> None:
    world, [ref] = a_world()
    world.renewals.ask(RenewalRequest(IRIS, ""))
    world.renewals.ask(RenewalRequest("jean@example.org", ""))
    world.a_customer_orders(None, cart_id="basket-9", key="key-9", email="jean@example.org")
    world.ledger.fail_next("load", Damaged(ref))
    with capture_logs() as logs:
        renew_links(world.container)
    assert [(line["event"], line["kind"]) for line in logs] == [("entry_failed", "renewal")]
    assert NoticeKind.LINKS in [notice.kind for notice in world.order.notices]


def test_nobody_can_fill_their_mailbox() -> None:
    world, _ = a_world()
    for _ in range(3):
        assert len(asked(world)) == 1
    for _ in range(MOST_A_DAY + 3):
        world.now += PAUSE
        sent = asked(world)
    assert len(sent) == MOST_A_DAY
    world.now += timedelta(days=1)
    assert len(asked(world)) == MOST_A_DAY + 1


def test_an_order_behind_very_many_is_found_with_its_ref() -> None:
    world, [oldest] = a_world()
    for _ in range(101):
        world.ledger.keep(an_order())
    [notice] = asked(world, ref=oldest)
    assert notice in world.ledger.load(oldest).notices
