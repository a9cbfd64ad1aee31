"""What arrives behind the front door, and what a client cannot smuggle through it."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from fallback.web.app import create_app
from tests.demo.waiting import eventually
from tests.proxy.conftest import Visit
from tests.proxy.standins import TOKEN, Standin
from tests.web.conftest import a_container

FORGED = {
    "X-Fallback-Proxy": "forged",
    "X_Fallback_Proxy": "forged",
    "X-Fallback-Reason": "forged",
    "X-Fallback-Route": "forged",
    "X-Forwarded-For": "forged",
    "X-Forwarded-Proto": "forged",
    "X-Forwarded-Host": "forged",
    "X-Forwarded-Port": "forged",
    "X-Forwarded-Prefix": "forged",
    "X-Real-IP": "forged",
    "Forwarded": "forged",
}
OURS = (
    *("/v1/orders", "/v1/mode", "/orders/FB-7K3M-92QX-5", "/webhooks/stripe"),
    *("/failover.js", "/policy", "/static/fallback/checkout.css"),
    *("/status", "/status.atom", "/status/subscription", "/status/subscription/a-secret"),
)
# Opened by the proxy, by load balancers and by people who work here; and the shop's checkout has the same path as ours.
NOT_FOR_CUSTOMERS = ("/away", "/docs", "/openapi.json", "/healthz", "/readyz", "/metrics", "/console")
SHARED = ("GET", "/checkout")


@pytest.mark.parametrize("shop", ["up", "down"])
@pytest.mark.parametrize("route", ["primary", "fallback"])
def test_nothing_that_a_client_forges_arrives_anywhere(
    visit: Visit, primary: Standin, fallback: Standin, shop: str, route: str
) -> None:
    fallback.route = route
    if shop == "down":
        primary.stop()

    for path in ("/", "/basket/", "/checkout", "/checkout/", "/v1/orders", "/orders/FB-1"):
        primary.seen.clear()
        fallback.seen.clear()
        visit(path, headers=FORGED)
        visit(path, "POST", headers=FORGED)

        arrived = primary.seen + fallback.seen
        assert len(primary.requests() + fallback.requests()) == 2, path
        assert [value for seen in arrived for value in seen.headers.values() if "forged" in value] == [], path


@pytest.mark.parametrize("path", ["/checkout", "/v1/orders"])
def test_a_trace_that_a_customer_comes_with_is_not_handed_to_fallback_as_ours(
    visit: Visit, primary: Standin, fallback: Standin, path: str
) -> None:
    primary.stop()
    for method in ("GET", "POST"):
        visit(path, method, headers={"traceparent": "forged"})

    assert [seen.headers.get("traceparent") for seen in fallback.requests()] == [None, None]


def test_a_trace_header_of_a_browser_is_passed_to_the_shop(visit: Visit, primary: Standin) -> None:
    visit("/basket/", headers={"traceparent": "theirs"})

    assert primary.last().headers["traceparent"] == "theirs"


def test_the_shop_and_fallback_learn_where_the_customer_came_from(
    visit: Visit, proxy: str, primary: Standin, fallback: Standin
) -> None:
    for path, standin in (("/basket/", primary), ("/orders/FB-1", fallback)):
        visit(path, headers={"Host": "shop.example:8000"})

        headers = standin.last().headers
        assert headers["x-forwarded-host"] == "shop.example:8000"
        # A Worker cannot choose the host that it names to another server than the shop's.
        renamed = proxy == "worker" and standin is fallback
        assert headers["host"] == (f"127.0.0.1:{fallback.port}" if renamed else "shop.example:8000")
        assert headers["x-forwarded-for"] == "127.0.0.1"
        assert headers["x-forwarded-proto"] == "http"


def test_the_proxy_passes_our_own_paths_on_unchanged(visit: Visit, primary: Standin, fallback: Standin) -> None:
    for path in OURS:
        visit(path + "?a=%2F", "PUT", data=b"body")

        seen = [seen for seen in fallback.seen if seen.method == "PUT"][-1]
        assert (seen.path, seen.body) == (path + "?a=%2F", b"body")
        assert (seen.headers["x-fallback-proxy"], seen.headers["x-fallback-reason"]) == (TOKEN, "ours")
    assert primary.seen == []


def test_none_of_our_pages_for_customers_is_left_to_the_shop(visit: Visit, primary: Standin, fallback: Standin) -> None:
    asked = list(pages_for_customers())
    for method, path in asked:
        visit(path, method)

    assert [(seen.method, seen.path) for seen in fallback.seen if seen.path != "/v1/mode"] == [
        (method, path) for method, path in asked if path != "/v1/mode"
    ]
    assert primary.seen == []


def pages_for_customers() -> Iterator[tuple[str, str]]:
    for route in create_app(a_container()).url_map.iter_rules():
        for method in sorted(route.methods - {"HEAD", "OPTIONS"}):
            if not str(route).startswith(NOT_FOR_CUSTOMERS) and (method, str(route)) != SHARED:
                yield method, re.sub(r"<.*?>", "1", str(route))


def test_a_path_that_only_resembles_ours_goes_to_the_shop(visit: Visit, fallback: Standin) -> None:
    for path in ("/-/mode", "/orders", "/ordersheet", "/v10/", "/static/shop.css", "/checkouts", "/statusatom"):
        visit(path)

    assert fallback.requests() == []


def test_our_pages_say_when_to_come_back_while_fallback_is_away(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    fallback.stop()

    answer = visit("/orders/FB-7K3M-92QX-5")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert primary.seen == []


def test_the_keys_of_links_stay_out_of_the_logs(visit: Visit, fallback: Standin, tmp_path: Path) -> None:
    visit("/orders/FB-1?key=a-secret")
    fallback.stop()
    visit("/orders/FB-1?key=a-secret")
    visit("/checkout/?key=a-secret")
    visit("/checkout/drafts/a-secret")
    visit("/status/subscription/a-secret")

    def logs() -> str:
        return "".join((tmp_path / name).read_text() for name in ("access.log", "error.log"))

    # A proxy may write a line after its answer.
    eventually(lambda: logs().count("GET /status/subscription/ ") == 1)
    assert logs().count("GET /checkout/drafts/ ") == 1
    assert logs().count("GET /orders/FB-1 ") == 2
    assert "a-secret" not in logs()
