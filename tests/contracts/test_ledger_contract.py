"""The ledger, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import AlreadyDone, Conflict, RefTaken, UnknownOrder
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused, Ledger
from fallback.domain.order.order import Event, Order, PaymentState, Placement, PlacementState, Queue
from fallback.domain.placement import placement
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.redis.crypto import Crypto
from tests.builders import CUSTOMER, NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.ledger.world import a_new_order, accepted
from tests.redis_server import RedisServer
from tests.web.world import a_config

SEEN = Event(NOW, "seen", "worker")
SECOND = timedelta(seconds=1)
LEASE = timedelta(seconds=40)


@pytest.fixture(params=["fake", "redis"])
def ledger(request: pytest.FixtureRequest) -> Ledger:
    if request.param == "fake":
        return FakeLedger(lambda: NOW)
    server: RedisServer = request.getfixturevalue("redis_server")
    return RedisLedger(server.client, Crypto(a_config().secret_key), clock=lambda: NOW)


# --- accept


def test_an_accepted_order_stands_as_it_was_sent(ledger: Ledger) -> None:
    order = a_new_order()
    assert ledger.accept(order, "key", "print") == Accepted(order.ref, NOW, ring=(Queue.PAYMENT, Queue.NOTICE))
    assert ledger.load(order.ref) == replace(order, version=1)
    assert ledger.load_many([order.ref]) == [replace(order, version=1)]
    assert ledger.timeline(order.ref) == [Event(NOW, "received", "customer")]
    assert ledger.ref_of_cart(order.cart_id) == order.ref


def test_a_key_is_answered_as_the_first_time_or_refused(ledger: Ledger) -> None:
    first = accepted(ledger)
    key = f"key-{first.ref}"
    assert ledger.accept(a_new_order(), key, "print") == Accepted(first.ref, NOW, replayed=True)
    assert ledger.accept(a_new_order(), key, "another print") == KeyReused()
    assert ledger.replay(key, "print") == Accepted(first.ref, NOW, replayed=True)
    assert ledger.replay(key, "another print") == KeyReused()
    assert ledger.replay("another key", "print") is None


def test_accepting_the_same_new_order_twice_is_not_a_replay(ledger: Ledger) -> None:
    order = a_new_order()
    ledger.accept(order, "key", "print")
    again = ledger.accept(order, "key", "print")
    assert isinstance(again, Accepted)
    assert not again.replayed


def test_a_cart_has_one_order_until_it_lets_go_of_it(ledger: Ledger) -> None:
    first, second = accepted(ledger), a_new_order()
    second = replace(second, cart_id=first.cart_id)
    assert ledger.accept(second, "key", "print") == CartTaken(first.ref)
    assert ledger.replay("key", "print") is None
    undone = placement.ask_to_cancel(first, NOW, "customer")
    ledger.commit(first, undone.order, undone.events)
    assert ledger.ref_of_cart(first.cart_id) is None
    answer = ledger.accept(second, "key", "print")
    assert isinstance(answer, Accepted)
    assert answer.ref == second.ref == ledger.ref_of_cart(first.cart_id)


@pytest.mark.parametrize("taken", [False, True])
def test_an_order_that_wants_its_cart_again_has_it_unless_another_has(ledger: Ledger, taken: bool) -> None:
    first, second = accepted(ledger), a_new_order()
    settled = replace(
        first, payment=a_payment(PaymentState.CAPTURED), placement=Placement(state=PlacementState.VERIFIED)
    )
    refunded = ledger.commit(first, replace(settled, payment=a_payment(PaymentState.REFUNDED)), [])
    assert ledger.ref_of_cart(first.cart_id) is None
    if taken:
        accepted(ledger, replace(second, cart_id=first.cart_id))
    held = ledger.commit(refunded, replace(settled, version=refunded.version), [])
    assert ledger.ref_of_cart(first.cart_id) == (second.ref if taken else first.ref)
    ledger.commit(held, replace(refunded, version=held.version), [])
    assert ledger.ref_of_cart(first.cart_id) == (second.ref if taken else None)


def test_a_ref_that_is_there_is_never_written_over(ledger: Ledger) -> None:
    first = accepted(ledger)
    with pytest.raises(RefTaken, match=first.ref):
        ledger.accept(a_new_order(ref=first.ref, cart_id="another basket"), "key", "print")
    assert ledger.load(first.ref) == first
    assert ledger.replay("key", "print") is None
    assert ledger.ref_of_cart("another basket") is None


# --- commit


def test_a_commit_writes_the_order_and_its_timeline(ledger: Ledger) -> None:
    order = accepted(ledger)
    new = replace(order, maybe_taken=True)
    assert ledger.commit(order, new, [SEEN]) == replace(new, version=2) == ledger.load(order.ref)
    assert ledger.timeline(order.ref)[1:] == [SEEN]


def test_a_late_commit_raises_a_conflict_and_writes_nothing(ledger: Ledger) -> None:
    order = accepted(ledger)
    first = ledger.commit(order, replace(order, released=True), [])
    with pytest.raises(Conflict, match=order.ref):
        ledger.commit(order, replace(order, cancel_asked=True), [SEEN], once="evt_1")
    assert ledger.load(order.ref) == first
    assert SEEN not in ledger.timeline(order.ref)
    assert ledger.commit(first, first, [], once="evt_1").version == 3


def test_an_outside_event_is_recorded_once_whichever_order_it_is_for(ledger: Ledger) -> None:
    order, other = accepted(ledger), accepted(ledger)
    now = ledger.commit(order, order, [SEEN], once="evt_1")
    for each in (now, other):
        with pytest.raises(AlreadyDone):
            ledger.commit(each, each, [SEEN], once="evt_1")
        assert ledger.load(each.ref) == each
    with pytest.raises(Conflict, match=order.ref):  # who is late hears that first
        ledger.commit(order, order, [SEEN], once="evt_1")


def test_a_sum_that_somebody_granted_from_meanwhile_is_a_conflict(ledger: Ledger) -> None:
    order, other = accepted(ledger), accepted(ledger)
    nothing = ledger.booked(GrantKind.GOODWILL, "I-1", "EUR")
    assert nothing.amount == 0
    given = Grant(
        id=1,
        kind=GrantKind.GOODWILL,
        amount=500,
        reason="late",
        who="Mara",
        at=NOW,
        incident="I-1",
        state=GrantState.GRANTED,
    )
    ledger.commit(order, replace(order, grants=(given,)), [], booked=nothing)
    assert ledger.booked(GrantKind.GOODWILL, "I-1", "EUR").amount == 500
    assert ledger.booked(GrantKind.REFUND, "I-1", "EUR").amount == 0
    assert ledger.booked(GrantKind.GOODWILL, "I-2", "EUR").amount == 0
    assert ledger.booked(GrantKind.GOODWILL, "I-1", "GBP").amount == 0
    with pytest.raises(Conflict, match=other.ref):
        ledger.commit(other, replace(other, grants=(given,)), [], booked=nothing)
    assert ledger.load(other.ref) == other


def test_what_is_not_there_is_unknown(ledger: Ledger) -> None:
    order = a_new_order()
    for asked in (
        lambda: ledger.load(order.ref),
        lambda: ledger.load_many([accepted(ledger).ref, order.ref]),
        lambda: ledger.timeline(order.ref),
        lambda: ledger.commit(order, order, []),
    ):
        with pytest.raises(UnknownOrder, match=order.ref):
            asked()
    assert ledger.load_many([]) == []
    assert (ledger.ref_of_cart(order.cart_id), ledger.ref_of_intent("pi_none")) == (None, None)


# --- finding


def test_an_order_is_found_by_its_intent(ledger: Ledger) -> None:
    order = accepted(ledger)
    ledger.commit(order, replace(order, payment=replace(order.payment, intent="pi_7")), [])
    assert ledger.ref_of_intent("pi_7") == order.ref


def test_a_person_is_found_in_any_spelling_newest_first(ledger: Ledger) -> None:
    def of(email: str, phone: str | None) -> Order:
        return accepted(ledger, a_new_order(customer=replace(CUSTOMER, email=email, phone=phone)))

    first, second = of("iris@example.org", "+44 1482 300300"), of("Iris@Example.org", None)
    third = of("john@example.org", "+44 1482 300301")
    assert ledger.refs_of_person(email=" IRIS@example.org", limit=9) == [second.ref, first.ref]
    assert ledger.refs_of_person(email="iris@example.org", limit=1) == [second.ref]
    assert ledger.refs_of_person(phone="+44 1482 300300", limit=9) == [first.ref]
    assert ledger.refs_of_person(email="iris@example.org", phone="+441482300301", limit=9) == [
        third.ref,
        second.ref,
        first.ref,
    ]
    assert ledger.refs_of_person(email="mary@example.org", limit=9) == []
    assert ledger.refs_of_person(limit=9) == []


def test_who_changed_their_address_is_found_by_the_new_one_alone(ledger: Ledger) -> None:
    order = accepted(ledger)
    new = replace(order, customer=replace(CUSTOMER, email="new@example.org"))
    ledger.commit(order, new, [])
    assert ledger.refs_of_person(email="new@example.org", limit=9) == [order.ref]
    assert ledger.refs_of_person(email=order.customer.email if order.customer else "", limit=9) == []


def test_the_inbox_keeps_the_first_of_each_event(ledger: Ledger) -> None:
    ledger.keep_unclaimed("evt_1", b"first")
    ledger.keep_unclaimed("evt_1", b"again")
    ledger.keep_unclaimed("evt_2", b"other")
    assert ledger.unclaimed() == {"evt_1": b"first", "evt_2": b"other"}
    ledger.drop_unclaimed(["evt_1", "evt_3"])
    ledger.drop_unclaimed([])
    assert ledger.unclaimed() == {"evt_2": b"other"}


# --- due work


def test_due_orders_are_taken_oldest_first_and_put_off_by_a_lease(ledger: Ledger) -> None:
    second, first = (accepted(ledger, a_new_order(received_at=NOW + late)).ref for late in (SECOND, -SECOND))
    assert ledger.count_due(Queue.PAYMENT) == 1
    assert ledger.count_due(Queue.PAYMENT, ahead=SECOND) == 2
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [first]
    ledger.clock = lambda: NOW + SECOND
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 0) == []
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [second]
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == []
    ledger.clock = lambda: NOW + LEASE
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [first]


def test_a_commit_leaves_a_lease_alone_unless_it_moves_what_is_due(ledger: Ledger) -> None:
    order = accepted(ledger)
    ledger.claim_due(Queue.PAYMENT, LEASE, 1)
    order = ledger.commit(order, replace(order, maybe_taken=True), [])
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 1) == []
    ledger.commit(order, replace(order, payment=replace(order.payment, due_at=NOW - SECOND)), [])
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 1) == [order.ref]


def test_whose_authorization_lapses_goes_first_and_whose_has_lapsed_by_age(ledger: Ledger) -> None:
    lapses = {"old": None, "lapsed": -SECOND, "soon": SECOND * 99, "later": SECOND * 999}
    refs = {}
    for number, (name, at) in enumerate(lapses.items()):
        order = accepted(ledger, an_order(received_at=NOW + SECOND * (number - 10)))
        payment = replace(order.payment, capture_before=NOW + at if at else None)
        refs[ledger.commit(order, replace(order, payment=payment), []).ref] = name
    claimed = [refs[ref] for ref in ledger.claim_due(Queue.PLACEMENT, LEASE, 10)]
    assert claimed == ["soon", "later", "old", "lapsed"]
