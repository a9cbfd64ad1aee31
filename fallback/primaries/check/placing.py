"""The checks until an order is there, in the order in which they run. Each returns what it saw, or raises Broken."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from fallback.domain.placement.primary import HONOURS_PRICES, NOT_FOUND, CartAlreadyOrdered, Duplicates
from fallback.primaries.check.visit import (
    Broken,
    NotTried,
    Visit,
    expect,
    expect_agreed,
    expect_named,
    expect_refused,
    only_if_given,
    only_if_named,
    with_total,
)

AT_ONCE = 8
# Nobody has this many of anything on a shelf, and it still is a quantity that a cart may have.
ABSURD_QUANTITY = 9_999


def health(visit: Visit) -> str:
    visit.health = visit.primary.health()
    return f"duplicates {visit.health.duplicates}, can {', '.join(sorted(visit.health.can)) or 'nothing more'}"


def can_be_paid(visit: Visit) -> str:
    total = visit.order.total
    refused = visit.chargeable(total) if total.amount else None
    expect(refused is None, f"{total}: {refused and refused.limit}")
    return f"{total} can be charged"


def unknown_ref(visit: Visit) -> str:
    ref = visit.order.ref
    expect(visit.primary.find(ref) is None, f"there is an order {ref}, which was never placed")
    expect_refused(NOT_FOUND, lambda: visit.primary.read(ref), "an order that was never placed is read")
    return "an order that was never placed is not found"


def created(visit: Visit) -> str:
    return f"number {visit.place(visit.order).number}"


def same_again(visit: Visit) -> str:
    first, again = visit.primary.read(visit.order.ref), visit.place(visit.order)
    expect(again.id == first.id, f"id {first.id} became {again.id}")
    return f"id {again.id} as before"


def read_back(visit: Visit) -> str:
    there = visit.primary.read(visit.order.ref)
    expect_agreed(visit.order, there)
    where = "address" if there.shipping_address else "not the address, which the answer does not have"
    return f"lines, prices, delivery, total, cart and currency as agreed, and {where}"


def at_the_same_moment(visit: Visit) -> str:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        ids = {there.id for there in threads.map(visit.place, [visit.raced] * AT_ONCE)}
    expect(len(ids) == 1, f"{len(ids)} orders came of it: {', '.join(sorted(ids))}")
    return f"{AT_ONCE} requests, one order"


def second_order_of_a_cart(visit: Visit) -> str:
    if visit.health.duplicates is not Duplicates.ENFORCED:
        raise NotTried(f"duplicates is '{visit.health.duplicates}': the cart is looked for before an order is placed")
    try:
        second = visit.place(visit.new_order(visit.order.cart_id))
    except CartAlreadyOrdered as taken:
        rival = taken.rival
        expect(rival.ref == visit.order.ref, f"the order that it names is {rival.ref}, not {visit.order.ref}")
        return f"cart_already_ordered with {rival.number}, which is there"
    raise Broken(f"the cart was ordered twice: {visit.order.ref} and number {second.number}")


def two_lines(visit: Visit) -> str:
    second = only_if_given(visit.sample.second_line, "--second-sku")
    order = visit.new_order()
    lines = (replace(order.lines[0], quantity=2), replace(second, quantity=1))
    discounts = (visit.sample.discount,) if visit.sample.discount else ()
    visit.place_as_agreed(with_total(replace(order, lines=lines, discounts=discounts)))
    with_what = "with the discount" if discounts else "without a discount: name it by --discount"
    return f"two of {lines[0].sku} and {second.sku}, {with_what}"


def added_tax(visit: Visit) -> str:
    if visit.sample.tax.included:
        raise NotTried("the prices include the tax; otherwise name it by --added-tax")
    visit.place_as_agreed(visit.new_order())
    return f"{visit.sample.tax.amount} on top of the prices"


def slot(visit: Visit) -> str:
    chosen = only_if_given(visit.order.delivery.slot, "--slot")
    there = visit.primary.read(visit.order.ref).delivery
    expect((there and there.slot) == chosen.id, f"the slot is {there and there.slot}, not {chosen.id}")
    return f"slot {chosen.id}"


def quoted(visit: Visit) -> str:
    only_if_named(visit, "quotes")
    order = visit.new_order()
    there = visit.primary.quote(order)
    expect(there.total == order.payment.amount, f"total is {there.total}, not {order.payment.amount}")
    prices = {line.sku: line.unit_price for line in there.lines}
    expect(prices == {line.sku: line.unit_price for line in order.lines}, "'lines' are not at today's prices")
    expect(visit.primary.find(order.ref) is None, "a quote made an order")
    return f"total {there.total}; nothing was ordered"


def quoted_out_of_stock(visit: Visit) -> str:
    only_if_named(visit, "quotes")
    only_if_stock_counts(visit)
    order = visit.new_order(quantity=ABSURD_QUANTITY)
    taken = f"{ABSURD_QUANTITY} pieces are quoted"
    return expect_named(visit.sample.line.sku, "out_of_stock", lambda: visit.primary.quote(order), taken)


def out_of_stock(visit: Visit) -> str:
    only_if_stock_counts(visit)
    order = visit.new_order(quantity=ABSURD_QUANTITY)
    taken = f"{ABSURD_QUANTITY} pieces are sold; if you count no stock, say so by --no-stock"
    return expect_named(visit.sample.line.sku, "out_of_stock", lambda: visit.place(order), taken)


def only_if_stock_counts(visit: Visit) -> None:
    if not visit.sample.counts_stock:
        raise NotTried("--no-stock: the shop sells any quantity")


def price_changed(visit: Visit) -> str:
    if HONOURS_PRICES in visit.health.can:
        raise NotTried("'can' names 'honours_prices': an order at other prices is placed")
    order = visit.new_order(unit_price=visit.sample.line.unit_price + 1)
    taken = "an order at another price than today's is placed; if that is meant, name 'honours_prices'"
    return expect_named(visit.sample.line.sku, "price_changed", lambda: visit.place(order), taken)


def price_honoured(visit: Visit) -> str:
    only_if_named(visit, HONOURS_PRICES)
    price = visit.sample.line.unit_price
    there = visit.place_as_agreed(visit.new_order(unit_price=price + 1))
    now = {line.price_now for line in there.lines}
    if now == {None}:
        return f"placed at {price + 1}, which was agreed; what it costs today is not in the answer"
    expect(now == {price}, f"'price_now' is {', '.join(map(str, now))}, not {price}")
    return f"placed at {price + 1}, which was agreed; today it costs {price}"


def whole_address(visit: Visit) -> str:
    order = visit.new_order()
    assert order.customer
    address = replace(order.customer.address, line2="Second floor")
    there = visit.place_as_agreed(replace(order, customer=replace(order.customer, address=address)))
    if there.shipping_address is None:
        raise NotTried("the answer has no 'shipping_address': a parcel to another address would not be noticed")
    return "an address of two lines as agreed"
