"""What a machine promised while the ledger was away is in the ledger afterwards: once, whatever else came before it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import CancelAsked, Taken
from fallback.domain.errors import TryAgain
from fallback.domain.order.bounded import MOST_FOR_CUSTOMERS
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.exposure import SoldOut
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Event, NoticeKind, Order, PaymentState, Placement, PlacementState, Queue
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.redis.crypto import Crypto
from fallback.usecases.checkout.replay_journal import replay_journal
from tests.builders import NOW, a_payment, an_order, deps
from tests.fakes.bells import FakeBells
from tests.fakes.ledger import FakeLedger

MINUTE = timedelta(minutes=1)
BACK = NOW + 10 * MINUTE
# How an order is that was cancelled and has let go of its basket.
OVER = {"placement": Placement(state=PlacementState.CANCELLED), "payment": a_payment(PaymentState.VOIDED)}


class Machine:
    """Its ledger is back. `second`: which order stands for a ref that was promised for the same purchase."""

    def __init__(self, directory: Path) -> None:
        self.ledger, self.bells = FakeLedger(), FakeBells()
        self.journal, self.other_process = (
            DiskJournal(directory, "demo-shop", Crypto(["the-key-of-the-journal-tests-0123456"]), 2**20)
            for _ in range(2)
        )
        self.second: dict[str, str] = {}

    def promised(self, key: str = "key", body: str = "body", **changes: Any) -> Taken:
        """An order that a customer got a 202 for, which the journal keeps."""
        taken = Taken(to_authorize(**changes), key, body)
        self.keeps(taken)
        return taken

    def cancelled(self, ref: str) -> None:
        self.keeps(CancelAsked(ref, NOW + MINUTE))

    def keeps(self, *entries: Taken | CancelAsked) -> None:
        assert [self.journal.keep(entry) for entry in entries] == [None] * len(entries)

    def replay(self) -> int:
        return replay_journal(
            deps(
                journal=self.journal,
                ledger=self.ledger,
                clock=lambda: BACK,
                second_refs=deps(lead=self.second.__setitem__, first_of=self.second.get),
                ring=self.bells.ring,
            )
        )

    @property
    def left(self) -> int:
        """Entries that are to be given to the ledger later."""
        return self.journal.state().entries

    def first(self, **changes: Any) -> Order:
        """The order that the ledger had for this basket already."""
        return self.ledger.keep(to_authorize(**changes))

    def told(self, ref: str) -> list[Event]:
        return self.ledger.timeline(ref)

    def mails(self, ref: str) -> list[NoticeKind]:
        return [notice.kind for notice in self.ledger.load(ref).notices]


def to_authorize(**changes: Any) -> Order:
    return an_order(**{"cart_id": "basket-1", "payment": a_payment(PaymentState.PENDING)} | changes)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "journal")


def test_the_ledger_has_the_order_as_it_was_promised_and_its_work_begins(machine: Machine) -> None:
    ref = machine.promised().ref
    assert (machine.replay(), machine.left) == (1, 0)
    assert machine.told(ref) == [Event(NOW, "received", "customer"), Event(BACK, "from_journal", "worker")]
    assert machine.ledger.ref_of_cart("basket-1") == ref
    assert set(machine.bells.rung) == {Queue.PAYMENT, Queue.NOTICE}


def test_a_machine_without_a_journal_has_nothing_to_replay() -> None:
    assert replay_journal(deps(journal=None)) == 0


def test_what_was_replayed_already_changes_nothing(machine: Machine) -> None:
    taken = machine.promised()
    machine.replay()
    before = machine.ledger.load(taken.ref), machine.told(taken.ref)
    machine.keeps(taken)
    machine.replay()
    assert (machine.ledger.load(taken.ref), machine.told(taken.ref)) == before
    assert (machine.second, machine.left) == ({}, 0)


@pytest.mark.parametrize("over", [{}, OVER], ids=["its basket is taken", "its basket is free again"])
def test_an_order_that_the_ledger_has_had_for_so_long_that_its_key_is_forgotten_stays_as_it_is(
    machine: Machine, over: dict[str, Any]
) -> None:
    taken = machine.promised()
    there = machine.ledger.keep(to_authorize(ref=taken.ref, **over))
    assert (machine.ledger.ref_of_cart("basket-1") is None) == bool(over)
    machine.replay()
    assert (machine.ledger.refs(), machine.ledger.load(taken.ref)) == ([taken.ref], there)
    assert (machine.told(taken.ref), machine.second, machine.left) == ([], {}, 0)


def test_a_ref_that_another_order_got_meanwhile_is_drawn_anew(machine: Machine) -> None:
    ref = machine.promised().ref
    theirs = machine.ledger.keep(to_authorize(ref=ref, cart_id="basket-2"))
    machine.replay()
    new = machine.ledger.ref_of_cart("basket-1")
    assert new
    assert (machine.ledger.load(ref), machine.ledger.load(new).ref) == (theirs, new)
    assert (set(machine.bells.rung), machine.left) == ({Queue.PAYMENT, Queue.NOTICE}, 0)


def test_a_key_that_another_request_had_too_costs_no_order(machine: Machine) -> None:
    machine.ledger.accept(to_authorize(cart_id="basket-2"), "key", "another body")
    taken = machine.promised()
    for _ in range(2):
        machine.replay()
        machine.keeps(taken)
    assert machine.ledger.ref_of_cart("basket-1") == taken.ref
    assert len(machine.ledger.refs()) == 2
    assert isinstance(machine.ledger.replay("key", "another body"), Accepted)


def test_keys_that_others_made_of_a_ref_that_they_know_stop_no_replay(machine: Machine) -> None:
    taken = machine.promised()
    for number, key in enumerate(("key", f"key {taken.ref}", f"key {taken.ref} {taken.ref}")):
        machine.ledger.accept(to_authorize(cart_id=f"other-{number}"), key, "another body")
    assert (machine.replay(), machine.left) == (1, 0)
    assert machine.ledger.ref_of_cart("basket-1") == taken.ref


# --- one basket, two promises


def test_a_second_promise_leads_to_the_order_that_was_first_whose_customer_is_told_once(machine: Machine) -> None:
    first = machine.first().ref
    taken = machine.promised()
    for _ in range(2):
        assert machine.replay() == 1
        machine.keeps(taken)
    assert machine.second == {taken.ref: first}
    assert machine.told(first) == [Event(BACK, "ordered_twice", "customer", {"ref": taken.ref})]
    assert machine.mails(first) == [NoticeKind.ORDERED_TWICE]
    assert machine.bells.rung == [Queue.NOTICE]
    assert machine.ledger.refs() == [first]


def test_two_second_promises_are_two_events(machine: Machine) -> None:
    first = machine.first().ref
    refs = set()
    for key in ("one", "other"):
        refs.add(machine.promised(key).ref)
        machine.replay()
    assert {event.data["ref"] for event in machine.told(first)} == set(machine.second) == refs


def test_who_repeated_a_request_that_had_no_answer_hears_nothing_new(machine: Machine) -> None:
    first = to_authorize()
    machine.ledger.accept(first, "key", "body")
    second = machine.promised().ref
    machine.replay()
    assert (machine.second, machine.mails(first.ref)) == ({second: first.ref}, [])
    assert [event.what for event in machine.told(first.ref)] == ["received", "ordered_twice"]


def test_a_second_promise_for_an_order_whose_customer_is_erased_writes_to_nobody(machine: Machine) -> None:
    first = machine.first(customer=None).ref
    second = machine.promised().ref
    machine.replay()
    assert (machine.second, machine.mails(first), machine.left) == ({second: first}, [], 0)


def test_a_second_promise_does_not_come_back_when_the_first_order_is_cancelled(machine: Machine) -> None:
    first = machine.first()
    taken = machine.promised()
    machine.replay()
    told = machine.ledger.load(first.ref)
    machine.ledger.commit(told, replace(told, **OVER), [])
    machine.keeps(taken)  # an entry that cannot be taken keeps others of its segment, and they are given again
    machine.replay()
    assert (machine.ledger.refs(), machine.second, machine.left) == ([first.ref], {taken.ref: first.ref}, 0)


@pytest.mark.parametrize("told", [False, True])
def test_a_process_that_dies_about_a_second_promise_leaves_to_the_next_what_is_left(
    machine: Machine, told: bool
) -> None:
    first, taken = machine.first().ref, machine.promised()
    machine.ledger.fail_next("commit", TryAgain("away"), told)
    with pytest.raises(TryAgain):
        machine.replay()
    machine.replay()
    assert (machine.second, machine.mails(first)) == ({taken.ref: first}, [NoticeKind.ORDERED_TWICE])


def test_a_second_promise_for_an_order_that_has_room_for_no_event_leads_to_it_all_the_same(machine: Machine) -> None:
    first = machine.first()
    for _ in range(MOST_FOR_CUSTOMERS):
        first = machine.ledger.commit(first, first, [])
    taken = machine.promised()
    assert (machine.replay(), machine.left, machine.second) == (1, 0, {taken.ref: first.ref})


@pytest.mark.parametrize("key", ["key", "another key"])
def test_an_order_that_was_undone_days_ago_is_no_second_promise_for_what_was_bought_since(
    machine: Machine, key: str
) -> None:
    undone = machine.promised().ref
    machine.ledger.keep(to_authorize(ref=undone, **OVER))
    since = to_authorize()
    machine.ledger.accept(since, key, "body")
    machine.replay()
    assert (machine.second, machine.mails(since.ref), machine.left) == ({}, [], 0)
    assert [event.what for event in machine.told(since.ref)] == ["received"]


# --- cancelled before the ledger knew of it


def test_an_order_that_the_customer_cancelled_in_the_journal_is_cancelled_in_the_ledger(machine: Machine) -> None:
    ref = machine.promised().ref
    machine.cancelled(ref)
    assert (machine.replay(), machine.left) == (2, 0)
    assert headline(machine.ledger.load(ref)) is Headline.CANCELLED
    assert Event(BACK, "cancel_asked", "customer") in machine.told(ref)
    assert machine.bells.rung[-2:] == [Queue.PAYMENT, Queue.PLACEMENT]


def test_a_cancellation_waits_for_its_order_that_another_process_still_has(machine: Machine) -> None:
    taken = Taken(to_authorize(), "key", "body")
    machine.other_process.keep(taken)
    machine.cancelled(taken.ref)
    assert (machine.replay(), machine.left) == (0, 2)


def test_a_cancellation_waits_until_the_key_of_its_order_is_back(machine: Machine, tmp_path: Path) -> None:
    old, new = "an-older-key-of-the-journal-tests-01", "the-key-of-the-journal-tests-0123456"
    before, rotating, back = (
        DiskJournal(tmp_path / "journal", "demo-shop", Crypto(keys), 2**20) for keys in ([old], [new, old], [new, old])
    )
    taken = Taken(to_authorize(), "key", "body")
    for journal, entry in ((before, taken), (rotating, CancelAsked(taken.ref, NOW + MINUTE))):
        journal.keep(entry)
        journal.replay(lambda _: False)
    assert (machine.replay(), machine.left) == (0, 1)
    machine.journal = back
    assert (machine.replay(), machine.left) == (2, 0)
    assert headline(machine.ledger.load(taken.ref)) is Headline.CANCELLED


def test_a_cancellation_of_an_order_that_nobody_has_is_for_the_log(machine: Machine) -> None:
    machine.cancelled("FB-7K3M-92QX-5")
    with capture_logs() as logs:
        assert (machine.replay(), machine.left) == (1, 0)
    assert {"event": "cancelled_order_missing", "ref": "FB-7K3M-92QX-5", "log_level": "error"} in logs


def test_who_cancels_a_second_promise_cancels_the_purchase(machine: Machine) -> None:
    first = machine.first(received_at=NOW + MINUTE).ref  # at the moment of the cancellation
    machine.cancelled(machine.promised().ref)
    machine.replay()
    assert headline(machine.ledger.load(first)) is Headline.CANCELLED


def test_who_ordered_again_since_keeps_that_order(machine: Machine) -> None:
    again = machine.first(received_at=NOW + 2 * MINUTE)
    machine.cancelled(machine.promised().ref)
    assert (machine.replay(), machine.left) == (2, 0)
    assert headline(machine.ledger.load(again.ref)) is headline(again)


@pytest.mark.parametrize(
    "over",
    [OVER, {"cancel_asked": False}, {"placement": Placement(state=PlacementState.MERGED)}],
    ids=["undone", "the purchase stands after all", "the shop has another order of it"],
)
def test_who_ordered_again_while_the_order_before_is_being_undone_is_kept_until_that_is_decided(
    machine: Machine, over: dict[str, Any]
) -> None:
    first = machine.first(placement=PlacementState.VERIFIED, payment=a_payment(PaymentState.CAPTURED)).ref
    second = machine.promised("second").ref
    machine.cancelled(second)
    again = machine.promised("third", received_at=NOW + 2 * MINUTE).ref
    assert (machine.replay(), machine.second, machine.left) == (2, {second: first}, 3)
    asked = machine.ledger.load(first)
    assert asked.cancel_asked
    machine.ledger.commit(asked, replace(asked, **over), [])
    machine.replay()
    leads = {} if over is OVER else {again: first}
    assert (machine.second, machine.left) == ({second: first} | leads, 0)
    assert machine.ledger.ref_of_cart("basket-1") == (first if leads else again)


FAILED = Refund("re_1", 3093, RefundState.FAILED)
LOST = Concern("dp_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, 3093)
# The shop has an order whose money is to go back: by a refund that failed, and so it has its basket again.
TO_GIVE_BACK = {"placement": PlacementState.VERIFIED, "payment": a_payment(PaymentState.CAPTURED, refunds=(FAILED,))}
GIVEN_BACK = a_payment(PaymentState.REFUNDED, refunds=(FAILED,))


def test_who_ordered_again_after_a_refund_is_kept_until_a_person_has_decided_how_the_money_goes_back(
    machine: Machine,
) -> None:
    first = machine.first(**TO_GIVE_BACK)
    again = machine.promised().ref
    assert (machine.replay(), machine.second, machine.left) == (0, {}, 1)
    machine.ledger.commit(first, replace(first, payment=GIVEN_BACK), [])
    assert (machine.replay(), machine.second, machine.left) == (1, {}, 0)
    assert machine.ledger.ref_of_cart("basket-1") == again


@pytest.mark.parametrize(
    "stays",
    [
        {"placement": Placement(state=PlacementState.MERGED)},
        {"concerns": (LOST,)},
        {"payment": a_payment(PaymentState.REFUNDED, amount=0)},
    ],
    ids=["the shop has another order of it", "the bank took the money back", "it costs nothing since a change"],
)
def test_an_order_that_keeps_its_basket_without_money_stands_for_the_second_promise(
    machine: Machine, stays: dict[str, Any]
) -> None:
    first = machine.first(**TO_GIVE_BACK | stays).ref
    again = machine.promised().ref
    assert (machine.replay(), machine.second, machine.left) == (1, {again: first}, 0)


def test_what_the_shop_has_in_another_order_is_left_to_the_shop(machine: Machine) -> None:
    merged = machine.first(placement=PlacementState.MERGED)
    machine.cancelled(machine.promised().ref)
    assert (machine.replay(), machine.left) == (2, 0)
    assert not machine.ledger.load(merged.ref).cancel_asked


def test_a_purchase_that_stands_after_all_is_not_cancelled_again(machine: Machine) -> None:
    """The goods had left, and an agent agreed with the customer that they keep them."""
    first = machine.first(placement=PlacementState.VERIFIED)
    second = machine.promised().ref
    machine.cancelled(second)
    machine.replay()
    asked = machine.ledger.load(first.ref)
    assert asked.cancel_asked
    machine.ledger.commit(asked, replace(asked, cancel_asked=False), [])
    machine.cancelled(second)  # the same entry: another one keeps its segment in the journal
    assert (machine.replay(), machine.left) == (1, 0)
    assert not machine.ledger.load(first.ref).cancel_asked


# --- never lost


def test_an_order_that_a_ledger_refuses_against_its_word_stays_in_the_journal(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.promised()
    with monkeypatch.context() as patch:
        patch.setattr(machine.ledger, "accept", lambda *_: SoldOut({"BK-1": 0}))
        assert (machine.replay(), machine.left) == (0, 1)
