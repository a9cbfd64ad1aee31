"""What open orders take of the stock, and what is not authorized: counted in memory and in Redis alike."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.cart import Line
from fallback.domain.order.exposure import Exposure, PayFirst, SoldOut, Terms, WhenSoldOut
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused
from fallback.domain.order.order import Event, Order, Payment, PaymentState
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.placement import placement
from fallback.ledger.incident.exposures import RedisExposures
from tests.builders import NOW
from tests.fakes.exposures import FakeExposures
from tests.fakes.ledger import FakeLedger
from tests.ledger.world import a_new_order

REFUSE, LATE = Terms(WhenSoldOut.REFUSE), Terms(WhenSoldOut.LATE)
LAMP = Line("LP/7 'Ω'", "Lamp", 1, 495)


@pytest.fixture
def exposures(house: Container) -> RedisExposures | FakeExposures:
    return cast(RedisExposures | FakeExposures, house.exposures)


def for_books(quantity: int, available: int | None, *more: Line) -> Order:
    return a_new_order(lines=(Line("BK-1", "Book", quantity, 1299, available=available), *more))


def sent(house: Container, order: Order, terms: Terms = REFUSE) -> Accepted | KeyReused | CartTaken | SoldOut:
    return house.ledger.accept(order, f"key-{order.ref}", "print", terms)


def cancelled(house: Container, ref: str) -> None:
    order = house.ledger.load(ref)
    undone = placement.ask_to_cancel(order, NOW, "customer")
    house.ledger.commit(order, undone.order, undone.events)


def switched(house: Container, mode: Mode) -> None:
    house.modes.switch(ModeState(mode, NOW, "Ada", "the shop is down"))


def test_no_more_pieces_are_taken_than_the_shop_had(house: Container) -> None:
    assert isinstance(sent(house, for_books(2, 5)), Accepted)
    assert isinstance(sent(house, for_books(2, 5)), Accepted)
    refused = for_books(2, 5)
    assert sent(house, refused) == SoldOut({"BK-1": 1})
    assert house.ledger.ref_of_cart(refused.cart_id) is None
    assert house.ledger.replay(f"key-{refused.ref}", "print") is None
    assert isinstance(sent(house, for_books(1, 5)), Accepted)
    assert sent(house, for_books(1, 5)) == SoldOut({"BK-1": 0})
    assert house.exposures.read().refused == {"sold_out": 2}


def test_each_sku_that_does_not_suffice_is_named_with_what_is_left(house: Container) -> None:
    lamp = replace(LAMP, quantity=3, available=2)
    assert sent(house, for_books(2, 1, lamp)) == SoldOut({"BK-1": 1, LAMP.sku: 2})
    assert sent(house, for_books(2, 2, lamp)) == SoldOut({LAMP.sku: 2})


def test_the_lines_of_one_sku_are_counted_together(house: Container) -> None:
    assert sent(house, for_books(2, 3, Line("BK-1", "Book, as a gift", 2, 1299, available=3))) == SoldOut({"BK-1": 3})


def test_what_the_shop_does_not_count_is_taken_and_not_counted(house: Container) -> None:
    for _ in range(3):
        assert isinstance(sent(house, for_books(1, None, replace(LAMP, available=9))), Accepted)
    assert isinstance(sent(house, for_books(1, 1)), Accepted)


def test_a_shop_that_delivers_later_gets_the_order_marked(house: Container) -> None:
    sent(house, for_books(2, 2), LATE)
    order = for_books(2, 2, replace(LAMP, quantity=2, available=1), Line("CUP", "Cup", 1, 5, available=1))
    answer = sent(house, order, LATE)
    assert isinstance(answer, Accepted)
    assert answer.late == ("BK-1", LAMP.sku)
    assert house.ledger.load(order.ref) == replace(order, version=1, late=("BK-1", LAMP.sku))
    assert Event(NOW, "may_be_late", "worker") in house.ledger.timeline(order.ref)
    assert house.exposures.read().late == 1
    cancelled(house, order.ref)
    assert house.exposures.read().late == 0


@pytest.mark.parametrize("terms", [REFUSE, LATE])
def test_a_request_that_is_sent_again_is_counted_once(house: Container, terms: Terms) -> None:
    order = for_books(2, 4)
    for _ in range(3):
        assert isinstance(sent(house, order, terms), Accepted)
    assert isinstance(sent(house, for_books(2, 4), REFUSE), Accepted)
    assert sent(house, for_books(1, 4), REFUSE) == SoldOut({"BK-1": 0})


def test_a_cancelled_order_gives_its_pieces_back_once(house: Container) -> None:
    first = for_books(2, 2)
    sent(house, first)
    assert sent(house, for_books(1, 2)) == SoldOut({"BK-1": 0})
    cancelled(house, first.ref)
    gone = house.ledger.load(first.ref)
    house.ledger.commit(gone, replace(gone, released=True), [])
    assert sent(house, for_books(3, 2)) == SoldOut({"BK-1": 2})
    assert isinstance(sent(house, for_books(2, 2)), Accepted)


def test_a_line_that_is_left_out_gives_its_pieces_back(house: Container) -> None:
    order = for_books(2, 2)
    sent(house, order)
    stands = house.ledger.load(order.ref)
    house.ledger.commit(stands, replace(stands, lines=(replace(stands.lines[0], quantity=1),)), [])
    assert sent(house, for_books(2, 2)) == SoldOut({"BK-1": 1})


def test_a_drill_takes_nothing(house: Container) -> None:
    sent(house, replace(for_books(2, 2), drill=True))
    assert house.exposures.read() == Exposure()
    assert isinstance(sent(house, for_books(2, 2)), Accepted)


def test_what_is_not_authorized_is_summed_by_currency(house: Container) -> None:
    order = a_new_order()
    sent(house, order)
    sent(house, a_new_order(currency="CHF"))
    assert house.exposures.read() == Exposure(NOW, {"EUR": 3093, "CHF": 3093})
    stands = house.ledger.load(order.ref)
    paid = replace(stands.payment, state=PaymentState.AUTHORIZED, authorized=3093)
    house.ledger.commit(stands, replace(stands, payment=paid), [])
    assert house.exposures.read().open == {"CHF": 3093}


def test_the_counts_begin_anew_once_nothing_is_wrong_any_more(house: Container) -> None:
    first = for_books(2, 2)
    sent(house, first)
    assert house.exposures.end()
    assert house.exposures.read() == Exposure()
    cancelled(house, first.ref)  # it is not in the new counts, and gives nothing back to them
    later = replace(for_books(2, 2), received_at=NOW + timedelta(minutes=1))
    assert isinstance(sent(house, later), Accepted)
    assert sent(house, for_books(1, 2)) == SoldOut({"BK-1": 0})
    assert house.exposures.read().since == later.received_at


def test_the_counts_do_not_end_while_we_serve(house: Container, exposures: RedisExposures | FakeExposures) -> None:
    sent(house, for_books(2, 2))
    for mode in (Mode.ACTIVE, Mode.DRAINING):
        switched(house, mode)
        assert not exposures.end()
        assert sent(house, for_books(1, 2)) == SoldOut({"BK-1": 0})
    switched(house, Mode.STANDBY)
    assert exposures.end()


# --- limits


def unpaid(amount: int, with_card: bool = False, currency: str = "EUR") -> Order:
    state = PaymentState.PENDING if with_card else PaymentState.NONE
    return a_new_order(payment=Payment(amount=amount, state=state), currency=currency)


ONE, ALL = Terms(unpaid_order={"EUR": 5_000}), Terms(unpaid_incident={"EUR": 9_000})


def provider_answers(house: Container, answers: bool) -> None:
    if isinstance(house.ledger, FakeLedger):
        house.ledger.provider_answers = answers
    else:
        house.observations.note_provider(answers)


def test_an_order_above_the_limit_of_one_needs_a_card(house: Container) -> None:
    assert isinstance(sent(house, unpaid(5_000), ONE), Accepted)
    refused = unpaid(5_001)
    assert sent(house, refused, ONE) == PayFirst(with_card=False)
    assert house.ledger.ref_of_cart(refused.cart_id) is None
    assert isinstance(sent(house, unpaid(5_001, with_card=True), ONE), Accepted)
    assert isinstance(sent(house, unpaid(5_001, currency="CHF"), ONE), Accepted)
    assert house.exposures.read().refused == {"pay_first": 1}


def test_all_that_is_not_authorized_stays_within_the_limit(house: Container) -> None:
    first = unpaid(4_000)
    sent(house, first, ALL)
    assert isinstance(sent(house, unpaid(4_000, with_card=True), ALL), Accepted)
    assert sent(house, unpaid(1_001), ALL) == PayFirst(with_card=False)
    assert isinstance(sent(house, unpaid(1_001, with_card=True), ALL), Accepted)
    assert isinstance(sent(house, unpaid(0), ALL), Accepted)
    cancelled(house, first.ref)
    assert house.exposures.read().open == {"EUR": 5_001}
    assert isinstance(sent(house, unpaid(3_999), ALL), Accepted)


@pytest.mark.parametrize("terms", [ONE, ALL])
def test_a_card_is_not_enough_while_nobody_can_charge_it(house: Container, terms: Terms) -> None:
    provider_answers(house, False)
    assert isinstance(sent(house, unpaid(4_500, with_card=True), terms), Accepted)
    assert sent(house, unpaid(5_001, with_card=True), terms) == PayFirst(with_card=True)
    provider_answers(house, True)
    assert isinstance(sent(house, unpaid(5_001, with_card=True), terms), Accepted)


def test_a_drill_has_no_limit(house: Container) -> None:
    assert isinstance(sent(house, replace(unpaid(5_001), drill=True), ONE), Accepted)
