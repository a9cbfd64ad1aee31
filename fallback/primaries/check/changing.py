"""The checks of an order that is there: it is changed, in time and late, and hears of payment and withdrawal."""

from __future__ import annotations

from msgspec.structs import replace

from fallback.domain.order.order import Order
from fallback.domain.placement.matching import other_contact
from fallback.domain.placement.primary import CONTACT, NUMBERED, OUTDATED, PAYMENTS, WITHDRAWALS
from fallback.primaries.check.placing import ABSURD_QUANTITY, only_if_stock_counts
from fallback.primaries.check.visit import (
    NotTried,
    Visit,
    captured,
    expect,
    expect_agreed,
    expect_named,
    expect_refused,
    given_back,
    moved,
    only_if_given,
    only_if_named,
    withdrew,
)


def amended(visit: Visit) -> str:
    only_if_named(visit, "amend")
    more = visit.change(
        visit.order, lines=(replace(visit.order.lines[0], quantity=2),), customer=moved(visit.order, "2 Check Street")
    )
    visit.amend_as_agreed(more)
    expect_agreed(more, visit.primary.amend(more))
    visit.amend_as_agreed(visit.change(more, lines=visit.order.lines))
    visit.order = visit.change(more)
    visit.amend_as_agreed(visit.order)
    return "quantity 2, 1 and 2 again, and another address; the same change twice: the same"


def line_added(visit: Visit) -> str:
    only_if_named(visit, "amend")
    second = replace(only_if_given(visit.sample.second_line, "--second-sku"), quantity=1)
    if visit.sample.discount:
        raise NotTried("--discount: a change does not carry a discount; name a second product without one")
    visit.amend_as_agreed(visit.change(visit.order, lines=(*visit.order.lines, second)))
    visit.amend_as_agreed(visit.change(visit.order))
    return f"{second.sku} added, and removed"


def delivery_changed(visit: Visit) -> str:
    only_if_named(visit, "amend")
    other = only_if_given(visit.sample.other_delivery, "--other-delivery")
    visit.amend_as_agreed(visit.change(visit.order, delivery=other))
    visit.amend_as_agreed(visit.change(visit.order))
    return f"{other.id} for {other.price} instead of {visit.order.delivery.price}, and back: dearer and cheaper"


def order_comes_late(visit: Visit) -> str:
    """The first call of an order may come after a change of it."""
    only_if_named(visit, "amend")
    before = visit.primary.read(visit.order.ref)
    visit.place(visit.made[0])
    expect(visit.primary.read(visit.order.ref) == before, "the change before it is undone")
    return "placed once more as at first, and the change stands"


def refused_change(visit: Visit) -> str:
    """Else a change that was refused would be taken for carried out when it comes again."""
    need_numbers(visit)
    only_if_stock_counts(visit)
    before = visit.primary.read(visit.order.ref)
    change = visit.change(visit.order, lines=(replace(visit.order.lines[0], quantity=ABSURD_QUANTITY),))
    sold = f"{ABSURD_QUANTITY} pieces are sold"
    expect_named(visit.sample.line.sku, "out_of_stock", lambda: visit.primary.amend(change), sold)
    there = visit.primary.read(visit.order.ref)
    expect(there.amendment == before.amendment, f"'amendment' became {there.amendment} by a change that is refused")
    expect(there == before, "it was refused and changes something")
    return f"out_of_stock, and 'amendment' still is {there.amendment}"


def late_change_is_refused(visit: Visit) -> str:
    need_numbers(visit)
    older = visit.change(visit.order, customer=moved(visit.order, "4 Check Street"))
    now = visit.change(visit.order, customer=moved(visit.order, "3 Check Street"))
    there = visit.primary.amend(now)
    expect(there.amendment == number_of(now), f"'amendment' is {there.amendment}, not {number_of(now)}")
    expect_refused(OUTDATED, lambda: visit.primary.amend(older), "the older change is taken")
    visit.primary.amend(now)
    expect_agreed(now, visit.primary.read(now.ref))
    visit.order = now
    return "outdated, and the later change stands; the same number again: the same"


def number_of(order: Order) -> int:
    return order.placement.amendments


def need_numbers(visit: Visit) -> None:
    if not {"amend", NUMBERED} <= visit.health.can:
        raise NotTried("'can' does not name 'amend' and 'numbered': changed orders are read once more later")


def contact_amended(visit: Visit) -> str:
    _change_contact(visit, email=f"new-{visit.email}")
    return "another e-mail address, and nothing else"


def phone_amended(visit: Visit) -> str:
    _change_contact(visit, phone="+49 1512 9999999")
    return "another phone number, and nothing else"


def _change_contact(visit: Visit, **contact: str) -> None:
    only_if_named(visit, "amend", "contact")
    before = visit.primary.read(visit.order.ref)
    assert visit.order.customer
    elsewhere = visit.change(visit.order, customer=replace(visit.order.customer, **contact))
    visit.primary.amend(elsewhere, CONTACT)
    there = visit.primary.read(visit.order.ref)
    different = other_contact(elsewhere, there)
    expect(not different, "; ".join(different))
    phone = "".join(filter(str.isdigit, contact.get("phone", "")))
    if phone and there.phone is not None:
        expect(phone in "".join(filter(str.isdigit, there.phone)), "the phone number is as before")
    expect(there.lines == before.lines and there.total == before.total, "what was not named has changed")
    visit.order = elsewhere


def payment_is_told(visit: Visit) -> str:
    only_if_named(visit, PAYMENTS)
    before = visit.primary.read(visit.order.ref)
    for told in (captured(visit.order, 1), captured(visit.order, 1), given_back(visit.order, 100, 3)):
        visit.primary.payment_changed(told)
    there = visit.primary.read(visit.order.ref)
    expect((there.lines, there.total) == (before.lines, before.total), "a report of a payment changed the order")
    return "a capture, the same again, and 100 given back"


def late_report_is_refused(visit: Visit) -> str:
    only_if_named(visit, PAYMENTS)
    late = captured(visit.order, 2)
    expect_refused(
        OUTDATED, lambda: visit.primary.payment_changed(late), "a report that is older than the last is kept"
    )
    return "outdated"


def withdrawal_is_told(visit: Visit) -> str:
    only_if_named(visit, WITHDRAWALS)
    before = visit.primary.read(visit.order.ref)
    for told in (withdrew(visit.order, 1), withdrew(visit.order, 1), withdrew(visit.order, 2)):
        visit.primary.withdrawn(told)
    there = visit.primary.read(visit.order.ref)
    expect((there.lines, there.total) == (before.lines, before.total), "a withdrawal changed the order by itself")
    return "one piece, the same again, and another"


def late_withdrawal_is_refused(visit: Visit) -> str:
    only_if_named(visit, WITHDRAWALS)
    late = withdrew(visit.order, 1)
    expect_refused(
        OUTDATED, lambda: visit.primary.withdrawn(late), "a report with fewer statements than before is kept"
    )
    return "outdated"
