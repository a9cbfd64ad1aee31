"""The steps of the contract check about an order that is there: it is changed and cancelled, in time and late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from msgspec.structs import replace

from fallback.domain.order.order import Order
from fallback.domain.placement.matching import other_contact
from fallback.domain.placement.primary import CONTACT
from fallback.primaries.check.steps import ABSURD_QUANTITY
from fallback.primaries.check.visit import (
    NotTried,
    Visit,
    captured,
    expect,
    expect_agreed,
    expect_named,
    moved,
    numbered,
    only_if_named,
    path,
    problem,
    reached_at,
    said,
    with_total,
)
from fallback.primaries.http.answers import READ_CANCELLATION, READ_ORDER

# So often a PUT and a cancellation meet: once may be luck.
ROUNDS = 8


def amended_order(visit: Visit) -> Order:
    """As it is after the first change of it."""
    return with_total(replace(visit.order, lines=(replace(visit.order.lines[0], quantity=2),)))


def amended(visit: Visit) -> str:
    only_if_named(visit, "amend")
    wanted = numbered(moved(amended_order(visit), "2 Check Street"), 1)
    for _ in range(2):
        expect_agreed(wanted, said(visit.amend(wanted), 200, READ_ORDER))
    there = said(visit.get(path(wanted)), 200, READ_ORDER)
    expect_agreed(wanted, there)
    where = "another address" if there.shipping_address else "the address is not in the answer"
    return f"quantity 2 and {where}, read back; again: the same"


def order_comes_late(visit: Visit) -> str:
    """The first call of an order may come after a change of it."""
    only_if_named(visit, "amend")
    before = said(visit.get(path(visit.order)), 200, READ_ORDER)
    said(visit.put(visit.order), 200, READ_ORDER)
    expect(said(visit.get(path(visit.order)), 200, READ_ORDER) == before, "the change before it is undone")
    return "PUT once more as at first: 200, and the change stands"


def refused_change(visit: Visit) -> str:
    """Else a change that was refused would be taken for carried out when it comes again."""
    need_numbers(visit)
    before = said(visit.get(path(visit.order)), 200, READ_ORDER)
    line = replace(visit.order.lines[0], quantity=ABSURD_QUANTITY)
    expect_named(visit, visit.amend(numbered(with_total(replace(visit.order, lines=(line,))), 5)), "out_of_stock")
    there = said(visit.get(path(visit.order)), 200, READ_ORDER)
    expect(there.amendment == before.amendment, f"'amendment' became {there.amendment} by a change that is refused")
    expect(there == before, "it was refused and changes something")
    return f"409 out_of_stock, and 'amendment' still is {there.amendment}"


def late_change_is_refused(visit: Visit) -> str:
    need_numbers(visit)
    now = numbered(moved(amended_order(visit), "3 Check Street"), 12)
    there = said(visit.amend(now), 200, READ_ORDER)
    expect(there.amendment == 12, f"'amendment' is {there.amendment}, not 12")
    for number, what in ((11, "the older change"), (10, "one that is older still")):
        answer = visit.amend(numbered(moved(now, "4 Check Street"), number))
        expect(answer.status != 200, f"200: {what} is taken")
        problem(answer, 409, "outdated")
    said(visit.amend(now), 200, READ_ORDER)
    expect_agreed(now, said(visit.get(path(now)), 200, READ_ORDER))
    return "409 outdated, and the later change stands; the same number again: 200"


def need_numbers(visit: Visit) -> None:
    if not {"amend", "numbered"} <= visit.health.can:
        raise NotTried("'can' does not name 'amend' and 'numbered': changed orders are read once more later")


def contact_amended(visit: Visit) -> str:
    if not {"amend", "contact"} <= visit.health.can:
        raise NotTried("'can' does not name 'amend' and 'contact'")
    before = said(visit.get(path(visit.order)), 200, READ_ORDER)
    elsewhere = numbered(reached_at(visit.order, f"new-{visit.email}"), 13)
    said(visit.amend(elsewhere, CONTACT), 200, READ_ORDER)
    there = said(visit.get(path(visit.order)), 200, READ_ORDER)
    different = other_contact(elsewhere, there)
    expect(not different, "; ".join(different))
    expect(there.lines == before.lines and there.total == before.total, "what was not named has changed")
    return "another e-mail address, and nothing else"


def payment_is_told(visit: Visit) -> str:
    only_if_named(visit, "payments")
    for _ in range(2):
        there = said(visit.tell_payment(captured(visit.order, 7)), 200, READ_ORDER)
        expect(there.ref == visit.order.ref, f"the answer is about {there.ref}")
    return "200 for a capture; the same report again: 200"


def late_report_is_refused(visit: Visit) -> str:
    only_if_named(visit, "payments")
    said(visit.tell_payment(captured(visit.order, 9)), 200, READ_ORDER)
    problem(visit.tell_payment(captured(visit.order, 8)), 409, "outdated")
    return "409 outdated"


def cancelled(visit: Visit) -> str:
    only_if_named(visit, "cancel")
    for answer in (visit.cancel(visit.order), visit.get(path(visit.order))):
        status = said(answer, 200, READ_ORDER).status
        expect(status == "cancelled", f"status is '{status}'")
    return "status cancelled, read back"


def cancelled_again(visit: Visit) -> str:
    only_if_named(visit, "cancel")
    status = said(visit.cancel(visit.order), 200, READ_ORDER).status
    expect(status == "cancelled", f"status is '{status}'")
    return "200 as before"


def cancelled_is_not_changed(visit: Visit) -> str:
    only_if_named(visit, "cancel")
    only_if_named(visit, "amend")
    before = said(visit.get(path(visit.order)), 200, READ_ORDER)
    answer = visit.amend(numbered(moved(visit.order, "5 Check Street"), 14))
    expect(answer.status != 200, "200: what is cancelled is changed")
    problem(answer, 409, "cancelled")
    expect(said(visit.get(path(visit.order)), 200, READ_ORDER) == before, "it was refused and changes something")
    return "409 cancelled, and nothing has changed"


def cancelled_stays_so(visit: Visit) -> str:
    only_if_named(visit, "tombstones")
    refused_as_cancelled(visit, visit.order)
    status = said(visit.get(path(visit.order)), 200, READ_ORDER).status
    expect(status == "cancelled", f"status is '{status}'")
    return "409 cancelled, and nothing has changed"


def cancelled_before_it_came(visit: Visit) -> str:
    """What was sent may be on its way still when it is given up: nothing may come of it afterwards."""
    only_if_named(visit, "tombstones")
    late = visit.new_order()
    for _ in range(2):
        there = said(visit.cancel(late), 200, READ_CANCELLATION)
        expect(there.ref == late.ref, f"'ref' is {there.ref}, not {late.ref}")
        expect(there.status == "cancelled", f"status is '{there.status}'")
    refused_as_cancelled(visit, late)
    problem(visit.get(path(late)), 404)
    return "cancelled without an order; the order that comes late is refused with 409 cancelled"


def cancelled_at_once(visit: Visit) -> str:
    """Whichever of the two is first: afterwards there is no order."""
    only_if_named(visit, "tombstones")
    for _ in range(ROUNDS):
        order = visit.new_order()
        with ThreadPoolExecutor() as threads:
            _, answer = [threads.submit(call, order) for call in (visit.put, visit.cancel)]
        said(answer.result(), 200, READ_CANCELLATION)
        there = visit.get(path(order))
        if there.status != 404:
            expect(said(there, 200, READ_ORDER).status == "cancelled", f"{order.ref} is cancelled, and an order")
    return f"PUT and cancellation together, {ROUNDS} times: no order is left"


def refused_as_cancelled(visit: Visit, order: Order) -> None:
    answer = visit.put(order)
    expect(answer.status not in (200, 201), f"{answer.status}: the order is taken although its ref was cancelled")
    problem(answer, 409, "cancelled")


def cart_is_free_again(visit: Visit) -> str:
    only_if_named(visit, "cancel")
    said(visit.put(visit.new_order(visit.order.cart_id)), 201, READ_ORDER)
    return "201 for the same cart after its order was cancelled"


def already_shipped(_: Visit) -> str:
    raise NotTried("needs an order that was shipped: ship one by hand, then PATCH and cancel it, 409 already_shipped")
