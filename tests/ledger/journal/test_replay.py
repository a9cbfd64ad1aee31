"""Orders that were taken while Redis was away are in the ledger once it is back: each once, as it was promised."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import JournalSign
from fallback.domain.errors import Invalid, TryAgain, UnknownOrder
from fallback.domain.order.exposure import WhenSoldOut
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import NoticeKind, Queue
from fallback.ledger.redis import keys
from tests.builders import BOOK, NOW, replace
from tests.ledger.journal.replaying import (
    AWAY,
    Machine,
    closed,
    mails,
    orders,
    replayed,
    replayed_and_left,
    told,
    two_machines,
)
from tests.ledger.world import a_container
from tests.redis_server import RedisServer


def test_a_journalled_order_becomes_an_order_like_any_other(machine: Machine) -> None:
    away = machine()
    accepted = orders(away)
    assert accepted == Accepted(accepted.ref, NOW)
    built = replayed(machine, away)
    order = built.ledger.load(accepted.ref)
    assert (order.received_at, order.customer and order.customer.email) == (NOW, "iris@example.org")
    assert told(built, order.ref) == ["received", "from_journal"]
    assert built.ledger.ref_of_cart("basket-1") == order.ref
    assert [built.ledger.count_due(queue) for queue in (Queue.PAYMENT, Queue.NOTICE)] == [1, 1]
    assert orders(built) == Accepted(order.ref, NOW, replayed=True)


def test_without_a_journal_the_customer_is_asked_to_try_again() -> None:
    with pytest.raises(TryAgain):
        orders(a_container(AWAY))


def test_the_ledger_is_not_asked_again_by_every_customer(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    built = machine()
    orders(built, "one", cart_id="one")
    monkeypatch.setattr(built.ledger, "accept", lambda *_: pytest.fail("it was asked"))
    assert isinstance(orders(built, "two", cart_id="two"), Accepted)


def test_replaying_twice_changes_nothing(machine: Machine) -> None:
    """As after a process that died between the ledger's answer and the removal of the segment."""
    built, ref = replayed_and_left(machine)
    order, happened = built.ledger.load(ref), told(built, ref)
    built = replayed(machine)
    assert (built.ledger.load(ref), told(built, ref)) == (order, happened)
    assert built.ledger.count_due(Queue.NOTICE) == 1


