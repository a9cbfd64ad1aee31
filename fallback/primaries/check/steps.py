"""The steps of the contract check, in the order in which they run. Each returns what it saw, or raises Broken.

They end when an order is there; what is done to it then stands in `afterwards`.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from fallback.domain.placement.primary import HONOURS_PRICES, Duplicates
from fallback.primaries.check.visit import (
    NotTried,
    Visit,
    decoded,
    expect,
    expect_agreed,
    expect_listed,
    expect_named,
    only_if_named,
    pages,
    path,
    problem,
    said,
    stamp,
)
from fallback.primaries.http.answers import READ_HEALTH, READ_ORDER, READ_PAGE, READ_QUOTE

AT_ONCE = 8
# A shop's key of an order that it does not have, whether its keys are numbers or words.
NO_ID = "999999999"
# Nobody has this many of anything on a shelf, and it still is a quantity that a cart may have.
ABSURD_QUANTITY = 9_999
# The primary's clock and ours need not agree to the second.
CLOCKS_DIFFER = timedelta(minutes=5)


def health(visit: Visit) -> str:
    visit.health = said(visit.get("health"), 200, READ_HEALTH)
    expect(visit.health.status == "ok", f"status is '{visit.health.status}'")
    return f"duplicates {visit.health.duplicates}, can {', '.join(sorted(visit.health.can)) or 'nothing more'}"


def can_be_paid(visit: Visit) -> str:
    total = visit.order.total
    said_of_it = str(total)
    refused = visit.chargeable(total) if total.amount else None
    expect(refused is None, f"{said_of_it}: {refused and refused.limit}")
    return f"{said_of_it} can be charged"


def wrong_token(visit: Visit) -> str:
    for what in ("health", "orders", path(visit.order)):
        problem(visit.stranger.send("GET", what), 401)
    return "401 for health, the list and an order"


def unknown_ref(visit: Visit) -> str:
    return f"404 {problem(visit.get(path(visit.order)), 404).code}"


def created(visit: Visit) -> str:
    return f"201, number {said(visit.put(visit.order), 201, READ_ORDER).number}"


def same_again(visit: Visit) -> str:
    first = said(visit.get(path(visit.order)), 200, READ_ORDER)
    again = said(visit.put(visit.order), 200, READ_ORDER)
    expect(again.id == first.id, f"id {first.id} became {again.id}")
    return f"200, id {again.id} as before"


def read_back(visit: Visit) -> str:
    there = said(visit.get(path(visit.order)), 200, READ_ORDER)
    expect_agreed(visit.order, there)
    return "lines, prices, delivery, total, cart and currency as sent"


def at_the_same_moment(visit: Visit) -> str:
    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = list(threads.map(visit.put, [visit.raced] * AT_ONCE))
    wrong = sorted({answer.status for answer in answers} - {200, 201})
    expect(not wrong, f"answers {wrong}")
    ids = {decoded(answer, READ_ORDER).id for answer in answers}
    expect(len(ids) == 1, f"{len(ids)} orders came of it: {', '.join(sorted(ids))}")
    return f"{AT_ONCE} requests, one order"


def second_order_of_a_cart(visit: Visit) -> str:
    if visit.health.duplicates is not Duplicates.ENFORCED:
        raise NotTried(f"duplicates is '{visit.health.duplicates}': the cart is looked for before an order is placed")
    refusal = problem(visit.put(visit.new_order(visit.order.cart_id)), 409, "cart_already_ordered")
    expect(refusal.order is not None, "'order' is missing: the order that the cart has already")
    rival = refusal.order.ref if refusal.order else None
    expect(rival == visit.order.ref, f"'order' is {rival}, not {visit.order.ref}")
    return "409 with the order that is there"


def quoted(visit: Visit) -> str:
    only_if_named(visit, "quotes")
    order = visit.new_order()
    there = said(visit.quote(order), 200, READ_QUOTE)
    expect(there.total == order.payment.amount, f"total is {there.total}, not {order.payment.amount}")
    prices = {line.sku: line.unit_price for line in there.lines}
    expect(prices == {line.sku: line.unit_price for line in order.lines}, "'lines' are not at today's prices")
    problem(visit.get(path(order)), 404)
    return f"200, total {there.total}; nothing was ordered"


def quoted_out_of_stock(visit: Visit) -> str:
    only_if_named(visit, "quotes")
    return expect_named(visit, visit.quote(visit.new_order(quantity=ABSURD_QUANTITY)), "out_of_stock")


def out_of_stock(visit: Visit) -> str:
    return expect_named(visit, visit.put(visit.new_order(quantity=ABSURD_QUANTITY)), "out_of_stock")


def price_changed(visit: Visit) -> str:
    if HONOURS_PRICES in visit.health.can:
        raise NotTried("'can' names 'honours_prices': an order at other prices is placed")
    wrong = visit.sample.line.unit_price + 1
    return expect_named(visit, visit.put(visit.new_order(unit_price=wrong)), "price_changed")


def price_honoured(visit: Visit) -> str:
    only_if_named(visit, HONOURS_PRICES)
    price = visit.sample.line.unit_price
    agreed = visit.new_order(unit_price=price + 1)
    there = said(visit.put(agreed), 201, READ_ORDER)
    expect_agreed(agreed, there)
    now = {line.price_now for line in there.lines}
    expect(now == {price}, f"'price_now' is {', '.join(map(str, now))}, not {price}")
    return f"placed at {price + 1}, which was agreed; today it costs {price}"


def no_order(visit: Visit) -> str:
    answer = visit.transport.send("PUT", path(visit.new_order()), b'{"lines": "none"}')
    expect(answer.status in (400, 422), f"{answer.status} instead of 422")
    return f"{answer.status} {problem(answer, answer.status).code}"


def paid_is_said(visit: Visit) -> str:
    paid = said(visit.get(path(visit.order)), 200, READ_ORDER).paid
    if paid is None:
        raise NotTried("'paid' is not said: the customer is asked about each order of yours for the same cart")
    expect(paid, "'paid' is false for an order that we placed and hold the payment of")
    return "true for what we placed"


def paid_order_stays(visit: Visit) -> str:
    only_if_named(visit, "unpaid")
    there = said(visit.get(path(visit.order)), 200, READ_ORDER)
    problem(visit.cancel_unpaid(there.id), 409, "already_paid")
    status = said(visit.get(path(visit.order)), 200, READ_ORDER).status
    expect(status != "cancelled", "it was cancelled although it is paid")
    problem(visit.cancel_unpaid(NO_ID), 404, "not_found")
    return "409 already_paid, and nothing has changed"


def listed_by_cart(visit: Visit) -> str:
    page = said(visit.get("orders", cart_id=visit.order.cart_id), 200, READ_PAGE)
    refs = [order.ref for order in page.orders]
    expect(refs == [visit.order.ref], f"lists {', '.join(map(str, refs)) or 'nothing'} instead of {visit.order.ref}")
    return "the one order of the cart"


def listed_by_phone(visit: Visit) -> str:
    only_if_named(visit, "phone")
    national = visit.phone.replace("+49 ", "0").replace(" ", "")
    expect_listed(visit, pages(visit, phone=national, since=stamp(visit.began - CLOCKS_DIFFER), limit="100"))
    return "the orders of one number, written in two ways"


def listed_page_by_page(visit: Visit) -> str:
    orders = list(pages(visit, email=visit.email, since=stamp(visit.began - CLOCKS_DIFFER), limit="1"))
    expect_listed(visit, orders)
    expect(len({order.id for order in orders}) == len(orders), "an order came on two pages")
    return f"{len(orders)} orders of one customer on pages of one"


def listed_by_time(visit: Visit) -> str:
    expect_listed(visit, pages(visit, since=stamp(visit.began - CLOCKS_DIFFER), limit="100"))
    later = said(visit.get("orders", since=stamp(visit.began + timedelta(days=1))), 200, READ_PAGE)
    expect(not later.orders, f"{len(later.orders)} orders are listed from tomorrow on")
    return "every order from a time on, none from tomorrow on"
