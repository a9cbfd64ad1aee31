"""The port's contract, tried out on a running shop of any kind, for a shop's developer.

It orders what the sample names, for carts and a customer of its own, and cancels every order again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from fallback.domain.errors import FallbackError, Refused
from fallback.domain.payment.charging import Chargeable
from fallback.domain.placement.primary import CartAlreadyOrdered, Primary
from fallback.primaries.check import cancelling, changing, listing, placing
from fallback.primaries.check.kit import AMENDED, CANCELLED, CREATED, ERRORS, Check, CheckResult
from fallback.primaries.check.visit import Broken, NotTried, Sample, Visit

__all__ = ["CHECKS", "Check", "CheckResult", "Sample", "run_checks"]

CHECKS: Sequence[Check] = (
    Check("health", placing.health, "Check the address and the credentials; say how you refuse duplicates.", ()),
    Check("can be paid", placing.can_be_paid, "Check the currency and its minor units: such orders are refused.", ()),
    Check(
        "unknown ref", placing.unknown_ref, "Say clearly that there is no such order: else we ask for ever.", (ERRORS,)
    ),
    Check(CREATED, placing.created, "Create the order of a new ref, and answer it as you have it.", (ERRORS,)),
    Check("same order again", placing.same_again, "Answer the order that you have for a ref; keep the ref unique."),
    Check("order is read back", placing.read_back, "Answer what you stored, with prices per unit in minor units."),
    Check("order has its slot", placing.slot, "Keep the chosen delivery slot with the order."),
    Check("same order at once", placing.at_the_same_moment, "Let the database refuse a second row, not an if."),
    Check("second order of a cart", placing.second_order_of_a_cart, "Keep the cart's id unique among open orders too."),
    Check("two lines", placing.two_lines, "Place each line at its price, and take the discount off the sum."),
    Check("added tax", placing.added_tax, "Add the agreed tax to the agreed prices."),
    Check("quoted", placing.quoted, "A quote says what the order would be today, and writes nothing."),
    Check(
        "quoted out of stock",
        placing.quoted_out_of_stock,
        "A quote refuses what placing would refuse, alike.",
        ("quoted",),
    ),
    Check("out of stock", placing.out_of_stock, "Look at the stock first; name each SKU with what is there."),
    Check("price changed", placing.price_changed, "Compare the prices with yours; name each SKU with its price now."),
    Check(
        "price honoured",
        placing.price_honoured,
        "Place it at the agreed price; answer yours of today too.",
    ),
    Check("paid is said", listing.paid_is_said, "What we placed is paid; false is for what waits for its payment."),
    Check("paid order stays", listing.paid_order_stays, "Cancel what is not paid; answer already_paid to the rest."),
    Check("own order is listed", listing.own_order, "List the orders of your own checkout too, without a ref.", ()),
    Check(
        "unpaid order gives way", listing.unpaid_order, "Say 'paid' false while an order waits, and cancel it then.", ()
    ),
    Check("listed by cart", listing.listed_by_cart, "List the orders of this cart and no others."),
    Check("listed by person", listing.listed_by_person, "List each order of an e-mail address once, on whatever page."),
    Check("listed in any case", listing.listed_by_person_in_capitals, "Compare e-mail addresses without letter case."),
    Check("listed by phone", listing.listed_by_phone, "Compare the last eight digits of the number, however written."),
    Check("listed by time", listing.listed_by_time, "List every order from a time on, your own too."),
    Check(
        AMENDED,
        changing.amended,
        "Replace what the change names; answer the order as it is then.",
    ),
    Check(
        "line is added",
        changing.line_added,
        "Replace the lines by those of the change.",
        (AMENDED,),
    ),
    Check(
        "delivery is changed",
        changing.delivery_changed,
        "Replace the delivery and its price, dearer or cheaper.",
        (AMENDED,),
    ),
    Check(
        "order comes late",
        changing.order_comes_late,
        "Placing a ref that you have changes nothing: our first call may come after a change of the order.",
    ),
    Check(
        "refused change",
        changing.refused_change,
        "Keep the number of a change only with what it changes: all of it in one transaction, or nothing.",
        (AMENDED,),
    ),
    Check(
        "late change is refused",
        changing.late_change_is_refused,
        "Keep the number of the last change with the order, in its transaction; answer outdated to a lower one.",
        (AMENDED,),
    ),
    Check(
        "contact is amended",
        changing.contact_amended,
        "A change of the contact alone leaves the rest as it is.",
        (AMENDED,),
    ),
    Check(
        "phone is amended",
        changing.phone_amended,
        "Keep the new phone number, though the e-mail address stays.",
        ("contact is amended",),
    ),
    Check("payment is told", changing.payment_is_told, "Keep the payment as it stands with the order."),
    Check(
        "late report is refused",
        changing.late_report_is_refused,
        "Keep the number of the last report with the order; answer outdated to a lower one.",
        ("payment is told",),
    ),
    Check(
        "withdrawal is told", changing.withdrawal_is_told, "Put it before your people; it changes nothing by itself."
    ),
    Check(
        "late withdrawal is refused",
        changing.late_withdrawal_is_refused,
        "Count the statements that you heard of an order; answer outdated to fewer.",
        ("withdrawal is told",),
    ),
    Check(CANCELLED, cancelling.cancelled, "Answer the cancelled order with status cancelled."),
    Check(
        "cancelled again",
        cancelling.cancelled_again,
        "A second cancellation changes nothing and answers the same.",
        (CANCELLED,),
    ),
    Check(
        "cancelled is not changed",
        cancelling.cancelled_is_not_changed,
        "Refuse a change of what is cancelled.",
        (CANCELLED, AMENDED),
    ),
    Check(
        "cancelled does not come back",
        cancelling.cancelled_stays_so,
        "A ref that was cancelled never becomes an order again: ours may arrive late.",
        (CANCELLED,),
    ),
    Check(
        "cancelled before it came",
        cancelling.cancelled_before_it_came,
        "Keep a ref that is cancelled before its order comes, where refs are unique; refuse its order: cancelled.",
    ),
    Check(
        "cancelled at once",
        cancelling.cancelled_at_once,
        "Let the database decide between an order and its cancellation: keep both where the ref is unique.",
    ),
    Check(
        "cart is free again",
        cancelling.cart_is_free_again,
        "Only orders that were not cancelled hold their cart.",
        ("cancelled does not come back",),
    ),
    Check("stock comes back", cancelling.stock_comes_back, "Give the stock of a cancelled order back.", (CANCELLED,)),
    Check("whole address", placing.whole_address, "Keep every part of the address, and answer it."),
    Check("order was shipped", cancelling.already_shipped, "", ()),
)
# With this one the orders are there that the checks of one kind of shop look at.
PLACED = "same order at once"
CLEANED_UP = "cleaned up"
MORE_STOCK = "The check needs ten pieces of the first product, and two of the second."


def run_checks(
    primary: Primary,
    sample: Sample,
    chargeable: Chargeable,
    more: Sequence[Check] = (),
    begins: Callable[[str], None] = lambda _: None,
) -> Iterator[CheckResult]:
    """One result after the other, as they come; the contract holds if none has `ok` False.

    `chargeable`: which sums the payment provider takes. `more`: checks of one kind of shop. `begins` is called with the
    name of each check before it. When not even `health` answers, nothing else is tried.
    """
    visit = Visit(primary, sample, chargeable)
    # What failed, or was not tried because of it, and the first cause of that.
    causes: dict[str, str] = {}
    try:
        for check in in_order(more):
            begins(check.name)
            cause = next((causes[name] for name in check.needs if name in causes), None)
            result = CheckResult(check.name, None, f"'{cause}' failed: see there") if cause else _run(check, visit)
            if cause or result.ok is False:
                causes[check.name] = cause or check.name
            yield result
            if check is CHECKS[0] and not result.ok:
                return
    finally:
        begins(CLEANED_UP)
        left_over = visit.clean_up()
    yield CheckResult(
        CLEANED_UP,
        not left_over,
        f"left over: {', '.join(left_over)}" if left_over else "every order of this check is cancelled",
        "Look at these orders, and cancel them by hand." if left_over else "",
    )


def in_order(more: Sequence[Check]) -> Iterator[Check]:
    """Those of one kind of shop come as soon as there is what they need."""
    first, *others = CHECKS
    yield first
    yield from (check for check in more if CREATED not in check.needs)
    for check in others:
        yield check
        if check.name == PLACED:
            yield from (check for check in more if CREATED in check.needs)


def _run(check: Check, visit: Visit) -> CheckResult:
    try:
        return CheckResult(check.name, True, check.run(visit))
    except NotTried as reason:
        return CheckResult(check.name, None, str(reason))
    except Broken as fault:
        return CheckResult(check.name, False, str(fault), check.advice)
    except Refused as refusal:
        advice = MORE_STOCK if refusal.code == "out_of_stock" else check.advice
        return CheckResult(check.name, False, f"refused: {refusal.code} ({refusal})", advice)
    except CartAlreadyOrdered as taken:
        return CheckResult(check.name, False, f"the cart has an order already: {taken.rival.number}", check.advice)
    except FallbackError as error:
        return CheckResult(check.name, False, str(error), check.advice)
