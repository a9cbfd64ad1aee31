"""An order that cannot be read is named, and the others go their way."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.doctor import house
from fallback.doctor.findings import Trouble
from fallback.domain.errors import Damaged
from fallback.domain.incident.balance import DifferenceCode, Side
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Event,
    NoticeKind,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
    Queue,
)
from fallback.domain.outage.mode import Mode
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.same_purchase import of_the_same_person
from fallback.domain.support.renewals import RenewalRequest
from fallback.ledger.order.views import OrderFilter
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Undecryptable
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.payment.read_inbox import sweep_inbox
from fallback.usecases.support.renew_links import renew_links
from tests.builders import NOW, a_payment
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.ledger.order.damaging import alerted, damage
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer
from workers.bookkeeping import Bookkeeping
from workers.clock import tick

HOUR = timedelta(hours=1)


@pytest.fixture
def house_(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


@pytest.mark.parametrize("part", ["doc", "who"])
def test_it_takes_no_other_from_a_list(house_: Container, part: str) -> None:
    other, damaged = accepted(house_.ledger), accepted(house_.ledger)
    damage(house_, damaged, part)
    with capture_logs() as logs:
        assert [order.ref for order in house_.views.page().rows] == [other.ref]
        assert [order.ref for order in house_.search.find(IRIS.email).rows] == [other.ref]
    told = [(line["event"], line["log_level"], line["ref"]) for line in logs]
    assert told == [("order_damaged", "error", damaged.ref)], "once, however often it is met"
    with pytest.raises(Trouble, match=f"the record of {damaged.ref} is damaged"):
        house.release(house_)


def test_an_index_with_an_order_that_is_not_there_is_a_list_without_it(house_: Container) -> None:
    other, missing = accepted(house_.ledger), accepted(house_.ledger)
    house_.redis.delete(keys.order(missing.ref))
    with capture_logs() as logs:
        assert [order.ref for order in house_.views.page().rows] == [other.ref]
        assert [order.ref for order in house_.search.find(IRIS.email).rows] == [other.ref]
    assert [(line["event"], line["ref"]) for line in logs] == [("order_missing", missing.ref)]
    assert house_.views.versions() == [(missing.ref, 0), (other.ref, 1)]


def test_who_asks_for_it_by_its_ref_reads_what_to_do(house_: Container) -> None:
    damaged = accepted(house_.ledger)
    damage(house_, damaged)
    for asks in (house_.ledger.load, house_.search.find):
        with pytest.raises(Damaged, match=f"{damaged.ref} is damaged: fallback ledger verify"):
            asks(damaged.ref)


@pytest.mark.parametrize("place", range(3))
def test_the_clock_goes_on_and_an_outage_becomes_an_incident(house_: Container, place: int) -> None:
    orders = [accepted(house_.ledger, a_new_order(received_at=NOW - hours * HOUR)) for hours in (5, 3, 1)]
    damage(house_, orders[place])
    switch_mode(house_, Mode.ACTIVE, "Ann", "the shop is down")
    tick(house_)
    incident = house_.incidents.last()
    assert incident
    assert incident.span.after in (2, 3)  # it may be the newest itself
    [first, *_] = [order for order in orders if order is not orders[place]]
    since = house_.views.page(OrderFilter(since=NOW - 6 * HOUR)).rows
    assert first.ref in [order.ref for order in since]


def test_an_incident_that_cannot_be_read_keeps_no_order_waiting(
    house_: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch_mode(house_, Mode.ACTIVE, "Ann", "the shop is down")
    tick(house_)
    incident = house_.incidents.last()
    assert incident
    house_.redis.set(keys.incident(incident.id), b"?")
    accepted(house_.ledger)
    rung = list[Queue]()
    monkeypatch.setattr(house_.bells, "ring", rung.append)
    with pytest.raises(Undecryptable):
        tick(house_)
    assert Queue.PAYMENT in rung


def test_when_all_are_damaged_an_outage_still_becomes_an_incident(house_: Container) -> None:
    for _ in range(3):
        damage(house_, accepted(house_.ledger))
    switch_mode(house_, Mode.ACTIVE, "Ann", "the shop is down")
    tick(house_)
    assert house_.incidents.last()


def test_who_asks_for_links_beside_its_customer_gets_them(house_: Container) -> None:
    damaged = accepted(house_.ledger)
    other = accepted(house_.ledger, a_new_order(customer=replace(IRIS, email="john@example.org")))
    damage(house_, damaged)
    for email in (IRIS.email, "john@example.org"):
        house_.renewals.ask(RenewalRequest(email))
    renew_links(house_)
    assert NoticeKind.LINKS in [notice.kind for notice in house_.ledger.load(other.ref).notices]


@pytest.mark.parametrize("part", ["doc", "who"])
def test_other_orders_of_its_customer_are_placed(house_: Container, part: str) -> None:
    """Before that they are compared with one another."""
    damaged, other, order = (accepted(house_.ledger) for _ in range(3))
    damage(house_, damaged, part)
    assert [each.ref for each in of_the_same_person(order, house_.ledger)] == [other.ref]


def test_who_helped_with_it_sees_what_became_of_the_others(house_: Container) -> None:
    helped = [Event(NOW, "payment_link_sent", "Ann"), Event(NOW, "card_given", "customer")]
    paid, over = Payment(amount=3093, state=PaymentState.CAPTURED), Placement(state=PlacementState.VERIFIED)
    damaged, other = (
        house_.ledger.commit(order, replace(order, payment=paid, placement=over), helped)
        for order in (accepted(house_.ledger), accepted(house_.ledger))
    )
    house_.redis.hset(keys.order(damaged.ref), "log", b"[")
    assert [order.ref for order, _ in house_.worklists.finished_with("Ann", NOW)[0]] == [other.ref]


def test_the_inbox_is_swept_though_an_order_of_its_events_is_damaged(house_: Container) -> None:
    damaged, other = accepted(house_.ledger), accepted(house_.ledger)
    damage(house_, damaged)
    for order in (damaged, other):
        event = Unclaimed(order.ref, PaymentNews.CAPTURED, order.ref, "pi_1", NOW)
        house_.ledger.keep_unclaimed(event.id, pack(event))
    house_.clocks_agree = lambda: True
    sweep_inbox(house_)
    assert list(house_.ledger.unclaimed()) == [damaged.ref]


def test_a_balance_sheet_says_that_one_is_lacking_and_which(house_: Container) -> None:
    _, damaged = accepted(house_.ledger), accepted(house_.ledger)
    damage(house_, damaged)
    house_.gateway, house_.primary = FakeGateway(), FakePrimary()
    found = count_balance(house_, NO_INCIDENT).differences
    assert (DifferenceCode.INDEX, damaged.ref) in [(each.code, each.ref) for each in found]
    assert "2 accepted, 1 there" in [each.detail for each in found]


@pytest.mark.parametrize("part", ["doc", "who"])
def test_its_charge_and_its_order_in_the_shop_are_compared_as_far_as_it_can_be_read(
    house_: Container, part: str
) -> None:
    gateway, shop = FakeGateway(house_.clock), FakePrimary(clock=house_.clock)
    house_.gateway, house_.primary = gateway, shop
    order = accepted(house_.ledger)
    for ref in (order.ref, "FB-STRANGE"):
        intent = gateway.create(ref, order.total, ref)
        gateway.intents[intent.id] = replace(intent, state=IntentState.CAPTURED, captured=1)
    shop.place(order)
    paid = Payment(amount=3093, state=PaymentState.CAPTURED, captured=3093, intent="pi_1")
    settled = replace(order, payment=paid, placement=Placement(state=PlacementState.VERIFIED))
    damage(house_, house_.ledger.commit(order, settled, []), part)
    balance = count_balance(house_, NO_INCIDENT)
    assert balance.unasked == {}
    at_the_provider = {(each.code, each.ref) for each in balance.differences if each.side is Side.PROVIDER}
    differs = {(DifferenceCode.CAPTURED, order.ref)} if part == "who" else set()
    assert at_the_provider == {(DifferenceCode.STRANGER, "FB-STRANGE")} | differs


def test_an_audit_names_what_it_cannot_put_on_hold(house_: Container) -> None:
    """Its personal data cannot be read, so nothing can be written into it."""
    shop = house_.primary = FakePrimary(clock=house_.clock)
    verified, over = Placement(state=PlacementState.VERIFIED), Placement(state=PlacementState.CANCELLED)
    wrong = Payment(amount=3093, state=PaymentState.CAPTURED, captured=4000, intent="pi_1")
    lost, standing, dear, also_lost = (
        house_.ledger.commit(order, replace(order, placement=placement, payment=payment), [])
        for order, placement, payment in (
            (accepted(house_.ledger), verified, a_payment(PaymentState.CAPTURED)),
            (accepted(house_.ledger), over, a_payment(PaymentState.VOIDED)),
            (accepted(house_.ledger), verified, wrong),
            (accepted(house_.ledger), verified, a_payment(PaymentState.CAPTURED)),
        )
    )
    for order in (standing, dear):
        shop.place(order)
    for order in (lost, standing, dear):
        damage(house_, order, "who")
    audit = audit_primary(house_, NOW - HOUR)
    assert (set(audit.lost), audit.standing, audit.money) == ({lost.ref, also_lost.ref}, (standing.ref,), (dear.ref,))
    assert (audit.why_not, audit.new) == ("", 1)
    assert [hold.code for hold in house_.ledger.load(also_lost.ref).holds] == [HoldCode.PRIMARY_REGRESSED]
    assert house_.halts.read()


def test_the_shop_is_audited_for_the_others(house_: Container) -> None:
    house_.primary = FakePrimary()
    lost, damaged = (
        house_.ledger.commit(order, replace(order, placement=Placement(state=PlacementState.VERIFIED)), [])
        for order in (accepted(house_.ledger), accepted(house_.ledger))
    )
    damage(house_, damaged)
    Bookkeeping(house_).once()
    audit = house_.books.last_audit()
    assert audit
    assert audit.lost == (lost.ref,)


def test_the_order_behind_it_is_the_oldest_that_waits(house_: Container) -> None:
    """Alerts and the on-call page read it."""
    paid = Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_1", authorized=3093)
    damaged, other = (
        accepted(house_.ledger, a_new_order(payment=paid, received_at=NOW - hours * HOUR)) for hours in (5, 3)
    )
    damage(house_, damaged)
    assert house_.overview.see(NOW).oldest_waiting == other.received_at


@pytest.mark.parametrize("part", ["doc", "log"])
def test_a_report_leaves_it_out(house_: Container, part: str) -> None:
    damaged, _ = accepted(house_.ledger), accepted(house_.ledger)
    damage(house_, damaged, part)
    if part == "log":
        house_.redis.hset(keys.order(damaged.ref), "log", b"[")
    source = house_.report_source
    with capture_logs() as logs:
        assert len(list(source.stories(source.period(NOW - HOUR, NOW + HOUR, most=9)))) == 1
    assert [(line["event"], line["ref"]) for line in logs] == [("order_damaged", damaged.ref)]


def test_a_report_says_how_many_orders_of_its_time_it_leaves_out(house_: Container) -> None:
    """When the last one came, nobody knows: it may belong to this time."""
    *_, last = (accepted(house_.ledger, a_new_order(received_at=NOW - hours * HOUR)) for hours in (4, 3, 2))
    damage(house_, last)
    source = house_.report_source
    period = source.period(NOW - 5 * HOUR, NOW, most=2)
    report = period.report(source.stories(period))
    assert (report.left_out, report.orders, report.unread) == (1, 1, 1)


def test_a_timeline_that_cannot_be_read_is_named_too(house_: Container) -> None:
    damaged = accepted(house_.ledger)
    house_.redis.hset(keys.order(damaged.ref), "log", b"[")
    with pytest.raises(Damaged, match=damaged.ref):
        house_.ledger.timeline(damaged.ref)
    assert house_.books.orders([damaged.ref]) == []


@pytest.mark.parametrize("part", ["doc", "who", "log"])
def test_a_part_that_is_missing_is_told_like_one_that_is_damaged(house_: Container, part: str) -> None:
    other, damaged = accepted(house_.ledger), accepted(house_.ledger)
    house_.redis.hdel(keys.order(damaged.ref), part)
    verification = house_.verification()
    assert keys.order(damaged.ref) in [each.key for each in verification.differences(verification.keys())]
    if part != "log":
        with pytest.raises((Damaged, Undecryptable), match=damaged.ref):
            house_.ledger.load(damaged.ref)
        assert [order.ref for order in house_.views.page().rows] == [other.ref]


def test_one_whose_key_is_missing_is_like_one_that_is_damaged(house_: Container, redis_server: RedisServer) -> None:
    accepted(house_.ledger)
    lost = accepted(a_container(redis_server.url, secret_key=("a-key-that-was-removed-too-early-0123",)).ledger)
    with pytest.raises(Damaged, match=f"No key of SECRET_KEY opens the personal data of {lost.ref}") as refused:
        house_.ledger.load(lost.ref)
    assert isinstance(refused.value, Undecryptable)
    with pytest.raises(Damaged, match=lost.ref):
        house_.rewrapping.orders()
    assert alerted(house_) == 1
