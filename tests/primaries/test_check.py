"""`fallback primary check`: green for a shop that keeps the contract, and exact about one that does not."""

from __future__ import annotations

import re
import sys
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime
from threading import Event
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.cart import Delivery, Discount, Line, Tax
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.placement.matching import PrimaryDelivery, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, Duplicates
from fallback.payments.currencies import chargeable
from fallback.primaries import KINDS
from fallback.primaries.calls import DEADLINE
from fallback.primaries.check import CHECKS, CheckResult, Sample, run_checks
from fallback.primaries.http import Settings
from tests.builders import STANDARD
from tests.fakes.primary import FakePrimary, NotForSale
from tests.reference_shop import Amendment, Fault, Handler, ReferenceShop, primary_at, serving

# What a shop gives an order itself.
OF_THE_SHOP = ("id", "number", "status", "paid", "amendment")
SAMPLE = Sample(
    Line("BK-1", "The Sea, the Sea", 1, 1299),
    STANDARD,
    "EUR",
    "GB",
    second_line=Line("BK-2", "The Bell", 1, 999),
    other_delivery=Delivery("courier", "Courier", 1290),
    own_order="100900",
    unpaid_order="100901",
)

BY_THEMSELVES = {
    "health",
    "can be paid",
    "unknown ref",
    "wrong token",
    "errors",
    "not an order",
    "own order is listed",
    "unpaid order gives way",
    "cleaned up",
}
ALREADY_SHIPPED = "needs an order that was shipped: ship one by hand, then change and cancel it: already_shipped"


def stocked(shop: FakePrimary) -> FakePrimary:
    shop.stock["BK-1"], shop.prices["BK-1"] = 100, 1299
    shop.can |= {"payments"}
    for number, paid in (("100900", True), ("100901", False)):
        order = PrimaryOrder(
            number, number, f"own-{number}", "EUR", (), PrimaryDelivery("standard"), 0, "placed", paid=paid
        )
        shop.placed_at[number] = datetime.now(UTC)
        shop.orders[number] = order
    return shop


def check(
    shop: FakePrimary,
    handler: type[Handler] = Handler,
    token: str | None = None,
    sample: Sample | None = None,
) -> list[CheckResult]:
    server = ReferenceShop(shop)
    server.RequestHandlerClass = handler
    with serving(server):
        return checked(server, SAMPLE if sample is None else sample, token)


def checked(server: ReferenceShop, sample: Sample = SAMPLE, token: str | None = None) -> list[CheckResult]:
    settings = Settings(primary_url=server.url, primary_token=token or server.token)
    more = KINDS["http"].checks(settings, DEADLINE)
    primary = primary_at(server.url, settings.primary_token, failures=sys.maxsize)
    return list(run_checks(primary, sample, chargeable, more))


def failed(results: list[CheckResult]) -> dict[str, str]:
    return {result.name: result.detail for result in results if result.ok is False}


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


def test_an_order_whose_cancellation_is_answered_in_another_form_is_left_to_a_person_as_not_known() -> None:
    shop = stocked(FakePrimary())

    *_, last = check(shop, Numbering)

    assert {order.status for order in shop.orders.values() if order.ref} == {"cancelled"}
    assert (last.name, last.ok) == ("cleaned up", False)
    assert "(cancelled, or not: the shop's 200 is not of the form" in last.detail


def test_a_shop_that_does_not_say_what_is_paid_keeps_the_contract_and_reads_what_that_means() -> None:
    class Silent(FakePrimary):
        def keep(self, order: PrimaryOrder) -> PrimaryOrder:
            return super().keep(replace(order, paid=None))

    shop = stocked(Silent())
    shop.can -= {"unpaid"}
    results = {result.name: result for result in check(shop)}
    assert failed(list(results.values())) == {}
    assert "the customer is asked" in results["paid is said"].detail


def test_a_shop_that_does_not_answer_is_asked_once() -> None:
    with serving(ReferenceShop(FakePrimary())) as server:
        server.misbehave(Fault("error", times=-1))
        results = checked(server)

    assert [(result.name, result.ok) for result in results] == [("health", False)]
    assert results[0].advice


def test_a_wrong_token_is_told_at_once() -> None:
    results = check(FakePrimary(), token="mistyped")

    assert failed(results) == {"health": "the primary does not accept our token (401)"}


