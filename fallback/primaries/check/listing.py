"""The checks of what the shop says about its orders, also about those of its own checkout."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.placement.matching import CANCELLED, PrimaryOrder
from fallback.domain.placement.primary import ALREADY_PAID, CANCEL_UNPAID, NOT_FOUND
from fallback.primaries.check.visit import (
    BY_HAND_SINCE,
    Broken,
    NotTried,
    Visit,
    expect,
    expect_listed,
    expect_refused,
    only_if_given,
    only_if_named,
)

# A shop's key of an order that it does not have, whether its keys are numbers or words.
NO_ID = "999999999"


def paid_is_said(visit: Visit) -> str:
    paid = visit.primary.read(visit.order.ref).paid
    if paid is None:
        raise NotTried("'paid' is not said: the customer is asked about each order of yours for the same cart")
    expect(paid, "'paid' is false for an order that we placed and hold the payment of")
    return "true for what we placed"


def paid_order_stays(visit: Visit) -> str:
    only_if_named(visit, CANCEL_UNPAID)
    there = visit.primary.read(visit.order.ref)
    expect_refused(ALREADY_PAID, lambda: visit.primary.cancel_unpaid(there.id), "an order that is paid is cancelled")
    expect(visit.primary.read(visit.order.ref).status != CANCELLED, "it was cancelled although it is paid")
    expect_refused(NOT_FOUND, lambda: visit.primary.cancel_unpaid(NO_ID), "an order that is not there is cancelled")
    return "already_paid, and nothing has changed"


def own_order(visit: Visit) -> str:
    """An order of the shop's own checkout is in the list, without a ref: rivals and the audit need it."""
    there = of_the_shop(visit, only_if_given(visit.sample.own_order, "--own-order, bought in the shop's checkout"))
    said = {True: "paid", False: "not paid", None: "'paid' not said"}[there.paid]
    return f"{there.number} is listed as an order of the shop, {said}"


def unpaid_order(visit: Visit) -> str:
    number = only_if_given(visit.sample.unpaid_order, "--unpaid-order, made in the shop's checkout and not paid")
    there = of_the_shop(visit, number)
    expect(there.paid is not True, f"{number} is said to be paid: our order of the same cart would give way to it")
    if there.paid is None:
        raise NotTried("'paid' is not said: the customer is asked about each order of yours for the same cart")
    only_if_named(visit, CANCEL_UNPAID)
    for _ in range(2):
        status = visit.primary.cancel_unpaid(there.id).status
        expect(status == CANCELLED, f"status is '{status}' after it gave way")
    return f"{number} gives way to an order of ours: cancelled, and again: the same"


def of_the_shop(visit: Visit, number: str) -> PrimaryOrder:
    for there in visit.primary.placed_since(visit.began - BY_HAND_SINCE):
        if number in (there.number, there.id):
            expect(there.ref is None, f"{number} has the ref {there.ref}; it was not ours")
            return there
    raise Broken(f"{number} is not among the orders of the last {BY_HAND_SINCE.days} days")


def listed_by_cart(visit: Visit) -> str:
    refs = [order.ref for order in visit.rivals(cart_id=visit.order.cart_id)]
    expect(refs == [visit.order.ref], f"lists {', '.join(map(str, refs)) or 'nothing'} instead of {visit.order.ref}")
    return "the one order of the cart"


def listed_by_person(visit: Visit) -> str:
    found = expect_listed(visit, visit.rivals(email=visit.email))
    expect(len({order.id for order in found}) == len(found), "an order is listed twice")
    return f"{len(found)} orders of one customer"


def listed_by_person_in_capitals(visit: Visit) -> str:
    expect_listed(visit, visit.rivals(email=visit.email.upper()))
    return "the same orders by the address in capital letters"


def listed_by_phone(visit: Visit) -> str:
    only_if_named(visit, "phone")
    national = visit.phone.replace("+49 ", "0").replace(" ", "")
    expect_listed(visit, visit.rivals(phone=national))
    return "the orders of one number, written in two ways"


def listed_by_time(visit: Visit) -> str:
    expect_listed(visit, visit.primary.placed_since(visit.since))
    later = list(visit.primary.placed_since(visit.began + timedelta(days=1)))
    expect(not later, f"{len(later)} orders are listed from tomorrow on")
    return "every order from a time on, none from tomorrow on"
