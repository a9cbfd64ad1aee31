"""An older key of SECRET_KEY becomes unnecessary: all data is encrypted and found with the newest key."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.drafts import Draft
from fallback.domain.errors import Damaged
from fallback.domain.incident.incident import by_switch
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Account, Role
from fallback.domain.support.renewals import RenewalRequest
from fallback.domain.support.saved_replies import added
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Undecryptable
from fallback.ledger.support.remarks import Remark
from fallback.usecases.support.subscribe import subscribe
from tests.builders import NOW
from tests.ledger.order.test_personal_data import NEW, OLD
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

INCIDENT = by_switch(ModeState(Mode.ACTIVE, NOW, "Ida", "the shop is down"), 0)
DRAFT = Draft(cart_id="1", cart_token="", locale="en", since=NOW, seen_at=NOW, email=IRIS.email)


@pytest.fixture
def both(redis_server: RedisServer) -> Container:
    """With the new key in front of the old one, under which all sorts of things were written."""
    old = a_container(redis_server.url, secret_key=(OLD,))
    old.people.add(Account("Mara", Role.AGENT))
    old.remarks.add(Remark(NOW, "Mara", "Slots run out."))
    old.saved_replies.change(lambda kept: added(kept, "Late", "We are on it.", "Lea", NOW))
    old.incidents.open(INCIDENT)
    old.drafts.save(DRAFT)
    old.ledger.keep_unclaimed("evt_1", b"{}")
    return a_container(redis_server.url, secret_key=(NEW, OLD))


def test_afterwards_the_newest_key_is_enough(both: Container, redis_server: RedisServer) -> None:
    order = accepted(a_container(redis_server.url, secret_key=(OLD,)).ledger)
    alone = a_container(redis_server.url, secret_key=(NEW,))
    with pytest.raises(Undecryptable):
        alone.ledger.load(order.ref)

    assert (both.rewrapping.orders(), both.rewrapping.the_rest()) == (1, 6)

    assert alone.ledger.load(order.ref).customer == IRIS
    assert (
        alone.ledger.refs_of_person(email=IRIS.email, limit=9)
        == alone.ledger.refs_of_person(phone=IRIS.phone, limit=9)
        == [order.ref]
    )
    assert [account.name for account in alone.people.all()] == ["Mara"]
    assert [remark.text for remark in alone.remarks.newest(9)] == ["Slots run out."]
    assert [reply.title for reply in alone.saved_replies.read().all] == ["Late"]
    assert alone.incidents.load(INCIDENT.id) == INCIDENT
    assert alone.drafts.of_cart("1") == DRAFT
    assert alone.ledger.unclaimed() == {"evt_1": b"{}"}
    assert len(list(redis_server.client.scan_iter("email:*"))) == 1  # the older key's index is gone


def test_orders_of_drills_are_counted_and_encrypted_too(both: Container, redis_server: RedisServer) -> None:
    old = a_container(redis_server.url, secret_key=(OLD,)).ledger
    for drill in (False, True):
        accepted(old, a_new_order(drill=drill))
    assert (both.rewrapping.count(), both.rewrapping.orders()) == (2, 2)


def test_each_order_is_looked_at_once(
    both: Container, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.order.rewrapping.PAGE", 2)
    old = a_container(redis_server.url, secret_key=(OLD,)).ledger
    for _ in range(5):
        accepted(old)
    assert list(both.rewrapping.each_order()) == [True] * 5


def test_a_second_rewrap_finds_nothing_to_do(both: Container) -> None:
    both.rewrapping.the_rest()
    assert (both.rewrapping.orders(), both.rewrapping.the_rest()) == (0, 0)


def test_a_damaged_order_is_named_once_the_others_are_done(both: Container, redis_server: RedisServer) -> None:
    old = a_container(redis_server.url, secret_key=(OLD,)).ledger
    damaged, other = accepted(old), accepted(old)
    redis_server.client.hset(keys.order(damaged.ref), "doc", "?")
    with pytest.raises(Damaged, match=damaged.ref):
        both.rewrapping.orders()
    assert a_container(redis_server.url, secret_key=(NEW,)).ledger.load(other.ref).customer == IRIS


def test_what_is_erased_stays_so(both: Container, redis_server: RedisServer) -> None:
    ledger = a_container(redis_server.url, secret_key=(OLD,)).ledger
    order = accepted(ledger, a_new_order(customer=None))
    assert both.rewrapping.orders() == 0
    assert both.ledger.load(order.ref).customer is None


def test_a_write_during_the_rewrap_is_not_lost(
    both: Container, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = accepted(a_container(redis_server.url, secret_key=(OLD,)).ledger)
    rewrap, customers = RedisLedger.rewrap, []

    def meets_a_customer(ledger: RedisLedger, ref: str) -> bool:
        load = ledger.load

        def load_before_the_customer_writes(ref: str) -> object:
            loaded = load(ref)
            if not customers:
                customers.append(ledger.commit(loaded, loaded, []))
            return loaded

        monkeypatch.setattr(ledger, "load", load_before_the_customer_writes)
        return rewrap(ledger, ref)

    monkeypatch.setattr(RedisLedger, "rewrap", meets_a_customer)
    assert both.rewrapping.orders() == 1
    assert both.ledger.load(order.ref).version == 3


def test_a_rewrap_handles_many_entries_of_each_kind(redis_server: RedisServer) -> None:
    old = a_container(redis_server.url, secret_key=(OLD,))
    for number in range(4):
        old.remarks.add(Remark(NOW, "Mara", f"{number}"))
        old.renewals.ask(RenewalRequest(f"{number}@example.org", ""))
        subscribe(old, f"{number}@example.org", "en", f"{number}")
        old.incidents.open(replace(INCIDENT, id=f"{INCIDENT.id}-{number}", after=number))
        old.drafts.save(replace(DRAFT, cart_id=f"{number}"))
    both = a_container(redis_server.url, secret_key=(NEW, OLD))
    assert both.rewrapping.the_rest() == 5 * 4
    alone = a_container(redis_server.url, secret_key=(NEW,))
    assert len(alone.remarks.newest(9)) == len(alone.incidents.newest(9)) == len(alone.renewals.take(9)) == 4
    assert alone.drafts.of_cart("3")
    assert len(alone.subscriptions.each()) == 4


def test_a_drill_that_is_sealed_anew_is_still_found_by_nobodys_address(redis_server: RedisServer) -> None:
    drill = accepted(a_container(redis_server.url, secret_key=(OLD,)).ledger, a_new_order(drill=True))
    both = a_container(redis_server.url, secret_key=(NEW, OLD))
    assert both.rewrapping.orders() == 1
    assert a_container(redis_server.url, secret_key=(NEW,)).ledger.load(drill.ref).customer == IRIS
    assert both.ledger.refs_of_person(email=IRIS.email, limit=9) == []