class Forgetful(FakePrimary):
    """Claims to enforce uniqueness, and makes an order of every request."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        self.duplicates = Duplicates.SEARCH
        made = super().put(order)
        self.duplicates = Duplicates.ENFORCED
        return made


class Absentminded(FakePrimary):
    """Looks at neither stock nor prices."""

    def _check_sale(self, *_: Any, **__: Any) -> None:
        pass


class Impatient(FakePrimary):
    """Orders what it was only asked about."""

    def estimate(self, order: PrimaryOrder) -> Quote:
        self.put(order)
        return super().estimate(order)


class Careless(FakePrimary):
    """Keeps a slot of its own choice."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        return super().put(replace(order, delivery=replace(order.delivery, slot="whenever")))


class Stubborn(FakePrimary):
    """Answers a cancellation, and ships."""

    def withdraw(self, ref: str) -> PrimaryOrder:
        return self.ours(ref)


class Forgiving(FakePrimary):
    """Takes an order again that was cancelled, or was cancelled before it came."""

    def _refuse_cancelled(self, order: PrimaryOrder) -> None:
        pass


class Hasty(FakePrimary):
    """Cancels what is paid."""

    def withdraw_unpaid(self, id: str) -> PrimaryOrder:
        return self.keep(replace(next(order for order in self.listed() if order.id == id), status="cancelled"))


class Forgetting(FakePrimary):
    """Says of what we placed that it waits for its payment."""

    def keep(self, order: PrimaryOrder) -> PrimaryOrder:
        return super().keep(replace(order, paid=False))


class Obliging(FakePrimary):
    """Takes every change as it comes."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        self.keep(replace(super().change(ref, new, fields), amendment=number))
        return self.orders[ref]


class Replacing(FakePrimary):
    """Writes an order that comes again over the one that is there."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        there, new = super().put(order)
        return self.keep(replace(order, **{name: getattr(there, name) for name in OF_THE_SHOP})), new


class Restless(FakePrimary):
    """Changes what is cancelled."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        there = self.ours(ref)
        self.orders[ref] = replace(there, status="placed")
        return self.keep(replace(super().change(ref, new, fields, number), status=there.status))


class Counting(FakePrimary):
    """Keeps the number of a change that it refuses."""

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        try:
            return super().change(ref, new, fields, number)
        except NotForSale:
            self.keep(replace(self.orders[ref], amendment=number))
            raise


class Inattentive(FakePrimary):
    """Looks for a cancellation, and writes the order afterwards, whatever has come between."""

    def __init__(self) -> None:
        super().__init__()
        self.between: defaultdict[str, Event] = defaultdict(Event)

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        ref = order.ref or ""
        if ref not in self.orders and ref not in self.tombstones:
            self.between[ref].wait(0.1)
            self.tombstones.discard(ref)
        return super().put(order)

    def bury(self, ref: str) -> None:
        super().bury(ref)
        self.between[ref].set()


class StockLess(FakePrimary):
    """Sells any quantity."""

    def _left(self, *_: Any) -> int:
        return 10**9


class Numbering(Handler):
    """Cancels, and answers with a number where the contract has a word."""

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        status, answer = super().carry_out(body)
        return status, msgspec.to_builtins(answer) | {"status": 3} if self.path.endswith("/cancellation") else answer


class Exact(Handler):
    """Takes no change without its number."""

    def carry_out(self, body: bytes) -> tuple[int, Any]:
        if self.command == "PATCH" and msgspec.json.decode(body, type=Amendment).amendment is None:
            raise Refused("invalid", "amendment is missing")
        return super().carry_out(body)


class Trusting(Handler):
    """Takes any token."""

    def answer_to(self, body: bytes) -> tuple[int, Any]:
        self.headers.replace_header("Authorization", f"Bearer {self.server.token}")
        return super().answer_to(body)


class Talkative(Handler):
    """Lists every order, whatever was asked for."""

    def page(self, **_: str) -> dict[str, Any]:
        return super().page()


class PlainSpoken(Handler):
    """Answers errors as plain JSON."""

    def say(self, status: int, content: bytes, media: str = "application/json", *more: tuple[str, str]) -> None:
        super().say(status, content, "application/json", *more)


class Particular(FakePrimary):
    """Knows a customer only in the letter case of the order."""

    def listed(self, cart_id: str | None = None, email: str | None = None, *more: Any) -> Iterator[PrimaryOrder]:
        found = super().listed(cart_id, email, *more)
        return (order for order in found if not email or order.email == email or order.cart_id == cart_id)


class Private(FakePrimary):
    """Lists only what came from us."""

    def listed(self, *narrow: Any, **more: Any) -> Iterator[PrimaryOrder]:
        return (order for order in super().listed(*narrow, **more) if order.ref)


class Trustful(FakePrimary):
    """Says of an order that waits for its payment that it is paid."""

    def listed(self, *narrow: Any, **more: Any) -> Iterator[PrimaryOrder]:
        return (replace(order, paid=True) for order in super().listed(*narrow, **more))


class Changing(FakePrimary):
    """Keeps of a change all but one thing."""

    keeps: Callable[[PrimaryOrder, PrimaryOrder], PrimaryOrder]

    def change(
        self, ref: str, new: PrimaryOrder, fields: Collection[str] = AGREED, number: int | None = None
    ) -> PrimaryOrder:
        before = self.ours(ref)
        return self.keep(type(self).keeps(before, super().change(ref, new, fields, number)))


class Settled(Changing):
    """Keeps the delivery that the order had."""

    keeps = lambda before, now: replace(now, delivery=before.delivery)  # noqa: E731


class Hoarding(Changing):
    """Adds lines and removes none."""

    keeps = lambda before, now: replace(now, lines=tuple(dict.fromkeys((*before.lines, *now.lines))))  # noqa: E731


class Unreachable(Changing):
    """Keeps the phone number that the order had."""

    keeps = lambda before, now: replace(now, phone=before.phone)  # noqa: E731


class Muddled(FakePrimary):
    """Keeps whatever report of a payment came last."""

    def hear_of_payment(self, ref: str, number: int, payment: PaymentStands) -> PrimaryOrder:
        self.payments.pop(ref, None)
        return super().hear_of_payment(ref, number, payment)


class Generous(FakePrimary):
    """Forgets the tax on top, and takes off no discount."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        goods = sum(line.quantity * line.unit_price for line in order.lines)
        return super().put(replace(order, total=goods + STANDARD.price))


