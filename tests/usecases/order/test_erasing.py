"""Personal data is erased from each order of who asks for it, and from those that were over for long enough."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.errors import Damaged
from fallback.domain.order.erasing import Erased, StillOpen, kept_since
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Order, PaymentState, PlacementState
from fallback.usecases.order.erase_customer import erase_customer
from fallback.usecases.order.erase_overdue import erase_overdue
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order, deps
from tests.fakes.ledger import FakeLedger

MONTH = timedelta(days=30)


class House:
    """Its clock is at NOW, and its ledger has finished orders. `forgotten`: the words whose texts were deleted."""

    def __init__(self) -> None:
        self.ledger = FakeLedger()
        self.forgotten: set[str] = set()
        self.clocks_agree = True

    def order(self, **changes: Any) -> Order:
        settled = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
        return self.ledger.keep(an_order(**(settled | changes)))

    def overdue(self, before: Any, most: int) -> list[str]:
        kept = {ref: kept_since(self.ledger.load(ref)) for ref in self.ledger.refs()}
        return [ref for ref, since in kept.items() if since and since <= before][:most]

    def forget(self, words: Iterable[str]) -> int:
        self.forgotten |= set(words)
        return 3

    @property
    def deps(self) -> Any:
        return deps(
            ledger=self.ledger,
            personal=self,
            clock=lambda: NOW,
            clocks_agree=lambda: self.clocks_agree,
            keep_personal_for=MONTH,
        )

    def who_is_known(self, orders: list[Order]) -> list[bool]:
        return [self.ledger.load(order.ref).customer is not None for order in orders]


@pytest.fixture
def house() -> House:
    return House()


# --- who asks for it


def test_who_asks_is_erased_from_each_of_their_orders_and_from_texts_that_name_them(house: House) -> None:
    theirs = [house.order() for _ in range(101)]
    other = house.order(customer=replace(CUSTOMER, email="ada@example.org"))
    erased = erase_customer(house.deps, CUSTOMER.email, "Ida")
    assert erased == Erased(tuple(order.ref for order in reversed(theirs)), 3)
    assert house.who_is_known([*theirs, other]) == [False] * 101 + [True]
    assert {CUSTOMER.name, CUSTOMER.email} <= house.forgotten
    assert house.ledger.timeline(theirs[0].ref) == [Event(NOW, "erased", "Ida")]


def test_while_one_of_their_orders_is_open_nothing_is_erased_and_that_one_is_named(house: House) -> None:
    over, open_ = house.order(), house.order(holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),))
    with pytest.raises(StillOpen) as refused:
        erase_customer(house.deps, CUSTOMER.email, "Ida")
    assert refused.value.refs == (open_.ref,)
    assert (house.who_is_known([over, open_]), house.forgotten) == ([True, True], set())


# --- what is over for long enough


def test_an_order_that_was_over_for_a_month_is_erased_by_the_worker_and_a_later_one_is_not(house: House) -> None:
    old, later = house.order(received_at=NOW - MONTH), house.order(received_at=NOW - MONTH + timedelta(seconds=1))
    erase_overdue(house.deps)
    assert house.who_is_known([old, later]) == [False, True]
    assert house.ledger.timeline(old.ref) == [Event(NOW, "erased", "worker")]


def test_a_clock_that_may_be_wrong_erases_nothing(house: House) -> None:
    old = house.order(received_at=NOW - MONTH)
    house.clocks_agree = False
    erase_overdue(house.deps)
    assert house.who_is_known([old]) == [True]


def test_an_order_that_cannot_be_read_is_logged_and_the_others_are_erased(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = [house.order(received_at=NOW - MONTH) for _ in range(2)]
    monkeypatch.setattr(house, "overdue", lambda before, most: [order.ref for order in old])
    house.ledger.fail_next("load", Damaged(old[0].ref))
    with capture_logs() as logs:
        erase_overdue(house.deps)
    assert [(line["event"], line["kind"]) for line in logs] == [("entry_failed", "order")]
    assert house.who_is_known(old) == [True, False]


def test_an_order_whose_customer_asks_something_at_this_moment_is_open_again_and_that_is_no_failure(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = house.order(received_at=NOW - MONTH, holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),))
    monkeypatch.setattr(house, "overdue", lambda before, most: [asked.ref])
    with capture_logs() as logs:
        erase_overdue(house.deps)
    assert (house.who_is_known([asked]), logs) == ([True], [])
