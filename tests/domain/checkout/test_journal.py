"""The ledger takes an order, or the journal of this machine while the ledger takes none."""

from __future__ import annotations

from pathlib import Path

import pytest

from fallback.domain.checkout.journal import Taken, accept
from fallback.domain.errors import TryAgain
from fallback.domain.order.exposure import NO_LIMITS, PayFirst, Terms
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW, a_payment, an_order
from tests.fakes.ledger import FakeLedger

AWAY = TryAgain("Redis does not answer")
UNPAID = an_order(payment=a_payment(PaymentState.NONE))
NEEDS_A_CARD = Terms(unpaid_order={"EUR": 1})


@pytest.fixture
def ledger() -> FakeLedger:
    return FakeLedger()


def a_process(directory: Path) -> DiskJournal:
    return DiskJournal(directory, "demo-shop", Crypto(["the-key-of-the-journal-tests-0123456"]), 2**20)


@pytest.fixture
def journal(tmp_path: Path) -> DiskJournal:
    return a_process(tmp_path)


def entries(journal: DiskJournal) -> int:
    return journal.state().entries


@pytest.mark.parametrize("with_journal", [True, False])
def test_the_ledger_takes_it_on_the_terms_of_the_shop(
    ledger: FakeLedger, journal: DiskJournal, with_journal: bool
) -> None:
    kept = journal if with_journal else None
    assert accept(ledger, kept, UNPAID, "key", "print", NEEDS_A_CARD) == PayFirst(with_card=False)
    accepted = accept(ledger, kept, UNPAID, "key", "print", NO_LIMITS)
    assert isinstance(accepted, Accepted)
    assert ledger.load(UNPAID.ref).ref == UNPAID.ref
    assert (journal.away, entries(journal)) == (False, 0)


def test_without_a_journal_nobody_takes_it_while_the_ledger_is_away(ledger: FakeLedger) -> None:
    ledger.fail_next("accept", AWAY)
    with pytest.raises(TryAgain):
        accept(ledger, None, UNPAID, "key", "print", NO_LIMITS)


def test_the_journal_takes_it_and_the_next_customers_do_not_wait_for_the_ledger(
    ledger: FakeLedger, journal: DiskJournal
) -> None:
    ledger.fail_next("accept", AWAY)
    assert accept(ledger, journal, UNPAID, "key", "print", NO_LIMITS) == Accepted(UNPAID.ref, NOW)
    assert journal.away
    another = an_order()
    assert accept(ledger, journal, another, "key-2", "print", NO_LIMITS) == Accepted(another.ref, NOW)
    assert entries(journal) == 2
    assert ledger.carts == {}, "it was asked once, and by nobody else"


def test_what_is_over_the_limit_of_an_order_the_journal_refuses_too(ledger: FakeLedger, journal: DiskJournal) -> None:
    journal.away = True
    assert accept(ledger, journal, UNPAID, "key", "print", NEEDS_A_CARD) == PayFirst(with_card=False)
    assert entries(journal) == 0


@pytest.mark.parametrize("away", [True, False], ids=["away", "back"])
def test_what_the_journal_has_is_answered_as_the_ledger_would(
    ledger: FakeLedger, journal: DiskJournal, away: bool
) -> None:
    """Also while the ledger is back, and has not got it yet."""
    journal.keep(Taken(UNPAID, "key", "print"))
    journal.look()
    journal.away = away
    again = an_order(cart_id=UNPAID.cart_id)
    assert accept(ledger, journal, again, "key", "print", NO_LIMITS) == Accepted(UNPAID.ref, NOW, replayed=True)
    assert accept(ledger, journal, again, "key", "another print", NO_LIMITS) == KeyReused()
    assert accept(ledger, journal, again, "another key", "print", NO_LIMITS) == CartTaken(UNPAID.ref)
    assert entries(journal) == 1
    assert ledger.carts == {}


def test_once_the_ledger_has_the_order_its_word_counts(ledger: FakeLedger, journal: DiskJournal) -> None:
    """It was replayed and then cancelled; the journal still has it, beside others of its segment."""
    journal.keep(Taken(UNPAID, "key", "print"))
    journal.look()
    ledger.keep(an_order(ref=UNPAID.ref, placement=PlacementState.CANCELLED, payment=a_payment(PaymentState.VOIDED)))
    again = an_order(cart_id=UNPAID.cart_id)
    outcome = accept(ledger, journal, again, "another key", "print", NO_LIMITS)
    assert isinstance(outcome, Accepted)
    assert outcome.ref == again.ref


def test_the_journal_keeps_no_second_order_where_another_process_was_faster(
    ledger: FakeLedger, journal: DiskJournal, tmp_path: Path
) -> None:
    a_process(tmp_path).keep(Taken(UNPAID, "key", "print"))
    ledger.fail_next("accept", AWAY)
    again = an_order(cart_id=UNPAID.cart_id)
    assert accept(ledger, journal, again, "key", "print", NO_LIMITS) == Accepted(UNPAID.ref, NOW, replayed=True)


def test_while_the_journal_is_empty_no_order_waits_for_a_look_into_it(
    ledger: FakeLedger, journal: DiskJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[Taken] = []
    monkeypatch.setattr(journal, "first_of", looks.append)
    accept(ledger, journal, UNPAID, "key", "print", NO_LIMITS)
    assert looks == []