class OnItsOwnTerms(FakePrimary):
    """Says that it honours prices, and takes its own."""

    def __init__(self) -> None:
        super().__init__()
        self.can |= {"honours_prices"}

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        lines = tuple(replace(line, unit_price=self.prices.get(line.sku, line.unit_price)) for line in order.lines)
        return super().put(replace(order, lines=lines))


class Miserly(FakePrimary):
    """Keeps the pieces of a cancelled order."""

    def _left(self, sku: str, besides: PrimaryOrder | None) -> int:
        cancelled = [order for order in self.listed() if order.status == "cancelled"]
        return super()._left(sku, besides) - sum(line.quantity for order in cancelled for line in order.lines)


class Narrow(FakePrimary):
    """Has no room for the second line of an address."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        assert order.shipping_address
        return super().put(replace(order, shipping_address=replace(order.shipping_address, line2=None)))


class Placeless(FakePrimary):
    """Does not say where an order goes."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        return super().put(replace(order, shipping_address=None))


class Unprepared(FakePrimary):
    """Knows none of our products."""

    def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
        raise Refused("invalid", "there is no BK-1")


class Terse(Handler):
    """Leaves out what is empty."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        address = order.shipping_address and msgspec.to_builtins(order.shipping_address)
        return super().shown(order) | {"shipping_address": address and without(address, "region")}


class Unaddressed(Handler):
    """Does not say whose an order is, nor when it was placed."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        return without(super().shown(order), "email", "placed_at")


class Wordy(Handler):
    """Says sums in words."""

    def shown(self, order: PrimaryOrder) -> dict[str, Any]:
        return super().shown(order) | ({"total": str(order.total)} if order.ref else {})


class Forgotten(Handler):
    """Knows no PATCH, and neither does the framework that answers instead."""

    def say(self, status: int, content: bytes, media: str = "application/json", *more: tuple[str, str]) -> None:
        if self.command == "PATCH":
            status, content, media = 405, b"<h1>Method Not Allowed</h1>", "text/html"
        super().say(status, content, media, *more)


class Pageless(Handler):
    """Names no next page."""

    def page(self, **narrow: str) -> dict[str, Any]:
        return super().page(**narrow) | {"next": None}


