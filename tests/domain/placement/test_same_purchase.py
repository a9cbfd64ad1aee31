"""How another order in the shop for the same cart relates to ours, and which orders are of the same person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.placement.same_purchase import (
    MOST_ORDERS,
    RivalStanding,
    by_standing,
    can_be_undone,
    of_the_same_person,
    standing,
)
from tests.builders import CUSTOMER, NOW, a_payment, a_primary_order, an_order
from tests.fakes.ledger import FakeLedger

P, S = PaymentState, PlacementState
ORDER = an_order(ref="FB-OURS", cart_id="basket-1")
PAID, UNPAID, UNSAID, STRAY = RivalStanding.PAID, RivalStanding.UNPAID, RivalStanding.UNSAID, RivalStanding.STRAY


@pytest.fixture
def ledger() -> FakeLedger:
    ledger = FakeLedger()
    ledger.keep(an_order(ref="FB-GIVEN-UP", placement=S.CANCELLED, payment=a_payment(P.VOIDED)))
    ledger.keep(an_order(ref="FB-GIVEN-BACK", placement=S.VERIFIED, payment=a_payment(P.REFUNDED)))
    for name, amount in (("FB-TO-GIVE-BACK", 3093), ("FB-GOODWILL", 500)):
        failed = (Refund("re_1", amount, RefundState.FAILED),)
        ledger.keep(an_order(ref=name, placement=S.VERIFIED, payment=a_payment(P.CAPTURED, refunds=failed)))
    lost = (Concern("du_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, amount=3093),)
    ledger.keep(an_order(ref="FB-LOST", placement=S.VERIFIED, payment=a_payment(P.CAPTURED), concerns=lost))
    ledger.keep(an_order(ref="FB-WANTED", placement=S.VERIFIED))
    ledger.keep(an_order(ref="FB-FREE-NOW", placement=S.VERIFIED, payment=a_payment(P.REFUNDED, amount=0)))
    return ledger


@pytest.mark.parametrize(
    ("there", "is_to_ours"),
    [
        ({"ref": "FB-OURS"}, None),
        ({"cart_id": "basket-2"}, None),
        ({"status": "cancelled"}, None),
        ({"paid": True}, PAID),
        ({"paid": False}, UNPAID),
        ({"paid": None}, UNSAID),
        ({"paid": False, "status": "shipped"}, PAID),
        ({"ref": "FB-GIVEN-UP", "paid": True}, STRAY),
        ({"ref": "FB-WANTED", "paid": None}, PAID),
        ({"ref": "FB-FREE-NOW", "paid": None}, PAID),
        ({"ref": "FB-OF-ANOTHER-LEDGER", "paid": False}, PAID),
        ({"ref": "FB-GIVEN-BACK", "paid": True}, UNSAID),
        ({"ref": "FB-GIVEN-BACK", "paid": False}, UNSAID),
        ({"ref": "FB-TO-GIVE-BACK", "paid": True}, UNSAID),
        ({"ref": "FB-TO-GIVE-BACK", "number": "100077"}, UNPAID),
        ({"ref": "FB-GOODWILL", "paid": True}, PAID),
        ({"ref": "FB-LOST", "paid": True}, UNSAID),
        ({"number": "100077", "paid": None}, UNPAID),
    ],
)
def test_which_of_two_orders_for_one_purchase_gives_way(
    ledger: FakeLedger, there: dict[str, Any], is_to_ours: RivalStanding | None
) -> None:
    order = replace(ORDER, apart=("100077",))
    other = a_primary_order(ORDER, **({"ref": None, "number": "100005"} | there))
    assert standing(other, order, ledger) is is_to_ours


def test_the_first_rival_of_each_standing_counts(ledger: FakeLedger) -> None:
    first, second, unsaid = (a_primary_order(ORDER, ref=None, paid=paid) for paid in (True, True, None))
    assert by_standing([first, second, unsaid], ORDER, ledger) == {PAID: first, UNSAID: unsaid}


@pytest.mark.parametrize(
    ("there", "can", "undone"),
    [
        ({"ref": None}, {"unpaid"}, True),
        ({"ref": None}, {"cancel"}, False),
        ({"ref": "FB-1"}, {"cancel"}, True),
        ({"ref": "FB-1"}, {"unpaid"}, False),
        ({"ref": "FB-1", "status": "shipped"}, {"cancel"}, False),
    ],
)
def test_the_shop_cancels_what_it_serves_and_has_not_sent(there: dict[str, Any], can: set[str], undone: bool) -> None:
    assert can_be_undone(a_primary_order(ORDER, **there), can) is undone


def test_orders_of_one_person_are_known_by_address_or_phone() -> None:
    ledger = FakeLedger()
    phone = "+44 1482 300300"
    order = ledger.keep(an_order(customer=replace(CUSTOMER, phone=phone)))
    same_address = ledger.keep(an_order(customer=CUSTOMER))
    same_phone = ledger.keep(an_order(customer=replace(CUSTOMER, email="other@example.org", phone=phone)))
    ledger.keep(an_order(customer=replace(CUSTOMER, email="another@example.org")))
    assert {each.ref for each in of_the_same_person(order, ledger)} == {same_address.ref, same_phone.ref}
    assert of_the_same_person(replace(order, customer=None), ledger) == []


def test_no_more_are_looked_at_than_a_person_has_in_a_day() -> None:
    ledger = FakeLedger()
    for number in range(MOST_ORDERS + 5):
        ledger.keep(an_order(customer=CUSTOMER, received_at=NOW + timedelta(minutes=number)))
    new = an_order(customer=CUSTOMER)
    assert len(of_the_same_person(new, ledger)) == MOST_ORDERS
