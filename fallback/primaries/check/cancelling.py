"""The checks of an order that is cancelled, in time, late, twice and at the same moment as it comes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED
from fallback.domain.placement.primary import CANCEL, TOMBSTONES, Duplicates
from fallback.primaries.check.placing import ABSURD_QUANTITY, only_if_stock_counts
from fallback.primaries.check.visit import Broken, NotTried, Visit, expect, expect_refused, moved, only_if_named

# So often an order and its cancellation meet: once may be luck.
ROUNDS = 8
# Others may buy the same product meanwhile, but not each time in the moment between two questions.
LOOKS = 3


def cancelled(visit: Visit) -> str:
    only_if_named(visit, CANCEL)
    for status in (visit.primary.cancel(visit.order.ref).status, visit.primary.read(visit.order.ref).status):
        expect(status == CANCELLED, f"status is '{status}'")
    return "status cancelled, read back"


def cancelled_again(visit: Visit) -> str:
    only_if_named(visit, CANCEL)
    status = visit.primary.cancel(visit.order.ref).status
    expect(status == CANCELLED, f"status is '{status}'")
    return "as before"


def cancelled_is_not_changed(visit: Visit) -> str:
    only_if_named(visit, CANCEL, "amend")
    before = visit.primary.read(visit.order.ref)
    change = visit.change(visit.order, customer=moved(visit.order, "5 Check Street"))
    expect_refused("cancelled", lambda: visit.primary.amend(change), "what is cancelled is changed")
    expect(visit.primary.read(visit.order.ref) == before, "it was refused and changes something")
    return "cancelled, and nothing has changed"


def cancelled_stays_so(visit: Visit) -> str:
    only_if_named(visit, CANCEL)
    if TOMBSTONES in visit.health.can:
        refused_as_cancelled(visit, visit.order)
    elif visit.health.duplicates in (Duplicates.ENFORCED, Duplicates.KEYED):
        status = visit.place(visit.order).status
        expect(status == CANCELLED, f"the order that was cancelled is answered as '{status}'")
    else:
        raise NotTried(f"duplicates is '{visit.health.duplicates}': what comes late is looked for and cancelled")
    status = visit.primary.read(visit.order.ref).status
    expect(status == CANCELLED, f"status is '{status}'")
    return "placed again, and cancelled as before"


def cancelled_before_it_came(visit: Visit) -> str:
    """What was sent may be on its way still when it is given up: nothing may come of it afterwards."""
    only_if_named(visit, TOMBSTONES)
    late = visit.new_order()
    for _ in range(2):
        status = visit.primary.cancel(late.ref).status
        expect(status == CANCELLED, f"status is '{status}'")
    refused_as_cancelled(visit, late)
    expect(visit.primary.find(late.ref) is None, "there is an order all the same")
    return "cancelled without an order; the order that comes late is refused"


def cancelled_at_once(visit: Visit) -> str:
    """Whichever of the two is first: afterwards there is no order."""
    only_if_named(visit, TOMBSTONES)
    for _ in range(ROUNDS):
        order = visit.new_order()
        with ThreadPoolExecutor() as threads:
            placed = threads.submit(visit.place, order)
            threads.submit(visit.primary.cancel, order.ref).result()
        if not isinstance(placed.exception(), Refused | None):
            placed.result()
        there = visit.primary.find(order.ref)
        expect(there is None or there.status == CANCELLED, f"{order.ref} is cancelled, and an order")
    return f"an order and its cancellation together, {ROUNDS} times: no order is left"


def refused_as_cancelled(visit: Visit, order: Order) -> None:
    expect_refused("cancelled", lambda: visit.place(order), "the order is taken although its ref was cancelled")


def cart_is_free_again(visit: Visit) -> str:
    only_if_named(visit, CANCEL)
    return f"number {visit.place(visit.new_order(visit.order.cart_id)).number} for the same cart"


def stock_comes_back(visit: Visit) -> str:
    """By what the shop says is there when it refuses to sell more."""
    only_if_named(visit, CANCEL)
    only_if_stock_counts(visit)
    too_many = visit.new_order(quantity=ABSURD_QUANTITY)

    def there() -> str:
        return expect_refused("out_of_stock", lambda: visit.place(too_many), f"{ABSURD_QUANTITY} pieces are sold")

    for _ in range(LOOKS):
        before, order = there(), visit.new_order()
        visit.place(order)
        meanwhile = there()
        visit.primary.cancel(order.ref)
        after = there()
        if meanwhile == before == after:
            raise NotTried(f"{visit.sample.line.sku}: the refusal does not say how many are there: '{before}'")
        if after == before:
            return f"'{before}' before an order and after its cancellation, '{meanwhile}' between"
    raise Broken(f"'{before}' before an order, '{meanwhile}' with it, and '{after}' after its cancellation")


def already_shipped(_: Visit) -> str:
    raise NotTried("needs an order that was shipped: ship one by hand, then change and cancel it: already_shipped")
