"""`fallback primary check` is green for a shop that keeps the contract, and tries nothing that it does not declare."""

from __future__ import annotations

from msgspec.structs import replace

from fallback.domain.order.cart import Tax
from fallback.domain.placement.matching import PrimaryOrder
from fallback.primaries.check import CHECKS
from tests.fakes.primary import FakePrimary, NotForSale
from tests.primaries.check.answers_that_err import Exact
from tests.primaries.check.checking import SAMPLE, check, failed, stocked
from tests.primaries.check.shops_that_err import Placeless, StockLess


def test_a_shop_that_keeps_the_contract_passes_all_of_it() -> None:
    results = check(stocked(FakePrimary()))

    assert failed(results) == {}
    assert [result.name for result in results if result.ok is None] == [
        "added tax",
        "price honoured",
        "order was shipped",
    ]
    names = [result.name for result in results]
    assert {"wrong token", "page by page", "not an order", "errors", "201, then 200"} < set(names)
    assert [name for name in names if name in {check.name for check in CHECKS}] == [check.name for check in CHECKS]
    assert names[-1] == "cleaned up"


def test_a_shop_that_honours_prices_keeps_the_contract_too() -> None:
    shop = stocked(FakePrimary())
    shop.can |= {"honours_prices"}
    results = check(shop)

    assert failed(results) == {}
    assert [result.name for result in results if result.ok is None] == [
        "added tax",
        "price changed",
        "order was shipped",
    ]


def test_the_contract_check_cancels_all_its_orders() -> None:
    shop = stocked(FakePrimary())

    check(shop)

    assert {order.status for order in shop.orders.values() if order.ref} == {"cancelled"}


def test_what_a_shop_declares_not_to_do_is_not_tried() -> None:
    shop = stocked(FakePrimary())
    shop.can = frozenset({"cancel"})

    not_tried = [result.name for result in check(shop) if result.ok is None]

    assert not_tried == [
        "added tax",
        "quoted",
        "quoted out of stock",
        "price honoured",
        "paid order stays",
        "unpaid order gives way",
        "listed by phone",
        "order is amended",
        "line is added",
        "delivery is changed",
        "order comes late",
        "refused change",
        "late change is refused",
        "contact is amended",
        "phone is amended",
        "payment is told",
        "late report is refused",
        "withdrawal is told",
        "late withdrawal is refused",
        "cancelled is not changed",
        "cancelled before it came",
        "cancelled at once",
        "order was shipped",
    ]


def test_a_shop_that_cannot_cancel_is_not_asked_to_and_the_orders_are_left_to_a_person() -> None:
    class Shop(FakePrimary):
        def withdraw(self, ref: str) -> PrimaryOrder:
            raise AssertionError(ref)

    shop = stocked(Shop())
    shop.can = frozenset({"amend"})

    *results, last = check(shop)

    not_tried = [result.name for result in results if result.ok is None]
    assert not_tried[-9:] == [
        "order is cancelled",
        "cancelled again",
        "cancelled is not changed",
        "cancelled does not come back",
        "cancelled before it came",
        "cancelled at once",
        "cart is free again",
        "stock comes back",
        "order was shipped",
    ]
    assert failed(results) == {}
    assert (last.name, last.ok) == ("cleaned up", False)
    assert all(ref in last.detail for ref, order in shop.orders.items() if order.ref)


def test_a_shop_that_does_not_say_what_is_paid_keeps_the_contract_and_reads_what_that_means() -> None:
    class Silent(FakePrimary):
        def keep(self, order: PrimaryOrder) -> PrimaryOrder:
            return super().keep(replace(order, paid=None))

    shop = stocked(Silent())
    shop.can -= {"unpaid"}
    results = {result.name: result for result in check(shop)}
    assert failed(list(results.values())) == {}
    assert "the customer is asked" in results["paid is said"].detail


def test_a_shop_that_wants_the_number_of_each_change_keeps_the_contract() -> None:
    assert failed(check(stocked(FakePrimary()), Exact)) == {}


def test_a_shop_that_counts_no_stock_says_so_and_keeps_the_contract() -> None:
    results = check(stocked(StockLess()), sample=replace(SAMPLE, counts_stock=False))
    assert failed(results) == {}
    assert {"out of stock", "quoted out of stock"} <= {result.name for result in results if result.ok is None}


def test_ten_pieces_of_the_first_product_and_two_of_the_second_are_enough() -> None:
    shop = stocked(FakePrimary())
    shop.can |= {"honours_prices"}
    shop.stock |= {"BK-1": 10, "BK-2": 2}
    assert failed(check(shop, sample=replace(SAMPLE, tax=Tax(False, 247)))) == {}


def test_a_shop_that_does_not_say_where_an_order_goes_reads_what_that_means() -> None:
    results = check(stocked(Placeless()))
    assert failed(results) == {}
    assert "would not be noticed" in next(result.detail for result in results if result.name == "whole address")


def test_what_one_buys_while_the_stock_is_looked_at_is_no_fault() -> None:
    class Busy(FakePrimary):
        """Somebody else buys one after the check has looked."""

        def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
            try:
                return super().put(order)
            except NotForSale:
                self.calls["refused"] += 1
                self.stock["BK-1"] -= self.calls["refused"] == 3
                raise

    shop = stocked(Busy())
    assert failed(check(shop)) == {}
    # Two checks are refused, and two looks at the stock ask three times each.
    assert shop.calls["refused"] == 8
