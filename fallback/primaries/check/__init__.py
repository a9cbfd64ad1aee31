"""The contract of ops/docs/reference/primary-contract.md, tried out on a running primary, for a shop's developer.

It orders what the sample names, for carts and a customer of its own, and cancels every order again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from msgspec import Struct

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.payment.charging import Chargeable
from fallback.primaries.check import afterwards, steps
from fallback.primaries.check.visit import Broken, NotTried, Sample, Visit

__all__ = ["CHECKS", "CheckResult", "Sample", "run_checks"]


class ContractCheck(NamedTuple):
    name: str
    run: Callable[[Visit], str]
    advice: str


CHECKS: Sequence[ContractCheck] = (
    ContractCheck(
        "health", steps.health, "Answer GET health with status, duplicates and can; check the address and the token."
    ),
    ContractCheck(
        "can be paid",
        steps.can_be_paid,
        "Check the currency and its minor units: such orders are refused.",
    ),
    ContractCheck("wrong token", steps.wrong_token, "Compare the bearer token before anything else, on every path."),
    ContractCheck(
        "unknown ref",
        steps.unknown_ref,
        "Answer 404 with application/problem+json and a code: a bare 404 proves nothing.",
    ),
    ContractCheck("order is created", steps.created, "PUT of a new ref creates the order and answers 201 with it."),
    ContractCheck(
        "same order again", steps.same_again, "PUT of a ref that you have answers 200 with that order; keep ref unique."
    ),
    ContractCheck(
        "order is read back", steps.read_back, "Answer what you stored, with prices per unit in minor units."
    ),
    ContractCheck(
        "same order at once", steps.at_the_same_moment, "Let the database refuse a second row with this ref, not an if."
    ),
    ContractCheck(
        "second order of a cart", steps.second_order_of_a_cart, "Keep cart_id unique too; answer 409 with that order."
    ),
    ContractCheck(
        "quoted", steps.quoted, "POST quotes says what PUT would make of the body today, and writes nothing."
    ),
    ContractCheck(
        "quoted out of stock", steps.quoted_out_of_stock, "POST quotes refuses what PUT would refuse, alike."
    ),
    ContractCheck(
        "out of stock", steps.out_of_stock, "Look at the stock before you create; name each SKU with what is available."
    ),
    ContractCheck(
        "price changed", steps.price_changed, "Compare unit_price with yours; name each SKU with its unit_price now."
    ),
    ContractCheck(
        "price honoured",
        steps.price_honoured,
        "Place the order at the unit_price of the body, and answer your own of today as price_now beside it.",
    ),
    ContractCheck("not an order", steps.no_order, "Check the body; answer 422 with application/problem+json."),
    ContractCheck(
        "paid is said", steps.paid_is_said, "Answer 'paid': true for what we placed; say false while an order waits."
    ),
    ContractCheck(
        "paid order stays",
        steps.paid_order_stays,
        "POST unpaid/{id}/cancellation cancels what is not paid; answer 409 already_paid to all the rest.",
    ),
    ContractCheck(
        "listed by cart", steps.listed_by_cart, "GET orders?cart_id= lists the orders of this cart and no others."
    ),
    ContractCheck(
        "listed by phone", steps.listed_by_phone, "Compare the last eight digits of the number, however it is written."
    ),
    ContractCheck(
        "listed page by page", steps.listed_page_by_page, "Obey email and limit; 'next' is what to pass as after."
    ),
    ContractCheck(
        "listed by time", steps.listed_by_time, "GET orders?since= alone lists every order from then on, your own too."
    ),
    ContractCheck(
        "order is amended", afterwards.amended, "PATCH replaces what it names and answers the order as it is then."
    ),
    ContractCheck(
        "order comes late",
        afterwards.order_comes_late,
        "PUT of a ref that you have changes nothing: our first call may come after a change of the order.",
    ),
    ContractCheck(
        "refused change",
        afterwards.refused_change,
        "Keep the number of a PATCH only with what it changes: all of it in one transaction, or nothing.",
    ),
    ContractCheck(
        "late change is refused",
        afterwards.late_change_is_refused,
        "Keep the number of the last PATCH with the order, in its transaction; answer 409 outdated to a lower one.",
    ),
    ContractCheck(
        "contact is amended", afterwards.contact_amended, "PATCH with contact alone leaves all the rest as it is."
    ),
    ContractCheck(
        "payment is told",
        afterwards.payment_is_told,
        "PUT payment keeps the payment as it stands with the order, and answers the order.",
    ),
    ContractCheck(
        "late report is refused",
        afterwards.late_report_is_refused,
        "Keep the number of the last report with the order; answer 409 outdated to a lower one.",
    ),
    ContractCheck(
        "order is cancelled", afterwards.cancelled, "POST cancellation answers the order with status cancelled."
    ),
    ContractCheck(
        "cancelled again", afterwards.cancelled_again, "A second cancellation changes nothing and answers the same."
    ),
    ContractCheck(
        "cancelled is not changed",
        afterwards.cancelled_is_not_changed,
        "Answer 409 cancelled to a PATCH of an order that is cancelled.",
    ),
    ContractCheck(
        "cancelled does not come back",
        afterwards.cancelled_stays_so,
        "Answer 409 cancelled to a PUT of a ref that was cancelled: one of ours may arrive late.",
    ),
    ContractCheck(
        "cancelled before it came",
        afterwards.cancelled_before_it_came,
        "Keep a ref that is cancelled before its order comes, where refs are unique; refuse its PUT: 409 cancelled.",
    ),
    ContractCheck(
        "cancelled at once",
        afterwards.cancelled_at_once,
        "Let the database decide between a PUT and a cancellation: keep both where ref is unique.",
    ),
    ContractCheck(
        "cart is free again", afterwards.cart_is_free_again, "Only orders that were not cancelled hold their cart."
    ),
    ContractCheck("order was shipped", afterwards.already_shipped, ""),
)


class CheckResult(Struct, frozen=True):
    """`ok` is None for what could not be tried; `advice` says what to do about a failure."""

    name: str
    ok: bool | None
    detail: str
    advice: str = ""


def run_checks(url: str, token: str, sample: Sample, chargeable: Chargeable) -> Iterator[CheckResult]:
    """One result after the other, as they come; the contract holds if none has `ok` False.

    `chargeable`: which sums the payment provider takes. When not even `health` answers, nothing else is tried.
    """
    visit = Visit(url, token, sample, chargeable)
    try:
        for check in CHECKS:
            result = _run(check, visit)
            yield result
            if check is CHECKS[0] and not result.ok:
                return
    finally:
        left_over = visit.clean_up()
    yield CheckResult(
        "cleaned up",
        not left_over,
        f"not cancelled: {', '.join(left_over)}" if left_over else "every order of this check is cancelled",
        "Cancel these orders by hand." if left_over else "",
    )


def _run(check: ContractCheck, visit: Visit) -> CheckResult:
    try:
        return CheckResult(check.name, True, check.run(visit))
    except NotTried as reason:
        return CheckResult(check.name, None, str(reason))
    except (Broken, TryAgain, OutcomeUnknown) as fault:
        return CheckResult(check.name, False, str(fault), check.advice)