def test_an_order_whose_answer_was_lost_is_one_order(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    built = machine(there=True)
    accept = built.ledger.accept

    def loses(*arguments: Any) -> Any:
        accept(*arguments)
        raise TryAgain("the response was lost")

    with monkeypatch.context() as patch:
        patch.setattr(built.ledger, "accept", loses)
        accepted = orders(built)
    assert built.journal
    assert built.journal.state().entries == 1
    tend(built)
    assert built.journal.state().entries == 0
    assert told(built, accepted.ref) == ["received"]
    assert built.ledger.ref_of_cart("basket-1") == accepted.ref


def test_the_same_request_gets_the_same_answer_from_every_process(machine: Machine) -> None:
    one, other = machine(), machine()
    first = orders(one)
    assert orders(one) == orders(other) == Accepted(first.ref, NOW, replayed=True)
    assert orders(other, body="another body") == KeyReused()
    assert orders(other, "another key") == CartTaken(first.ref)


@pytest.mark.parametrize(("key", "again"), [("key", Accepted), ("another key", CartTaken)])
def test_who_repeats_a_request_at_the_same_moment_in_another_process_gets_the_same_ref(
    machine: Machine, monkeypatch: pytest.MonkeyPatch, key: str, again: type
) -> None:
    one, other = machine(), machine()
    first = orders(one)
    monkeypatch.setattr(other.journal, "first_of", lambda _: None)  # it looked before that was written
    second = orders(other, key)
    assert (type(second), second.ref) == (again, first.ref)


@pytest.mark.parametrize(("key", "again"), [("key", Accepted), ("another key", CartTaken)])
def test_who_repeats_a_request_before_it_was_replayed_gets_the_same_ref(
    machine: Machine, key: str, again: type
) -> None:
    """Redis is back; the process that took the order has not noticed, and still writes to its journal."""
    away, back = machine(), machine(there=True)
    first = orders(away)
    tend(back)
    second = orders(back, key)
    assert (type(second), second.ref) == (again, first.ref)
    assert orders(back, body="another body") == KeyReused()
    assert isinstance(orders(back, "a key", cart_id="another basket"), Accepted)
    assert replayed(machine, away).redis.zcard("received") == 2
    tend(back)
    assert back.journal
    assert not back.journal.holds


@pytest.mark.parametrize("key", ["key", "another key"])
def test_a_repetition_that_the_last_look_did_not_see_leads_to_the_one_order(machine: Machine, key: str) -> None:
    away, back = machine(), machine(there=True)
    tend(back)
    second = orders(away).ref
    first = orders(back, key).ref
    built = replayed(machine, away)
    assert built.second_refs.first_of(second) == first != second
    assert built.redis.zcard("received") == 1
    assert told(built, first) == ["received", "ordered_twice"]


def test_while_the_journal_is_empty_no_order_waits_for_the_disk(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    built = replayed(machine, machine())
    assert built.journal
    monkeypatch.setattr(built.journal, "first_of", lambda _: pytest.fail("it looked"))
    monkeypatch.setattr(built.journal, "look", lambda: pytest.fail("it looked"))
    assert isinstance(orders(built), Accepted)


@pytest.mark.parametrize("key", ["key", "another key"])
def test_one_basket_on_two_machines_is_one_order_and_both_links_lead_to_it(
    tmp_path: Path, redis_server: RedisServer, key: str
) -> None:
    one, other = two_machines(tmp_path, redis_server)
    away, away_too = one(), other()
    first, second = orders(away).ref, orders(away_too, key).ref
    replayed(one, away)
    built = replayed(other, away_too)
    assert built.second_refs.first_of(second) == first
    assert [order.ref for order in built.search.find(second).rows] == [first]  # as the customer reads it out
    with pytest.raises(UnknownOrder):
        built.ledger.load(second)
    assert told(built, first) == ["received", "from_journal", "ordered_twice"]
    again = [] if key == "key" else [NoticeKind.ORDERED_TWICE]  # an equal request had no answer: nothing is new to say
    assert mails(built, first) == [NoticeKind.RECEIVED, *again]


def test_a_basket_that_was_ordered_before_redis_went_away_is_told_so_afterwards(machine: Machine) -> None:
    first, away = orders(machine(there=True)).ref, machine()
    second = orders(away, "another key").ref
    built = replayed(machine, away)
    assert built.second_refs.first_of(second) == first
    assert mails(built, first) == [NoticeKind.RECEIVED, NoticeKind.ORDERED_TWICE]


def test_a_key_that_another_request_had_too_costs_no_order(tmp_path: Path, redis_server: RedisServer) -> None:
    one, other = two_machines(tmp_path, redis_server)
    away, away_too = one(), other()
    refs = [orders(away, cart_id="one").ref, orders(away_too, body="other", cart_id="other").ref]
    replayed(one, away)
    built = replayed(other, away_too)
    assert [built.ledger.load(ref).cart_id for ref in refs] == ["one", "other"]


def test_a_day_later_the_order_is_taken_as_it_was_promised(machine: Machine) -> None:
    """Limits that were reached meanwhile refuse nobody who has our word."""
    away = machine(fallback_unpaid_incident_limit={"EUR": 1}, fallback_sold_out=WhenSoldOut.REFUSE)
    scarce = (replace(BOOK, available=2),)
    ref = orders(away, card=False, lines=scarce).ref
    built = machine(there=True)
    orders(built, "another key", cart_id="another", lines=scarce)
    closed(away)
    built.clock = lambda: NOW + timedelta(days=1)
    tend(built)
    order = built.ledger.load(ref)
    assert (order.received_at, order.late) == (NOW, ("BK-1",))
    [event] = [event for event in built.ledger.timeline(ref) if event.what == "from_journal"]
    assert event.at == NOW + timedelta(days=1)


def test_what_an_order_alone_exceeds_is_refused_without_the_ledger_too(machine: Machine) -> None:
    strict = machine(fallback_unpaid_order_limit={"EUR": 100}, fallback_sold_out=WhenSoldOut.REFUSE)
    with pytest.raises(Invalid, match="card"):
        orders(strict, card=False)
    with pytest.raises(Invalid, match="in stock"):
        orders(strict, lines=(replace(BOOK, available=1),))
    assert isinstance(orders(strict, lines=(replace(BOOK, available=2),)), Accepted)


def test_a_ref_that_another_order_got_meanwhile_is_drawn_anew(machine: Machine) -> None:
    away, there = machine(), machine(there=True)
    ref = orders(away).ref
    there.ledger.accept(replace(there.ledger.load(orders(there, "k", cart_id="k").ref), ref=ref, cart_id="x"), "x", "x")
    built = replayed(machine, away)
    new = built.ledger.ref_of_cart("basket-1")
    assert new
    assert new != ref
    assert built.ledger.load(ref).cart_id == "x"
    assert mails(built, new) == [NoticeKind.RECEIVED]


def test_a_damaged_order_keeps_no_other_in_the_journal(machine: Machine) -> None:
    there, away = machine(there=True), machine()
    damaged = orders(there, key="at the desk").ref
    there.redis.hset(keys.order(damaged), "doc", b"?")
    orders(away)
    other = orders(away, key="another", cart_id="basket-2").ref
    closed(away)
    tend(there)
    assert there.journal
    assert there.ledger.load(other)
    assert there.journal.state().entries == 2  # one segment is forgotten as a whole
    assert not there.journal.away
    assert there.ledger.load(orders(there, key="a third", cart_id="basket-3").ref)


def test_what_cannot_be_replayed_is_reported_to_the_clock(machine: Machine, tmp_path: Path) -> None:
    built = machine(there=True)
    tend(built)
    assert built.heartbeats.journals(NOW) == {}
    (tmp_path / "journal/a-0.damaged").write_bytes(b"?")
    tend(built)
    [sign] = built.heartbeats.journals(NOW).values()
    assert sign == JournalSign(0, None, 1)


def test_while_redis_says_it_is_not_safe_nothing_is_replayed(machine: Machine, redis_server: RedisServer) -> None:
    away, built = machine(), machine(there=True)
    orders(away)
    closed(away)
    redis_server.client.config_set("appendfsync", "everysec")
    try:
        assert tend(built) == 0
    finally:
        redis_server.client.config_set("appendfsync", "always")
    assert built.journal
    assert (built.journal.away, built.journal.state().entries) == (True, 1)


@pytest.mark.parametrize("part", ["doc", "who"])
def test_an_order_that_is_damaged_in_redis_is_answered_from_the_journal(machine: Machine, part: str) -> None:
    """Its segment is still there: the same request gets the ref that it was promised, another is led to it."""
    built, ref = replayed_and_left(machine)
    assert built.journal
    built.journal.look()
    built.redis.hset(keys.order(ref), part, b"?")
    again = orders(built)
    assert (again.ref, again.replayed) == (ref, True)
    assert orders(built, key="another") == CartTaken(ref)
