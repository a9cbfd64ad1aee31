"""Search orders by what a person has at hand, read out on the phone or copied from a mail."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.order.grants import Refund, RefundState
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.order.refs import groups, parse_ref
from fallback.ledger.order.search import Search
from tests.builders import a_payment
from tests.fakes.views import FakeSearch
from tests.ledger.world import IRIS, a_new_order, accepted

REF = "FB-7K3M-92QX-N"
SAME_GROUP = "FB-92QX-7K3M-H"
LIKE_ALL = "FB-22FB-FB11-3"


@pytest.fixture
def search(house: Container) -> Search | FakeSearch:
    return house.search


@pytest.fixture
def ledger(house: Container) -> Ledger:
    return house.ledger


def kept(ledger: Ledger, ref: str | None = None, **changes: object) -> Order:
    return accepted(ledger, a_new_order(**({"ref": ref} if ref else {}), **changes))


def found(search: Search | FakeSearch, text: str, **limits: int) -> list[str]:
    return [order.ref for order in search.find(text, **limits).rows]


def test_the_refs_of_these_tests_are_refs() -> None:
    assert [parse_ref(ref) for ref in (REF, SAME_GROUP, LIKE_ALL)] == [REF, SAME_GROUP, LIKE_ALL]


# --- by ref


@pytest.mark.parametrize("spoken", [REF, "fb 7k3m 92qx n", " fb7k3m92qxn ", "FB-7K3M-92QX-n"])
def test_a_ref_names_its_order(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    kept(ledger, REF)
    assert found(search, spoken) == [REF]


@pytest.mark.parametrize(
    "spoken",
    [
        *("7K3M", "7k3m", "fb-7k3m", "7K3M 9", "7k3m-92qx", "92QX", "92qx n", "92QXN", "7K3M 92QX N"),
        *("7K3", "fb 7k3", "92q", "92 q", "7k3m 92q", "7 K 3 M", "7K3M\u201392Q"),
    ],
)
def test_half_a_ref_is_enough(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    kept(ledger, REF)
    kept(ledger)
    assert found(search, spoken) == [REF]


def test_letters_that_look_like_digits_are_forgiven(search: Search | FakeSearch, ledger: Ledger) -> None:
    order = kept(ledger)
    for group in groups(order.ref):
        spoken = group.replace("0", "o").replace("1", "l").replace("V", "u")
        assert order.ref in found(search, spoken)


@pytest.mark.parametrize("spoken", ["7K", "K3M", "K3M9", "2QXN", "7K3N", "92QY", "7K3M 92QX NN", "7K3M!"])
def test_what_no_group_begins_with_finds_nothing(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    kept(ledger, REF)
    assert found(search, spoken) == []


def test_a_group_may_be_the_first_or_the_second(search: Search | FakeSearch, ledger: Ledger) -> None:
    kept(ledger, REF)
    kept(ledger, SAME_GROUP)
    assert found(search, "7K3M") == [SAME_GROUP, REF]
    assert found(search, "7K3M 92QX") == [REF]


@pytest.mark.parametrize("spoken", ["fb11", "FB11-3", "FB-FB11", "fb-22fb", "22FB FB1"])
def test_a_group_may_begin_as_every_ref_does(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    kept(ledger, LIKE_ALL)
    kept(ledger)
    assert found(search, spoken) == [LIKE_ALL]


@pytest.mark.parametrize(
    "misheard", ["FB-7K3M-92QX-5", "FB-7K3M-92QY-N", "FB-7K3N-92QX-N", "7K3M 92RX", "7K3N 92Q", "7K3N 92QX 5"]
)
def test_a_letter_that_was_misheard_leads_to_those_that_share_a_group(
    search: Search | FakeSearch, ledger: Ledger, misheard: str
) -> None:
    kept(ledger, REF)
    kept(ledger)
    assert found(search, misheard) == [REF]


def test_a_ref_that_nobody_has_is_not_there(search: Search | FakeSearch, ledger: Ledger) -> None:
    kept(ledger, REF)
    assert found(search, SAME_GROUP) == []


# --- by person


def test_an_address_finds_all_orders_of_a_person_newest_first(search: Search | FakeSearch, ledger: Ledger) -> None:
    first, second = kept(ledger), kept(ledger)
    kept(ledger, customer=replace(IRIS, email="other@example.org"))
    assert found(search, " IRIS.murdoch@example.org ") == [second.ref, first.ref]
    assert found(search, "iris@example.org") == []


def test_a_limited_search_returns_the_newest_orders(search: Search | FakeSearch, ledger: Ledger) -> None:
    orders = [kept(ledger).ref for _ in range(4)]
    assert found(search, IRIS.email, limit=2) == orders[:1:-1]


@pytest.mark.parametrize("spoken", ["+44 1482 300300", "+441482300300", "0044 1482/300-300", "+44 (1482) 300.300"])
def test_a_phone_number_finds_a_person(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    order = kept(ledger)
    kept(ledger, customer=replace(IRIS, phone=None))
    assert found(search, spoken) == [order.ref]


MOBILE = "+49 151 23450004"
GERMAN = replace(IRIS, phone=MOBILE, address=replace(IRIS.address, country="DE"))


@pytest.mark.parametrize("typed", [MOBILE, "0049 151 23450004", "0151 23450004", "0151-234-50004", "49 151 23450004"])
@pytest.mark.parametrize(
    "spoken",
    [
        *("+4915123450004", "0049 151 23450004", "0151 23450004", "0151/234 500 04", "(0151) 23450004"),
        *(
            "\u202a+49 151 23450004\u202c",
            "+49\u00a0151\u00a023450004",
            "0151\u201323450004",
            "０１５１ ２３４５０００４",
        ),
    ],
)
def test_a_phone_number_is_found_in_any_spelling(
    search: Search | FakeSearch, ledger: Ledger, typed: str, spoken: str
) -> None:
    order = kept(ledger, customer=replace(GERMAN, phone=typed))
    assert found(search, spoken) == [order.ref]


def test_a_short_number_is_found_with_and_without_its_country(search: Search | FakeSearch, ledger: Ledger) -> None:
    order = kept(ledger, customer=replace(GERMAN, phone="+49 30 12345"))
    assert found(search, "030 12345") == found(search, "0049 30/12345") == [order.ref]


@pytest.mark.parametrize("spoken", ["0160 23450004", "+44 151 23450004", "+49 151 99450004"])
def test_a_number_that_only_ends_so_is_anothers(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    kept(ledger, customer=GERMAN)
    assert found(search, spoken) == []


# --- by cart and by the shop's number


def test_a_cart_finds_its_order_and_those_that_were_undone(search: Search | FakeSearch, ledger: Ledger) -> None:
    first = kept(ledger, cart_id="basket-17")
    undone = replace(
        first,
        placement=Placement(state=PlacementState.CANCELLED),
        payment=Payment(amount=3093, state=PaymentState.VOIDED),
    )
    ledger.commit(first, undone, [])
    assert found(search, "basket-17") == [first.ref]
    second = kept(ledger, cart_id="basket-17")
    assert found(search, "basket-17") == [second.ref, first.ref]


def test_a_cart_finds_an_order_whose_refund_came_back_beside_the_one_that_took_the_cart(
    search: Search | FakeSearch, ledger: Ledger
) -> None:
    first = kept(ledger, cart_id="basket-17")
    settled = replace(first, placement=Placement(state=PlacementState.VERIFIED, id="1", number="EX-1"))
    refunded = ledger.commit(first, replace(settled, payment=a_payment(PaymentState.REFUNDED)), [])
    second = kept(ledger, cart_id="basket-17")
    failed = (Refund("re_1", 3093, RefundState.FAILED),)
    ledger.commit(refunded, replace(refunded, payment=a_payment(PaymentState.CAPTURED, refunds=failed)), [])
    assert found(search, "basket-17") == [second.ref, first.ref]


@pytest.mark.parametrize("spoken", ["ex-100017", "#EX-100017", " EX-100017"])
def test_the_shops_number_finds_the_order(search: Search | FakeSearch, ledger: Ledger, spoken: str) -> None:
    order, other = kept(ledger), kept(ledger)
    order = ledger.commit(order, placed(order, "EX-100017"), [])
    other = ledger.commit(other, placed(other, "EX-100018"), [])
    assert found(search, spoken) == [order.ref]
    ledger.commit(other, placed(other, "EX-100017"), [])
    assert found(search, spoken) == [other.ref, order.ref]
    assert found(search, "EX-100018") == []


def test_a_letter_before_the_shops_number_belongs_to_it(search: Search | FakeSearch, ledger: Ledger) -> None:
    order = kept(ledger)
    ledger.commit(order, placed(order, "X100017"), [])
    assert found(search, "x100017") == [order.ref]
    assert found(search, "100017") == []


def placed(order: Order, number: str) -> Order:
    return replace(order, placement=Placement(state=PlacementState.PLACED, id="1", number=number))


# --- anything else


@pytest.mark.parametrize("text", ["", "   ", "nobody", "<b>", "*", "a" * 10_000, "@", "+", "\x00"])
def test_anything_else_finds_nothing(search: Search | FakeSearch, ledger: Ledger, text: str) -> None:
    kept(ledger, REF)
    assert found(search, text) == []


def test_a_search_by_a_shared_group_finds_every_order(search: Search | FakeSearch, ledger: Ledger) -> None:
    shared = [kept(ledger, f"FB-7K3M-{group}") for group in ("2222-2", "3333-3", "4444-4", "5555-5")]
    assert set(found(search, "7K3M")) == {order.ref for order in shared}


def test_what_is_a_number_of_the_shop_and_of_a_phone_finds_both(search: Search | FakeSearch, ledger: Ledger) -> None:
    by_phone = kept(ledger, customer=replace(IRIS, phone="+44 1482 300300"))
    there = kept(ledger, customer=replace(IRIS, phone=None))
    placed = Placement(state=PlacementState.PLACED, id="1", number="01482300300")
    ledger.commit(there, replace(there, placement=placed), [])
    assert set(found(search, "01482300300")) >= {there.ref}
    assert by_phone.ref in found(search, "01482 300300")


def test_a_number_of_the_shop_that_ends_as_its_customers_phone_finds_the_order(
    search: Search | FakeSearch, ledger: Ledger
) -> None:
    order = kept(ledger, customer=GERMAN)
    ledger.commit(order, placed(order, "016023450004"), [])
    assert found(search, "016023450004") == [order.ref]
