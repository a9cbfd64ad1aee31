"""The second way in: on call has switched fallback on, and the proxy follows within two seconds."""

import re
import time
from pathlib import Path

import pytest
import requests

from ops.demo.places import ROOT
from tests.demo.waiting import eventually, quickest
from tests.proxy.conftest import Visit
from tests.proxy.standins import REAL, TOKEN, Standin


def until(visit: Visit, expected: str) -> None:
    eventually(lambda: visit("/checkout/").text == expected, within=20)


def switched_on(visit: Visit, primary: Standin, fallback: Standin) -> None:
    """What came before the proxy followed is forgotten."""
    fallback.route = "fallback"
    until(visit, "fallback")
    primary.seen.clear()
    fallback.seen.clear()


def test_the_checkout_follows_the_mode(visit: Visit, primary: Standin, fallback: Standin) -> None:
    assert visit("/checkout/").text == "the shop"

    fallback.route = "fallback"
    until(visit, "fallback")
    assert fallback.last().path == "/checkout"
    assert fallback.last().headers["x-fallback-proxy"] == TOKEN
    assert fallback.last().headers["x-fallback-reason"] == "mode"

    fallback.route = "primary"
    until(visit, "the shop")
    assert "x-fallback-proxy" not in primary.last().headers


@pytest.mark.parametrize(("route", "serves"), [("fallback", "fallback"), ("primary", "the shop")])
def test_the_checkout_follows_within_two_seconds(visit: Visit, fallback: Standin, route: str, serves: str) -> None:
    def followed() -> float:
        fallback.route = {"fallback": "primary", "primary": "fallback"}[route]
        until(visit, {"fallback": "the shop", "the shop": "fallback"}[serves])
        fallback.route = route
        return quickest(lambda: until(visit, serves), times=1)

    assert min(followed() for _ in range(3)) < 2.2


def test_the_mode_is_asked_at_a_steady_pace_however_many_customers_come(
    visit: Visit, proxy: str, fallback: Standin
) -> None:
    eventually(lambda: visit("/checkout/") and fallback.seen)
    began, before = time.monotonic(), len(fallback.seen)
    for _ in range(30):
        visit("/checkout/")

    # HAProxy asks four questions, two of them twice a second; each of Envoy's two threads asks for itself.
    a_second = {"haproxy": 6, "envoy": 2}.get(proxy, 1)
    assert len(fallback.seen) - before <= a_second * (1 + time.monotonic() - began)


def test_the_question_for_the_mode_carries_nothing_of_the_customer(visit: Visit, fallback: Standin) -> None:
    visit("/checkout/", "POST", data={"name": "Ada"}, cookies={"fallback_cart": "a.b.c"})
    visit("/checkout/", cookies={"fallback_cart": "a.b.c"})

    question = eventually(lambda: [*fallback.seen])[0]
    assert (question.method, question.path, question.body) == ("GET", "/v1/mode", b"")
    assert "cookie" not in question.headers


@pytest.mark.parametrize("proxy", REAL)  # at Fastly only visits follow the mode
def test_a_form_of_the_shop_is_answered_by_our_page(visit: Visit, primary: Standin, fallback: Standin) -> None:
    switched_on(visit, primary, fallback)

    visit("/checkout/preview/?a=1", "POST", data={"action": "place_order"})

    assert (fallback.last().method, fallback.last().path) == ("GET", "/checkout?a=1")
    assert fallback.last().headers["x-fallback-reason"] == "mode"
    assert primary.requests() == []


@pytest.mark.parametrize("route", ["fallback", "primary"])
def test_the_forms_of_our_pages_always_reach_us(visit: Visit, primary: Standin, fallback: Standin, route: str) -> None:
    if route == "fallback":
        switched_on(visit, primary, fallback)

    for path in ("/checkout", "/checkout/cart"):
        visit(path, "POST", data={"email": "ada@example.org"})

        taken = fallback.last()
        assert (taken.method, taken.path, taken.body) == ("POST", path, b"email=ada%40example.org")
        assert (taken.headers["x-fallback-proxy"], taken.headers["x-fallback-reason"]) == (TOKEN, "ours")
    assert primary.requests() == []


