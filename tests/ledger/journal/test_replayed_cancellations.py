"""A journalled order that its customer cancels: one purchase is undone, and a later one stays."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import CancelAsked
from fallback.domain.order.ledger import Accepted, CartTaken
from fallback.domain.order.lifecycle import Headline, headline
from fallback.usecases.order.cancel_order import cancel_order
from tests.builders import NOW
from tests.ledger.journal.replaying import Machine, closed, orders, replayed, replayed_and_left


@pytest.mark.parametrize("where", ["same", "another"])
def test_a_cancelled_order_of_the_journal_is_cancelled_in_the_ledger(machine: Machine, where: str) -> None:
    away = machine()
    ref = orders(away).ref
    asks = away if where == "same" else machine()
    assert asks.journal
    asks.journal.keep(CancelAsked(ref, NOW))
    built = replayed(machine, asks, away)
    assert headline(built.ledger.load(ref)) is Headline.CANCELLED


def test_a_cancellation_waits_for_its_order(machine: Machine) -> None:
    away, asks, built = machine(), machine(), machine(there=True)
    ref = orders(away).ref
    assert asks.journal
    assert built.journal
    asks.journal.keep(CancelAsked(ref, NOW))
    closed(asks)
    tend(built)
    assert built.journal.state().entries == 2
    assert headline(replayed(machine, away).ledger.load(ref)) is Headline.CANCELLED


def test_a_second_promise_is_cancelled_with_the_purchase(machine: Machine) -> None:
    first, away = orders(machine(there=True)).ref, machine()
    second = orders(away, "another key").ref
    assert away.journal
    away.journal.keep(CancelAsked(second, NOW))
    assert headline(replayed(machine, away).ledger.load(first)) is Headline.CANCELLED


def test_who_orders_again_after_a_cancellation_keeps_the_new_order(machine: Machine) -> None:
    """It reaches Redis before the journal does."""
    away, back = machine(), machine(there=True)
    cancelled = orders(away).ref
    assert away.journal
    away.journal.keep(CancelAsked(cancelled, NOW))
    tend(back)
    back.clock = lambda: NOW + timedelta(seconds=1)
    again = orders(back, "another key").ref
    built = replayed(machine, away)
    assert built.ledger.ref_of_cart("basket-1") == again != cancelled
    assert headline(built.ledger.load(again)) is not Headline.CANCELLED


def test_who_cancels_what_was_replayed_orders_again_while_the_journal_still_has_it(machine: Machine) -> None:
    """Others of its segment are still to be replayed, or one of them fails."""
    built, ref = replayed_and_left(machine)
    assert built.journal
    built.journal.look()
    assert orders(built, "another key") == CartTaken(ref)
    cancel_order(built, ref, "customer")
    again = orders(built, "another key")
    assert isinstance(again, Accepted)
    assert built.ledger.ref_of_cart("basket-1") == again.ref != ref


def test_a_cancelled_order_that_was_replayed_before_does_not_come_back(machine: Machine) -> None:
    away = machine()
    ref = orders(away).ref
    closed(away)
    [segment] = Path(away.config.journal.directory).glob("*.segment")
    written = segment.read_bytes()
    built = replayed(machine)
    cancel_order(built, ref, "customer")
    segment.write_bytes(written)
    for key in built.redis.scan_iter("key:*"):
        built.redis.delete(key)  # two days have passed
    assert headline(replayed(machine).ledger.load(ref)) is Headline.CANCELLED