class Innumerate(Handler):
    """Takes whatever total comes."""

    def add_up(self, *_: Any) -> None:
        pass


def without(members: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in members.items() if name not in names}


@pytest.mark.parametrize(
    ("shop", "found"),
    [
        (Particular, {"listed in any case"}),
        (Private, {"own order is listed", "unpaid order gives way"}),
        (Trustful, {"unpaid order gives way"}),
        (Settled, {"delivery is changed"}),
        (Hoarding, {"order is amended"}),
        (Unreachable, {"phone is amended"}),
        (Muddled, {"late report is refused"}),
        (OnItsOwnTerms, {"price honoured"}),
        (Forgetful, {"same order again", "same order at once", "second order of a cart"}),
        (Absentminded, {"out of stock", "price changed"}),
        (Impatient, {"quoted"}),
        (Careless, {"order is read back"}),
        (Stubborn, {"order is cancelled"}),
        (Miserly, {"stock comes back"}),
        (Narrow, {"whole address"}),
        (Obliging, {"late change is refused"}),
        (Hasty, {"paid order stays"}),
        (Forgetting, {"paid is said"}),
        (Replacing, {"order comes late"}),
        (Restless, {"cancelled is not changed"}),
        (Counting, {"refused change"}),
        (Inattentive, {"cancelled at once"}),
        (Forgiving, {"cancelled does not come back", "cancelled before it came"}),
    ],
)
def test_a_shop_that_breaks_a_promise_is_found_out(shop: Callable[[], FakePrimary], found: set[str]) -> None:
    assert found <= failed(check(stocked(shop()))).keys()


def test_a_shop_that_wants_the_number_of_each_change_keeps_the_contract() -> None:
    assert failed(check(stocked(FakePrimary()), Exact)) == {}


def test_a_shop_that_forgets_the_discount_is_found_out() -> None:
    discounted = replace(SAMPLE, discount=Discount("Two for less", 300))
    assert "two lines" in failed(check(stocked(Generous()), sample=discounted))
    results = {result.name: result for result in check(stocked(FakePrimary()), sample=discounted)}
    assert (results["two lines"].ok, results["line is added"].ok) == (True, None)


def test_a_shop_that_forgets_the_tax_on_top_is_found_out() -> None:
    taxed = replace(SAMPLE, tax=Tax(False, 247))
    assert "added tax" in failed(check(stocked(Generous()), sample=taxed))
    results = {result.name: result for result in check(stocked(FakePrimary()), sample=taxed)}
    assert results["added tax"].ok is True


def test_a_shop_that_counts_no_stock_says_so_and_keeps_the_contract() -> None:
    results = check(stocked(StockLess()), sample=replace(SAMPLE, counts_stock=False))
    assert failed(results) == {}
    assert {"out of stock", "quoted out of stock"} <= {result.name for result in results if result.ok is None}


def test_ten_pieces_of_the_first_product_and_two_of_the_second_are_enough() -> None:
    shop = stocked(FakePrimary())
    shop.can |= {"honours_prices"}
    shop.stock |= {"BK-1": 10, "BK-2": 2}
    assert failed(check(shop, sample=replace(SAMPLE, tax=Tax(False, 247)))) == {}


def test_a_shop_that_runs_out_of_stock_meanwhile_is_told_how_much_is_needed() -> None:
    shop = stocked(FakePrimary())
    shop.stock["BK-1"] = 3
    advice = {result.name: result.advice for result in check(shop)}
    assert advice["two lines"] == "The check needs ten pieces of the first product, and two of the second."


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("http://127.0.0.1:1", "connection refused"),
        ("http://shop.invalid", "the host's name is not known"),
        ("shop.example", "the address needs http:// or https://"),
    ],
)
def test_a_shop_that_is_not_reached_is_told_why(address: str, cause: str) -> None:
    [result] = run_checks(primary_at(address, "token"), SAMPLE, chargeable)
    assert result.detail == f"no connection to the primary ({cause})"


def test_a_shop_that_takes_too_long_is_told_how_long() -> None:
    with serving(ReferenceShop(stocked(FakePrimary()))) as server:
        server.misbehave(Fault("slow", times=-1, methods=("GET",), seconds=3))
        [result] = run_checks(primary_at(server.url, server.token, deadline=1), SAMPLE, chargeable)
    assert "timed out after 1 s" in result.detail


