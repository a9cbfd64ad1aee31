"""What the change of an order announces: that it was taken, is held, and how it ended."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.order.announcements import Sums, What, announced
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order, PaymentState, Placement, PlacementState
from tests.builders import NOW, a_hold, a_payment, an_order

NEW = an_order(version=1)
PLACED, VERIFIED = Placement(state=PlacementState.PLACED), Placement(state=PlacementState.VERIFIED)
CANCELLED = Placement(state=PlacementState.CANCELLED)
HELD = an_order(version=4, holds=(a_hold(HoldCode.MISMATCH),))
CAPTURED, VOIDED = (a_payment(PaymentState.CAPTURED, captured=3093), a_payment(PaymentState.VOIDED))
SETTLED = an_order(version=4, placement=VERIFIED, payment=CAPTURED)


def what(old: Order | None, new: Order) -> What | None:
    said = announced(old, new, NOW)
    return said.what if said else None


def test_a_new_order() -> None:
    said = announced(None, an_order(), NOW)
    assert said is not None
    assert (said.what, said.version, said.id) == ("order.captured", 1, f"{said.ref}.1.captured")


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (HELD, What.HELD),
        (SETTLED, What.SETTLED),
        (an_order(placement=CANCELLED, payment=VOIDED), What.CANCELLED),
        (an_order(placement=Placement(state=PlacementState.MERGED), payment=VOIDED), What.MERGED),
        (an_order(placement=CANCELLED, payment=a_payment(PaymentState.REFUNDED)), What.REFUNDED),
        (an_order(placement=PLACED), None),
        (an_order(payment=a_payment(PaymentState.UNKNOWN)), None),
    ],
)
def test_what_became_of_it(new: Order, expected: What | None) -> None:
    assert what(NEW, new) == expected


def test_what_did_not_change_is_not_announced_again() -> None:
    assert what(SETTLED, replace(SETTLED, owner="Ann")) is None
    assert what(HELD, replace(HELD, owner="Ann")) is None


def test_a_further_reason_to_hold_it_is_announced_and_one_that_is_gone_is_not() -> None:
    both = replace(HELD, holds=(*HELD.holds, a_hold(HoldCode.OUT_OF_STOCK)))
    assert what(HELD, both) is What.HELD
    assert what(both, HELD) is None


def test_held_again_after_it_was_settled() -> None:
    again = replace(SETTLED, holds=(a_hold(HoldCode.PRIMARY_REGRESSED),))
    assert what(SETTLED, again) is What.HELD
    assert what(replace(again, version=5), SETTLED) is What.SETTLED


def test_it_says_the_states_and_sums_of_the_version_that_it_is_about() -> None:
    said = announced(NEW, SETTLED, NOW)
    assert said is not None
    assert (said.version, said.status, said.payment, said.placement) == (
        *(2, Headline.SETTLED, PaymentState.CAPTURED),
        PlacementState.VERIFIED,
    )
    assert said.sums == Sums(SETTLED.total.amount, 3093, 3093, 0)
    assert said.id == f"{SETTLED.ref}.2.settled"


def test_a_drill_is_announced_to_nobody() -> None:
    assert what(None, an_order(drill=True)) is None
    assert what(an_order(drill=True), replace(HELD, drill=True)) is None
