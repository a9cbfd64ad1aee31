"""An agent who acts on an outdated page is told what happened in the meantime."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, NotAllowedNow
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Event, Order, PaymentState, PlacementState
from fallback.domain.order.record import record
from fallback.domain.support import questions
from fallback.domain.support.late import (
    AMONG_US,
    TALK,
    TO_BE_READ,
    Finish,
    Late,
    act,
    done_by_others,
    finished_by_customer,
)
from fallback.web.purchase.event_words import EVENTS
from tests.builders import NOW, a_hold, a_payment, an_order
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


def test_an_agent_who_saw_every_event_may_act() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("mara"), noted("customer", "changed"))

    assert act(ledger, order.ref, "mara", 2, writes("mara")).released
    assert [event.who for event in ledger.timeline(order.ref)] == ["mara", "customer", "mara"]


def test_who_comes_after_another_person_reads_what_was_done_and_changes_nothing() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("mara"), noted("customer", "cancel_asked"), noted("worker"))

    with pytest.raises(Late) as late:
        act(ledger, order.ref, "mara", 1, writes("mara"))

    assert [(event.who, event.what) for event in late.value.events] == [("customer", "cancel_asked")]
    assert (late.value.ref, str(late.value)) == (order.ref, "customer was first: cancel_asked")
    assert not ledger.load(order.ref).released


@pytest.mark.parametrize("machine", ["worker", "stripe", "primary", "mara"])
def test_what_machines_and_the_customer_did_since_is_no_reason_to_refuse(machine: str) -> None:
    ledger = FakeLedger()
    order = after(ledger, noted(machine))

    assert act(ledger, order.ref, "mara", 0, writes("mara")).released


def test_one_of_two_simultaneous_actions_is_told_about_the_other() -> None:
    ledger = FakeLedger()
    order = after(ledger)

    def overtaken(seen: Order) -> Change:
        if seen.version == order.version:
            ledger.commit(seen, seen, [noted("customer", "changed")])
        return Change(replace(seen, released=True), (noted("mara"),))

    with pytest.raises(Late):
        act(ledger, order.ref, "mara", 0, overtaken)

    assert not ledger.load(order.ref).released


@pytest.mark.parametrize(("who", "told"), [("mara", "mara"), ("jon", "")])
def test_the_owner_has_seen_the_holds_of_an_order_on_which_they_act(who: str, told: str) -> None:
    """So they get no mail about them; what a colleague does there tells the owner nothing."""
    ledger = FakeLedger()
    order = ledger.keep(an_order(owner="mara", holds=(a_hold(HoldCode.MISMATCH),)))
    [hold] = act(ledger, order.ref, who, 0, writes(who)).holds
    assert hold.told == told


# --- what makes nobody late


def acts_after(what: str, by: str = "jon", who: str = "mara", doing: str = "hold_released") -> None:
    ledger = FakeLedger()
    order = after(ledger, noted(by, what))
    act(ledger, order.ref, who, 0, lambda order: Change(replace(order, released=True), (noted(who, doing),)))


@pytest.mark.parametrize("what", sorted({*TALK} - TO_BE_READ))
@pytest.mark.parametrize("who", ["mara", "customer"])
def test_an_event_that_does_not_change_the_purchase_does_not_reject_a_late_action(what: str, who: str) -> None:
    """A late person would want to go on: what the customer does is as right as before."""
    acts_after(what, who=who)


@pytest.mark.parametrize("what", ["hold_released", "changed", "refund_granted", "cancel_asked"])
@pytest.mark.parametrize("who", ["mara", "customer"])
def test_an_event_that_changes_the_purchase_rejects_a_late_action(what: str, who: str) -> None:
    with pytest.raises(Late):
        acts_after(what, who=who)


@pytest.mark.parametrize(
    ("done", "doing"),
    [
        ("payment_link_sent", "payment_link_sent"),
        ("owner_given", "owner_given"),
        ("handover_accepted", "owner_given"),
        ("owner_given", "handed_over"),
        ("call_arranged", "call_arranged"),
    ],
)
def test_who_is_about_to_do_the_same_is_told_who_has_done_it(done: str, doing: str) -> None:
    """Nobody wants to send a second mail, or to take over what another has just taken on."""
    with pytest.raises(Late) as late:
        acts_after(done, doing=doing)
    assert late.value.events[-1].who == "jon"


def test_two_may_note_at_the_same_time() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("jon"))
    assert done_by_others(ledger.timeline(order.ref), "mara", ["hold_released"]) == ()


def test_a_question_of_the_customer_is_read_before_an_agent_goes_on() -> None:
    with pytest.raises(Late):
        acts_after("asked_for_a_person", by="customer")


def test_the_former_owner_is_told_of_a_takeover_and_the_customer_is_not() -> None:
    with pytest.raises(Late):
        acts_after("taken_over", by="lea")
    acts_after("taken_over", by="lea", who="customer")


def test_what_is_not_possible_any_more_since_somebody_did_it_is_told_with_their_name() -> None:
    ledger = FakeLedger()
    order = after(ledger, noted("jon", "answered"))

    def nothing_to_answer(_: Order) -> Change:
        raise NotAllowedNow("settled", "answer")

    with pytest.raises(Late) as late:
        act(ledger, order.ref, "mara", 0, nothing_to_answer)
    assert late.value.events[-1].who == "jon"
    with pytest.raises(NotAllowedNow):
        act(ledger, order.ref, "mara", 1, nothing_to_answer)


def test_repeated_conflicts_raise_conflict_with_the_ref() -> None:
    ledger = FakeLedger()
    order = ledger.keep(an_order())
    ledger.fail_next("commit", Conflict("another"), times=100)
    with pytest.raises(Conflict, match=order.ref):
        act(ledger, order.ref, "mara", 0, writes("mara"))
    with pytest.raises(Conflict, match=order.ref):
        record(ledger, order, writes("mara"))


# --- who finished it

SETTLED = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
WAITING = an_order()
BOUGHT = noted("customer", "card_given")
HELPED = noted("mara", "hold_released")
ENDED_BY_ITSELF = (noted("primary", "verified"), noted("stripe", "captured"))


def finished(*events: Event) -> Finish | None:
    return finished_by_customer(SETTLED, events)


def test_the_customer_finished_what_ended_after_their_own_doing_and_who_helped_is_named() -> None:
    assert finished(HELPED, BOUGHT, *ENDED_BY_ITSELF) == Finish(NOW, ("mara",))
    assert finished(*ENDED_BY_ITSELF, BOUGHT, *ENDED_BY_ITSELF) == Finish(NOW)


def test_everybody_who_helped_is_named_once_in_turn() -> None:
    several = (noted("mara", "payment_link_sent"), noted("jon", "called"), noted("mara", "answered"))
    assert finished(*several, BOUGHT, *ENDED_BY_ITSELF) == Finish(NOW, ("mara", "jon"))


@pytest.mark.parametrize("what", sorted(AMONG_US))
def test_an_agents_internal_act_does_not_count_as_help(what: str) -> None:
    assert finished(noted("mara", what), BOUGHT, *ENDED_BY_ITSELF) == Finish(NOW)


def test_what_an_agent_did_after_the_customer_is_not_theirs() -> None:
    assert finished(BOUGHT, HELPED, *ENDED_BY_ITSELF) is None


@pytest.mark.parametrize("what", sorted(TALK))
def test_what_is_said_about_it_afterwards_changes_neither_who_finished_it_nor_who_helped(what: str) -> None:
    assert finished(BOUGHT, *ENDED_BY_ITSELF, noted("mara", what)) == Finish(NOW)


def test_an_order_that_has_not_ended_was_completed_by_nobody() -> None:
    assert finished_by_customer(WAITING, [HELPED, BOUGHT]) is None
    assert finished() is None


def test_what_still_waits_for_a_person_is_not_said_to_be_finished() -> None:
    asked = questions.ask(SETTLED, "Where is my parcel?", None, NOW, "checkout desk").order
    handed = replace(SETTLED, handover=Handover(to="stock", by="mara", accept_by=NOW, asked=0))
    for order in (asked, handed, replace(asked, handover=handed.handover)):
        assert finished_by_customer(order, [BOUGHT, *ENDED_BY_ITSELF]) is None


def test_every_event_of_a_conversation_is_a_timeline_event() -> None:
    assert {*TALK} - {*EVENTS} <= {"links_renewed"}
    assert {*TALK} >= TO_BE_READ | AMONG_US