NO_PATCH = "the shop answers 405 to PATCH REF, not as application/problem+json: it has no such address"


@pytest.mark.parametrize(
    ("handler", "name", "detail"),
    [
        (Terse, "every field", "not in the answer: shipping_address.region"),
        (Unaddressed, "every field", "not in the answer: placed_at, email"),
        (Innumerate, "total adds up", "a total is taken that the lines and the delivery do not make"),
        (PlainSpoken, "errors", "404 with 'application/json' instead of application/problem+json"),
        (
            Wordy,
            "order is created",
            "the shop's 201 is not of the form that we know: Expected `int`, got `str` - at `$.total`",
        ),
        (Forgotten, "order is amended", f"refused: no_such_route ({NO_PATCH})"),
        (Pageless, "page by page", "'next' is null on page 1, and REF was on none"),
    ],
)
def test_a_fault_of_the_answers_is_told_once_and_the_orders_are_cancelled(
    handler: type[Handler], name: str, detail: str
) -> None:
    said = failed(check(stocked(FakePrimary()), handler, sample=replace(SAMPLE, own_order=None, unpaid_order=None)))
    assert {each: re.sub(r"(orders/)?FB-[\w-]+", "REF", said[each]) for each in said} == {name: detail}


def test_a_shop_that_does_not_say_where_an_order_goes_reads_what_that_means() -> None:
    results = check(stocked(Placeless()))
    assert failed(results) == {}
    assert "would not be noticed" in next(result.detail for result in results if result.name == "whole address")


def test_when_the_first_order_fails_that_is_the_one_cause_and_nothing_else_is_tried() -> None:
    shop = stocked(Unprepared())
    results = check(shop)

    assert failed(results) == {"order is created": "refused: invalid (there is no BK-1)"}
    passed = {result.name for result in results if result.ok}
    assert passed == BY_THEMSELVES
    not_tried = {result.detail for result in results if result.ok is None}
    assert not_tried == {"'order is created' failed: see there", ALREADY_SHIPPED}


def test_without_tombstones_too_a_cancelled_order_stays_so() -> None:
    class Reviving(FakePrimary):
        """Makes an order again of what was cancelled, when it comes once more."""

        def put(self, order: PrimaryOrder) -> tuple[PrimaryOrder, bool]:
            there, new = super().put(order)
            return self.keep(replace(there, status="placed")), new

    shop = stocked(Reviving())
    shop.can -= {"tombstones"}
    assert failed(check(shop)) == {
        "cancelled does not come back": "the order that was cancelled is answered as 'placed'"
    }


def test_what_builds_on_a_cancellation_is_not_tried_without_one() -> None:
    results = {result.name: result for result in check(stocked(Stubborn()))}
    for name in ("cancelled again", "cart is free again", "stock comes back"):
        assert (results[name].ok, results[name].detail) == (None, "'order is cancelled' failed: see there")


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


def test_a_list_that_is_not_narrowed_is_found_out() -> None:
    assert {"listed by cart", "listed by time"} <= failed(check(stocked(FakePrimary()), Talkative)).keys()


def test_a_shop_that_takes_any_token_is_found_out() -> None:
    assert failed(check(stocked(FakePrimary()), Trusting)) == {"wrong token": "200 instead of 401"}


def test_a_failure_says_what_differs_and_what_to_do() -> None:
    results = {result.name: result for result in check(stocked(Careless()))}

    assert results["order is read back"].detail == "slot: 2026-11-23-am agreed, whenever there"
    assert results["order is read back"].advice


def test_an_order_that_comes_after_its_cancellation_is_told_in_words() -> None:
    results = {result.name: result for result in check(stocked(Forgiving()))}

    late = results["cancelled before it came"]
    assert late.detail == "the order is taken although its ref was cancelled"
    assert late.advice.endswith("refuse its order: cancelled.")


def test_an_order_that_cannot_be_cancelled_is_named_at_the_end() -> None:
    class Unwilling(FakePrimary):
        """Knows no cancellation."""

        def withdraw(self, ref: str) -> PrimaryOrder:
            self.ours("no such order")
            raise AssertionError

    shop = stocked(Unwilling())

    last = check(shop)[-1]

    assert (last.name, last.ok) == ("cleaned up", False)
    assert all(ref in last.detail for ref, order in shop.orders.items() if order.ref)