def test_a_form_of_ours_that_cannot_be_taken_now_is_answered_with_what_was_typed(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    fallback.status = 503

    answer = visit("/checkout", "POST", data={"email": "ada@example.org"})

    assert (answer.status_code, answer.text) == (503, "fallback")


def test_a_form_of_ours_never_goes_to_the_shop(visit: Visit, primary: Standin, fallback: Standin) -> None:
    fallback.stop()

    answer = visit("/checkout", "POST", data={"email": "ada@example.org"})

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert primary.requests() == []


def test_the_rest_of_the_shop_does_not_follow_the_mode(visit: Visit, primary: Standin, fallback: Standin) -> None:
    switched_on(visit, primary, fallback)

    for path in ("/", "/basket/", "/catalogue/", "/checkout-help/", "/static/oscar/shop.css"):
        assert visit(path).text == "the shop"
    assert fallback.requests() == []


def test_the_shop_serves_while_fallback_is_away(visit: Visit, primary: Standin, fallback: Standin) -> None:
    fallback.stop()

    assert visit("/checkout/").text == "the shop"


def test_the_shop_serves_while_fallback_does_not_answer(visit: Visit, primary: Standin, fallback: Standin) -> None:
    fallback.silent = True

    answer = visit("/checkout/", "POST", data={"action": "place_order"})

    assert answer.text == "the shop"
    assert primary.last().body == b"action=place_order"
    assert quickest(lambda: visit("/checkout/", "POST", data={"action": "place_order"})) < 1
    assert quickest(lambda: visit("/checkout/")) < 1
    assert primary.last().path == "/checkout/"


def test_a_worker_without_a_time_for_the_shop_gives_it_one(tmp_path: Path, primary: Standin, fallback: Standin) -> None:
    with REAL["worker"](tmp_path, primary=primary, fallback=fallback, patience="") as front:
        assert requests.get(front + "/checkout/", timeout=10).text == "the shop"


def test_the_shop_serves_when_fallback_dies_in_active(visit: Visit, primary: Standin, fallback: Standin) -> None:
    switched_on(visit, primary, fallback)
    fallback.stop()

    answer = visit("/checkout/preview/?a=1")

    assert answer.text == "the shop"
    asked = primary.last()
    assert (asked.method, asked.path) == ("GET", "/checkout/preview/?a=1")
    assert "x-fallback-proxy" not in asked.headers
    assert "x-fallback-reason" not in asked.headers


# With HAProxy the customer finds the shop's checkout instead.
@pytest.mark.parametrize("proxy", ["nginx", "worker", "envoy"])
def test_a_form_goes_to_the_shop_when_fallback_dies_in_active(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    switched_on(visit, primary, fallback)
    fallback.stop()
    answer = visit("/checkout/preview/?a=1", "POST", data={"action": "place_order"})

    assert answer.text == "the shop"
    placed = primary.last()
    assert (placed.method, placed.path, placed.body) == (
        "POST",
        "/checkout/preview/?a=1",
        b"action=place_order",
    )
    assert "x-fallback-proxy" not in placed.headers
    assert "x-fallback-reason" not in placed.headers


def test_a_busy_fallback_does_not_send_its_customers_to_a_shop_that_is_out_of_service(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    switched_on(visit, primary, fallback)
    fallback.status = 503

    answer = visit("/checkout/")

    assert (answer.status_code, answer.text) == (503, "fallback")
    assert fallback.last().headers["x-fallback-reason"] == "mode"
    assert primary.requests() == []


CUSTOMER_PAGES = "".join(file.read_text() for file in sorted((ROOT / "fallback/web/customer").glob("*.py")))
FORMS = re.findall(r'(?m)^@blueprint\.post\("(/checkout/[^"]+)"\)', CUSTOMER_PAGES)


@pytest.mark.parametrize(
    ("method", "path"), [*(("POST", path) for path in FORMS), ("GET", "/checkout/drafts/WyJiYXNrZXQi.a-B_c")]
)
@pytest.mark.parametrize("route", ["primary", "fallback"])
def test_a_form_of_ours_is_saved_and_opened_by_its_link_whoever_serves_the_checkout(
    visit: Visit, primary: Standin, fallback: Standin, method: str, path: str, route: str
) -> None:
    fallback.route = route

    visit(path + "?a=1", method, data=b"contact.email=iris%40example.org" if method == "POST" else None)

    seen = fallback.last()
    assert (seen.method, seen.path) == (method, path + "?a=1")
    assert seen.body == (b"contact.email=iris%40example.org" if method == "POST" else b"")
    assert seen.headers["x-fallback-reason"] == "ours"
    assert primary.requests() == []
