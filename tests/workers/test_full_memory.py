"""A Redis whose memory is full takes no new order; the worker and the clock settle those that it has."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Look
from fallback.domain.errors import TryAgain
from fallback.domain.oncall.alerts import Alert
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, PaymentState
from fallback.domain.outage.drain import PaceRequest
from fallback.domain.outage.mode import Mode
from fallback.domain.support.accounts import KEEPER, Account, Person, Role
from fallback.domain.support.second_step import TRIES
from fallback.ledger.redis import keys
from fallback.ledger.support.remarks import Remark
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.outage.set_pace import set_pace
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.write_to_customers import publish_note
from tests.builders import CUSTOMER, a_payment, an_order
from tests.contracts.test_drafts import a_draft
from tests.demo.waiting import eventually
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.ledger.world import a_container, a_new_order, accepted, hang_up
from tests.notices.mail_server import MailServer, mail_server
from tests.redis_server import RedisServer
from tests.reference_shop import ReferenceShop, serving
from tests.web.world import PRIMARY_TOKEN
from tests.workers.running import Program
from workers.bookkeeping import Bookkeeping

SECONDS = 60.0
ORDERS = 20


@pytest.fixture
def house(mortal_redis: RedisServer) -> Iterator[Container]:
    built = a_container(mortal_redis.url)
    built.clock = lambda: datetime.now(UTC)
    yield built
    hang_up()


@pytest.fixture
def shop() -> Iterator[str]:
    with serving(ReferenceShop(FakePrimary(), token=PRIMARY_TOKEN)) as running:
        yield running.url


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server


def paid(house: Container) -> Order:
    """It waits for the shop; its customer waits for the first mail."""
    now = datetime.now(UTC)
    first = Notice(id="1", kind=NoticeKind.RECEIVED, due_at=now)
    order = an_order(received_at=now, payment=a_payment(PaymentState.CAPTURED), notices=(first,))
    order = replace(order, customer=replace(CUSTOMER, email=f"{order.ref.lower()}@example.org"))
    house.ledger.accept(order, order.ref, "body")
    return order


def fill(server: RedisServer) -> None:
    """Whatever would take more memory is refused."""
    server.client.config_set("maxmemory", server.client.info("memory")["used_memory"] - 200_000)


def is_done(house: Container, order: Order) -> bool:
    order = house.ledger.load(order.ref)
    told = all(notice.state is NoticeState.SENT for notice in order.notices)
    return headline(order) is Headline.SETTLED and told


def test_held_orders_settle_while_memory_is_full(
    house: Container, mortal_redis: RedisServer, shop: str, mail: MailServer
) -> None:
    orders = [paid(house) for _ in range(ORDERS)]
    fill(mortal_redis)
    where = {"primary_url": shop, "smtp_url": mail.url}
    with Program("workers.run", mortal_redis, **where), Program("workers.clock", mortal_redis, **where):
        for order in orders:
            eventually(lambda order=order: is_done(house, order), within=SECONDS)
        eventually(lambda: Alert.DURABILITY_LOST in house.outbox.memory().lasting, within=SECONDS)
        assert house.heartbeats.clock_leads()
    with pytest.raises(TryAgain):
        house.ledger.accept(a_new_order(), "key-2", "body")


def test_on_call_may_act_while_memory_is_full(house: Container, mortal_redis: RedisServer) -> None:
    fill(mortal_redis)
    switch_mode(house, Mode.DRAINING, "Omar", "to make room", None)
    assert house.modes.read().mode is Mode.DRAINING
    set_pace(house, PaceRequest(why="slowly", pace=3.0), "Omar")
    assert house.pace.rule().pace == 3.0


def test_on_call_may_sign_in_while_memory_is_full(house: Container, mortal_redis: RedisServer) -> None:
    fill(mortal_redis)
    now = house.clock()
    secret = house.people.begin_session(KEEPER.name, now)
    assert house.people.signed_in(KEEPER.name, secret, now) == KEEPER


def test_an_account_signs_in_with_its_second_step_while_memory_is_full(
    house: Container, mortal_redis: RedisServer
) -> None:
    people = house.people
    people.add(Account("Mara", Role.ONCALL, "a hash", totp="GEZDGNBVGY3TQOJQ"))
    fill(mortal_redis)
    assert [people.may_try_code("Mara") for _ in range(TRIES + 1)] == [True] * TRIES + [False]
    assert [people.use_code("Mara", step) for step in (7, 7, 8)] == [True, False, True]
    assert people.may_try_code("Mara"), "a right code is the end of the wrong ones before it"


def test_accounts_are_opened_and_disabled_while_memory_is_full(house: Container, mortal_redis: RedisServer) -> None:
    people, now = house.people, house.clock()
    secret = people.begin_session(people.add(Account("Mara", Role.ONCALL, "a hash")).name, now)
    fill(mortal_redis)
    people.add(Account("Olu", Role.AGENT, email="olu@example.org"))
    people.change("mara", lambda account: replace(account, disabled=True))
    assert [(each.name, each.disabled) for each in people.all()] == [("Mara", True), ("Olu", False)]
    assert people.signed_in("Mara", secret, now) is None


def test_the_desk_goes_on_while_memory_is_full(house: Container, mortal_redis: RedisServer) -> None:
    now, ann, ben = house.clock(), Person("Ann", Role.AGENT), Person("Ben", Role.AGENT)
    for agent in (ann, ben):
        house.people.add(Account(agent.name, agent.role))
        house.duty.begin(agent, now)
    house.drafts.save(a_draft())
    fill(mortal_redis)
    house.duty.given("Ann", now + timedelta(seconds=1))
    assert house.duty.roster().agents == ("Ben", "Ann")
    house.duty.end(ben)
    house.duty.begin(Person("Olu", Role.LEAD), now)
    assert (house.duty.roster().agents, house.duty.roster().leads) == (("Ann",), ("Olu",))
    look, remark = Look(now, "Ann", ("basket-17",)), Remark(now, "Ann", "No times are left.")
    house.drafts.record(look)
    house.remarks.add(remark)
    assert (house.drafts.looks(9), house.remarks.newest(9)) == ([look], [remark])
    house.drafts.drop("basket-17")
    assert house.drafts.of_cart("basket-17") is None


def test_the_ledger_is_verified_and_counted_while_memory_is_full(house: Container, mortal_redis: RedisServer) -> None:
    orders = [accepted(house.ledger, a_new_order(received_at=house.clock())) for _ in range(ORDERS)]
    house.primary, house.gateway = FakePrimary(), FakeGateway()
    mortal_redis.client.zrem(keys.headline(headline(orders[0])), orders[0].ref)
    fill(mortal_redis)
    for repair in (False, True):
        verification = house.verification(repair)
        found = list(verification.differences(verification.keys()))
        assert [(each.of, each.mended) for each in found] == [(orders[0].ref, repair)]
    assert count_balance(house, NO_INCIDENT).captured.orders == ORDERS
    house.books.ask(NO_INCIDENT)
    Bookkeeping(house).once()
    assert (house.books.asked(), house.books.last_audit() is None) == ([], False)


def test_an_outage_becomes_an_incident_that_on_call_reads_and_writes_while_memory_is_full(
    house: Container, mortal_redis: RedisServer
) -> None:
    fill(mortal_redis)
    switch_mode(house, Mode.ACTIVE, "Omar", "the shop is down", None)
    follow_mode(house)
    publish_note(house, "We are on it.", None, "Omar")
    incident = house.incidents.last()
    assert incident
    assert [(each.who, each.text) for each in incident.timeline][1:] == [("Omar", "To customers: We are on it.")]
