"""What each answer of a primary means: which error, for a read and for a write."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from structlog.testing import capture_logs

from fallback.domain.errors import UNTOLD, OutcomeUnknown, RateLimited, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import PrimaryOrder, differences
from fallback.domain.placement.primary import CartAlreadyOrdered
from fallback.primaries.http.primary import HttpPrimary
from fallback.primaries.pages import MOST_PAGES
from fallback.primaries.transport import LARGEST_ANSWER
from tests.builders import NOW, an_order
from tests.primaries.answering import PAGE, PROBLEM, SHOP, answer_of, every_call_answers, url
from tests.reference_shop import primary_at


@pytest.fixture
def primary() -> HttpPrimary:
    return primary_at(f"{SHOP}/", "s3cret", failures=1000)


def test_the_address_and_the_token_are_those_of_the_contract(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.put(url(order), status=201, json=answer_of(order))

    primary.place(order)

    sent = web.calls[0].request
    assert sent.headers["Authorization"] == "Bearer s3cret"
    assert sent.headers["Content-Type"] == "application/json"


UNCLEAR: dict[str, dict[str, Any]] = {
    "500 with a page": {"status": 500, "body": PAGE, "content_type": "text/html"},
    "500 with a problem": {"status": 500, "json": {"code": "invalid"}, "content_type": PROBLEM},
    "502 of a proxy": {"status": 502, "body": PAGE, "content_type": "text/html"},
    "504 of a proxy": {"status": 504, "body": PAGE, "content_type": "text/html"},
    "200 with a page": {"status": 200, "body": PAGE, "content_type": "text/html"},
    "200 with nothing": {"status": 200, "body": b""},
    "200 with half a JSON": {"status": 200, "body": b'{"id": "7", "number": "10'},
    "200 with null": {"status": 200, "body": b"null"},
    "200 nested deeply": {"status": 200, "body": b'{"id":' + b"[" * 100_000},
    "200 that is not UTF-8": {"status": 200, "body": b'{"id":"\xff"}'},
    "200 that is too large": {"status": 200, "body": b" " * (LARGEST_ANSWER + 1)},
    "200 with a health": {"status": 200, "json": {"status": "ok", "duplicates": "enforced"}},
    "204": {"status": 204, "body": b""},
    "a redirect": {"status": 302, "headers": {"Location": f"{SHOP}/login"}},
    "404 of another server": {"status": 404, "body": PAGE, "content_type": "text/html"},
    "409 with a page": {"status": 409, "body": PAGE, "content_type": "text/html"},
    "409 without a code": {"status": 409, "json": {"title": "Conflict"}, "content_type": PROBLEM},
    "409 without its rival": {"status": 409, "json": {"code": "cart_already_ordered"}, "content_type": PROBLEM},
    "a reset": {"body": requests.ConnectionError("reset")},
    "a timeout": {"body": requests.ReadTimeout("slow")},
    "a broken transfer": {"body": requests.exceptions.ChunkedEncodingError("half")},
}


@pytest.mark.parametrize("answer", UNCLEAR.values(), ids=UNCLEAR.keys())
def test_an_unclear_answer_leaves_a_write_unknown_and_a_read_for_later(
    web: Any, primary: HttpPrimary, order: Order, answer: dict[str, Any]
) -> None:
    every_call_answers(web, order, **answer)

    with pytest.raises(OutcomeUnknown):
        primary.place(order)
    with pytest.raises(TryAgain):
        primary.find(order.ref)


def test_a_write_is_sent_once_and_a_read_three_times(web: Any, primary: HttpPrimary, order: Order) -> None:
    every_call_answers(web, order, status=500)

    with pytest.raises(OutcomeUnknown):
        primary.place(order)
    with pytest.raises(TryAgain):
        primary.find(order.ref)

    assert [call.request.method for call in web.calls] == ["PUT", "GET", "GET", "GET"]


def test_a_read_that_fails_once_is_retried(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.get(url(order), status=502)
    web.get(url(order), json=answer_of(order))

    assert primary.read(order.ref).number == "100007"


@pytest.mark.parametrize("changes", [{"ref": "FB-0000-0000-0"}, {"ref": None}])
def test_another_order_than_the_one_asked_for_is_no_answer(
    web: Any, primary: HttpPrimary, order: Order, changes: dict[str, Any]
) -> None:
    every_call_answers(web, order, json=answer_of(order, **changes))

    with pytest.raises(OutcomeUnknown):
        primary.place(order)
    with pytest.raises(TryAgain):
        primary.read(order.ref)


@pytest.mark.parametrize(
    "changes",
    [{"total": "2893"}, {"total": 28.93}, {"currency": None}, {"lines": [{"sku": "BK-1"}]}, {"delivery": "standard"}],
)
def test_an_order_of_another_shape_is_no_answer(
    web: Any, primary: HttpPrimary, order: Order, changes: dict[str, Any]
) -> None:
    every_call_answers(web, order, json=answer_of(order, **changes))

    with pytest.raises(OutcomeUnknown):
        primary.place(order)


def test_an_order_that_differs_is_handed_on_as_it_is(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.put(url(order), json=answer_of(order, currency="GBP", total=1))

    placed = primary.place(order)

    assert (placed.currency, placed.total) == ("GBP", 1)


@pytest.mark.parametrize(("header", "after"), [("7", 7.0), (None, None), ("soon", None)])
def test_a_busy_primary_is_asked_again_when_it_says(
    web: Any, primary: HttpPrimary, order: Order, header: str | None, after: float | None
) -> None:
    every_call_answers(web, order, status=503, body=PAGE, headers={"Retry-After": header} if header else {})

    for call in (lambda: primary.place(order), lambda: primary.find(order.ref)):
        with pytest.raises(TryAgain) as refusal:
            call()
        assert refusal.value.after == after
    assert len(web.calls) == 2


@pytest.mark.parametrize(("header", "after"), [("7", 7.0), (None, UNTOLD), ("soon", UNTOLD)])
def test_a_primary_that_limits_calls_is_left_alone_for_as_long_as_it_says(
    web: Any, primary: HttpPrimary, order: Order, header: str | None, after: float
) -> None:
    every_call_answers(web, order, status=429, body=PAGE, headers={"Retry-After": header} if header else {})

    for call in (lambda: primary.place(order), lambda: primary.find(order.ref)):
        with pytest.raises(RateLimited) as refusal:
            call()
        assert refusal.value.after == pytest.approx(after, abs=1)
    assert len(web.calls) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_a_wrong_token_puts_no_order_on_hold_and_is_logged(
    web: Any, primary: HttpPrimary, order: Order, status: int
) -> None:
    every_call_answers(web, order, status=status, json={"code": "unauthorized"}, content_type=PROBLEM)

    with capture_logs() as logs:
        for _ in range(3):
            with pytest.raises(TryAgain):
                primary.place(order)

    [line] = logs
    assert (line["log_level"], line["event"]) == ("error", "primary_does_not_accept_our_credentials")
    assert str(status) in line["reason"]


@pytest.mark.parametrize("error", [requests.ConnectTimeout("full"), requests.exceptions.InvalidURL("what?")])
def test_a_write_that_was_never_sent_may_be_sent_again(
    web: Any, primary: HttpPrimary, order: Order, error: Exception
) -> None:
    web.put(url(order), body=error)

    with pytest.raises(TryAgain):
        primary.place(order)


@pytest.mark.parametrize(
    ("status", "code"),
    [(409, "out_of_stock"), (409, "price_changed"), (409, "already_shipped"), (422, "invalid"), (400, "malformed")],
)
def test_a_clear_no_is_a_refusal_with_its_code(
    web: Any, primary: HttpPrimary, order: Order, status: int, code: str
) -> None:
    every_call_answers(web, order, status=status, json={"code": code, "detail": "no"}, content_type=PROBLEM)

    with pytest.raises(Refused, match="no") as refusal:
        primary.place(order)
    assert refusal.value.code == code


def test_a_refusal_names_the_skus_and_their_figures(web: Any, primary: HttpPrimary, order: Order) -> None:
    lines = [{"sku": "BK-1", "available": 0}, {"sku": "BK-2", "unit_price": 1499}]
    problem = {"code": "out_of_stock", "title": "Not enough.", "lines": lines}
    web.put(url(order), status=409, json=problem, content_type=PROBLEM)

    with pytest.raises(Refused) as refusal:
        primary.place(order)
    assert str(refusal.value) == "Not enough.; BK-1: 0 available; BK-2: 1499 now"


def cart_taken_by(rival: dict[str, Any]) -> dict[str, Any]:
    return {"status": 409, "json": {"code": "cart_already_ordered", "order": rival}, "content_type": PROBLEM}


def test_a_cart_that_is_taken_names_the_rival(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.put(url(order), **cart_taken_by(answer_of(order, ref=None, number="100003")))

    with pytest.raises(CartAlreadyOrdered) as answer:
        primary.place(order)
    assert (answer.value.rival.ref, answer.value.rival.number) == (None, "100003")


def test_a_cart_that_this_order_took_itself_is_no_rival(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.put(url(order), **cart_taken_by(answer_of(order)))

    assert primary.place(order).ref == order.ref


def test_an_order_without_its_customer_is_not_sent(web: Any, primary: HttpPrimary) -> None:
    with pytest.raises(Refused) as refusal:
        primary.place(an_order(customer=None))

    assert refusal.value.code == "customer_erased"
    assert len(web.calls) == 0


def test_a_primary_that_is_not_ok_is_unavailable(web: Any, primary: HttpPrimary) -> None:
    web.get(f"{SHOP}/fallback/v1/health", json={"status": "maintenance", "duplicates": "enforced"})

    with pytest.raises(TryAgain, match="maintenance"):
        primary.health()


def test_a_way_to_refuse_duplicates_that_we_do_not_know_is_not_trusted(web: Any, primary: HttpPrimary) -> None:
    web.get(f"{SHOP}/fallback/v1/health", json={"status": "ok", "duplicates": "mostly"})

    with pytest.raises(TryAgain):
        primary.health()


def rivals_of(primary: HttpPrimary, order: Order) -> list[PrimaryOrder]:
    return primary.rivals(order.cart_id, "iris@example.org", NOW)


def test_rivals_are_read_to_the_last_page(web: Any, primary: HttpPrimary, order: Order) -> None:
    pages: list[dict[str, Any]] = [
        {"orders": [answer_of(order, id="1")], "next": "1"},
        {"orders": [answer_of(order, id="2", ref=None)], "next": None},
    ]
    for page in pages:
        web.get(f"{SHOP}/fallback/v1/orders", json=page)

    assert [rival.id for rival in rivals_of(primary, order)] == ["1", "2"]
    first, second = (call.request.params for call in web.calls)
    narrowed = {"cart_id": order.cart_id, "email": "iris@example.org", "since": "2026-11-21T10:00:00+00:00"}
    assert first == narrowed | {"limit": "50"}
    assert second == first | {"after": "1"}


def test_a_list_without_end_is_refused_rather_than_cut(web: Any, primary: HttpPrimary, order: Order) -> None:
    web.get(f"{SHOP}/fallback/v1/orders", json={"orders": [], "next": "1"})

    with pytest.raises(Refused) as refusal:
        rivals_of(primary, order)

    assert refusal.value.code == "too_many_orders"
    assert len(web.calls) == MOST_PAGES


def test_an_order_of_the_shop_s_own_may_have_neither_our_cart_nor_a_delivery(
    web: Any, primary: HttpPrimary, order: Order
) -> None:
    own = answer_of(order) | {"ref": None, "cart_id": None, "delivery": None}
    web.get(f"{SHOP}/fallback/v1/orders", json={"orders": [own], "next": None})

    [there] = primary.placed_since(NOW)

    assert (there.ref, there.cart_id, there.delivery) == (None, None, None)
    assert differences(order, there)
