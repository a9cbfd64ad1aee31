"""Who acts on what she saw is told when another person was first."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.acting import Late, act, finished_by_customer
from fallback.domain.order import Change, Event, Order, PaymentState, PlacementState
from tests.builders import NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger


def noted(who: str, what: str = "noted") -> Event:
    return Event(NOW, what, who)


def writes(who: str) -> object:
    return lambda order: Change(replace(order, released=True), (noted(who),))


def after(ledger: FakeLedger, *events: Event) -> Order:
    order = ledger.keep(an_order())
    for event in events:
        order = ledger.commit(order, order, [event])
    return order


def test_who_saw_everything_acts() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("mara"), noted("customer"))

    assert act(ledger, order.ref, "mara", 2, writes("mara")).released
    assert [event.who for event in ledger.timeline(order.ref)] == ["mara", "customer", "mara"]


def test_who_comes_after_another_person_reads_what_was_done_and_changes_nothing() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("mara"), noted("customer", "cancel_asked"), noted("worker"))

    with pytest.raises(Late) as late:
        act(ledger, order.ref, "mara", 1, writes("mara"))

    assert [(event.who, event.what) for event in late.value.events] == [("customer", "cancel_asked")]
    assert not ledger.load(order.ref).released


@pytest.mark.parametrize("machine", ["worker", "stripe", "primary", "mara"])
def test_what_machines_and_she_herself_did_since_is_no_reason_to_refuse(machine: str) -> None:
    ledger = FakeLedger()
    order = after(ledger, noted(machine))

    assert act(ledger, order.ref, "mara", 0, writes("mara")).released


def test_of_two_at_the_same_moment_one_is_told() -> None:
    ledger = FakeLedger()
    order = after(ledger)

    def overtaken(seen: Order) -> Change:
        if seen.version == order.version:
            ledger.commit(seen, seen, [noted("customer")])
        return Change(replace(seen, released=True), (noted("mara"),))

    with pytest.raises(Late):
        act(ledger, order.ref, "mara", 0, overtaken)

    assert not ledger.load(order.ref).released


# --- who finished it

SETTLED = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
WAITING = an_order()
BOUGHT = noted("customer", "card_given")
HELPED = noted("mara", "hold_released")
ENDED_BY_ITSELF = (noted("primary", "verified"), noted("stripe", "captured"))


def test_the_customer_finished_what_ended_after_her_own_doing() -> None:
    assert finished_by_customer(SETTLED, [HELPED, BOUGHT, *ENDED_BY_ITSELF]) == BOUGHT


def test_what_an_agent_did_after_her_is_not_hers() -> None:
    assert finished_by_customer(SETTLED, [BOUGHT, HELPED, *ENDED_BY_ITSELF]) is None


def test_what_is_said_about_it_afterwards_does_not_change_who_finished_it() -> None:
    assert finished_by_customer(SETTLED, [HELPED, BOUGHT, *ENDED_BY_ITSELF, noted("mara", "said")]) == BOUGHT


def test_what_has_not_ended_is_finished_by_nobody() -> None:
    assert finished_by_customer(WAITING, [HELPED, BOUGHT]) is None
    assert finished_by_customer(SETTLED, []) is None
