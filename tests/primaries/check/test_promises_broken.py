"""`fallback primary check` is exact about a shop that does not keep the contract: what fails, why, and what to do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from fallback.domain.order.cart import Discount, Tax
from fallback.domain.placement.matching import PrimaryOrder
from fallback.payments.currencies import chargeable
from fallback.primaries.check import run_checks
from tests.fakes.primary import FakePrimary
from tests.primaries.check.answers_that_err import (
    Forgotten,
    Innumerate,
    Numbering,
    Pageless,
    PlainSpoken,
    Talkative,
    Terse,
    Trusting,
    Unaddressed,
    Wordy,
)
from tests.primaries.check.checking import SAMPLE, check, checked, failed, stocked
from tests.primaries.check.shops_that_err import (
    Absentminded,
    Careless,
    Counting,
    Forgetful,
    Forgetting,
    Forgiving,
    Generous,
    Hasty,
    Hoarding,
    Impatient,
    Inattentive,
    Miserly,
    Muddled,
    Narrow,
    Obliging,
    OnItsOwnTerms,
    Particular,
    Private,
    Replacing,
    Restless,
    Settled,
    Stubborn,
    Trustful,
    Unprepared,
    Unreachable,
)
from tests.reference_shop import Fault, Handler, ReferenceShop, primary_at, serving

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


def test_an_order_whose_cancellation_is_answered_in_another_form_is_left_to_a_person_as_not_known() -> None:
    shop = stocked(FakePrimary())

    *_, last = check(shop, Numbering)

    assert {order.status for order in shop.orders.values() if order.ref} == {"cancelled"}
    assert (last.name, last.ok) == ("cleaned up", False)
    assert "(cancelled, or not: the shop's 200 is not of the form" in last.detail


def test_a_shop_that_does_not_answer_is_asked_once() -> None:
    with serving(ReferenceShop(FakePrimary())) as server:
        server.misbehave(Fault("error", times=-1))
        results = checked(server)

    assert [(result.name, result.ok) for result in results] == [("health", False)]
    assert results[0].advice


def test_a_wrong_token_is_told_at_once() -> None:
    results = check(FakePrimary(), token="mistyped")

    assert failed(results) == {"health": "the primary does not accept our token (401)"}


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
