"""The checker says nothing of books that agree, and finds each thing that does not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fallback.domain.order.order import (
    Event,
    Notice,
    NoticeKind,
    NoticeState,
    Order,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
)
from tests.builders import NOW, an_order, wanted
from tests.crash.books import Books, Money, SeenIntent
from tests.crash.checker import check, must_not_be_there

REF, OTHER = "FB-7K3M-92QX-5", "FB-0000-0001-F"
TOTAL = 3093
PAID = Payment(amount=TOTAL, state=PaymentState.CAPTURED, intent="pi_1", authorized=TOTAL, captured=TOTAL)
TOLD = Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW, state=NoticeState.SENT)
SETTLED = an_order(ref=REF, payment=PAID, placement=Placement(state=PlacementState.VERIFIED), notices=(TOLD,))
TAKEN = SeenIntent("pi_1", "succeeded", TOTAL)
MONEY = Money(intents=(TAKEN,), currency="eur", captured=TOTAL, captures=1)
THERE = replace(wanted(SETTLED), id="1", number="100001", status="placed")
MAIL = f"<{REF}.1.signature@localhost>"


# By hand, in Stripe's dashboard.
GIVEN_BACK = replace(SETTLED, payment=replace(PAID, state=PaymentState.REFUNDED, refunded=TOTAL))


def said(*whats: str) -> dict[str, list[Event]]:
    return {REF: [Event(NOW, what, "worker") for what in whats]}


BOOKS = Books({REF: SETTLED}, said("placed", "verified", "captured"), {REF: MONEY}, [THERE], [MAIL])


def found(books: Books) -> str:
    return "\n".join(finding.what for finding in check([REF], books))


def test_books_that_agree() -> None:
    assert check([REF], BOOKS) == []


def test_an_order_in_progress_breaks_no_promise() -> None:
    waiting = an_order(ref=REF)
    held = Money((SeenIntent("pi_1", "requires_capture", TOTAL),), "eur", authorized=TOTAL)
    assert check([REF], Books({REF: waiting}, said("received", "authorized"), {REF: held}, [], [])) == []


def money(**changes: object) -> Callable[[], Books]:
    return lambda: replace(BOOKS, money={REF: replace(MONEY, **changes)})


def order(**changes: object) -> Callable[[], Books]:
    return lambda: replace(BOOKS, orders={REF: replace(SETTLED, **changes)})


def shop(*orders: object) -> Callable[[], Books]:
    return lambda: replace(BOOKS, shop=list(orders))


def given_up(state: PlacementState = PlacementState.CANCELLED) -> Order:
    return replace(SETTLED, placement=Placement(state=state), payment=Payment(amount=TOTAL, state=PaymentState.VOIDED))


@pytest.mark.parametrize(
    ("books", "finding"),
    [
        (lambda: replace(BOOKS, orders={}), "was acknowledged, and the ledger does not have it"),
        (lambda: replace(BOOKS, money=BOOKS.money | {OTHER: MONEY}), "Stripe has an intent for it, and the ledger"),
        (lambda: replace(BOOKS, money_without_ref=1), "1 intents without a ref"),
        (lambda: replace(BOOKS, mails=[MAIL, f"<{OTHER}.1.signature@localhost>"]), "a customer had mail about it"),
        (shop(THERE, replace(THERE, ref=OTHER)), "the shop has it, and the ledger does not"),
        (shop(THERE, THERE), "stands in the shop 2 times"),
        (shop(THERE, replace(THERE, ref=None, number="7")), "the shop has 2 orders for its cart: 100001, 7"),
        (shop(), "is settled, and the shop does not have it"),
        (shop(replace(THERE, status="cancelled")), "is settled, and the shop does not have it"),
        (shop(replace(THERE, total=TOTAL + 1)), f"agreed {TOTAL}, Stripe {TOTAL}, shop {TOTAL + 1}"),
        (shop(replace(THERE, lines=())), "the shop has it otherwise than agreed"),
        (money(captures=2), "was captured 2 times"),
        (money(intents=(TAKEN, TAKEN)), "has 2 intents, 2 of them with money"),
        (money(intents=(TAKEN, SeenIntent("pi_2", "requires_payment_method", TOTAL))), "has 2 intents, 1 of them"),
        (money(currency="usd"), "is paid in usd, not in EUR"),
        (money(captured=TOTAL - 1), f"agreed {TOTAL}, Stripe {TOTAL - 1}, shop {TOTAL}"),
        (money(refunded=1), "is settled for 3093, and Stripe took and gave back (3093, 1)"),
        (money(authorized=5), "is settled, and 5 are still set aside"),
        (lambda: replace(BOOKS, orders={REF: given_up()}), "is cancelled, and still stands in the shop"),
        (lambda: replace(BOOKS, orders={REF: GIVEN_BACK}), "is refunded, and still stands in the shop"),
        (lambda: replace(BOOKS, orders={REF: given_up()}), "is cancelled, and 3093 were kept"),
        (lambda: replace(BOOKS, timelines=said("placed", "captured", "verified")), "captured before it was verified"),
        (lambda: replace(BOOKS, timelines=said("placed")), "captured before it was verified"),
        (lambda: replace(BOOKS, timelines=said("verified", "cancelled")), "was cancelled, and is verified"),
        (lambda: replace(BOOKS, timelines=said("verified", "cancel_asked")), "the order has forgotten it"),
        (lambda: replace(BOOKS, mails=[MAIL, MAIL]), "mail 1 went out 2 times"),
        (lambda: replace(BOOKS, mails=[]), "is said to be sent, and nobody has it"),
        (lambda: replace(BOOKS, mails=[MAIL, MAIL.replace(".1.", ".9.")]), "mail 9 is of no notice"),
        (order(notices=(replace(TOLD, state=NoticeState.QUEUED),)), "went out, and is said to be queued"),
        (
            lambda: replace(order(notices=(TOLD, replace(TOLD, id="2")))(), mails=[MAIL, MAIL.replace(".1.", ".2.")]),
            "the customer was told 'placed' 2 times",
        ),
        (
            lambda: replace(BOOKS, orders={REF: SETTLED, OTHER: replace(SETTLED, ref=OTHER)}),
            f"the ledger has 2 orders for its cart: {OTHER}, {REF}",
        ),
    ],
)
def test_the_checker_finds_every_disagreement_in_the_books(books: Callable[[], Books], finding: str) -> None:
    assert finding in found(books())


def test_what_must_not_be_in_the_shop_is_counted() -> None:
    stranger, its_own = replace(THERE, ref=OTHER, number="7"), replace(THERE, ref=None, number="8")
    books = replace(BOOKS, shop=[THERE, stranger, its_own, replace(stranger, number="9", status="cancelled")])
    assert must_not_be_there(books) == ["7"]
    assert must_not_be_there(replace(books, orders={REF: GIVEN_BACK})) == ["100001", "7"]
