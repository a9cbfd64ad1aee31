"""The third way in: all is well, and a share of the customers check out with us, so that it is known to work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.demo.waiting import eventually
from tests.proxy.conftest import Visit
from tests.proxy.standins import TOKEN, Standin

CUSTOMERS = [f"a browser {number}" for number in range(60)]


@pytest.fixture
def ours(visit: Visit, fallback: Standin, primary: Standin) -> Iterator[str]:
    """A customer who comes to us, since fallback takes its share and the proxy knows."""
    fallback.share = True
    yield eventually(lambda: next((who for who in CUSTOMERS if enters(visit, who) == "fallback"), ""))
    fallback.share = False


def enters(visit: Visit, who: str, path: str = "/checkout/", method: str = "GET") -> str:
    return visit(path, method, headers={"User-Agent": who}).text


def test_a_share_comes_to_us_and_the_rest_to_the_shop(ours: str, visit: Visit, fallback: Standin) -> None:
    came = [who for who in CUSTOMERS if enters(visit, who, "/checkout?a=1") == "fallback"]

    assert 2 <= len(came) <= 30  # of sixty, where a fifth is asked for
    last = fallback.last()
    assert (last.method, last.path) == ("GET", "/checkout?a=1")
    assert (last.headers["x-fallback-proxy"], last.headers["x-fallback-reason"]) == (TOKEN, "share")


def test_a_customer_of_the_share_always_comes_to_us(ours: str, visit: Visit) -> None:
    assert {enters(visit, ours) for _ in range(20)} == {"fallback"}


def test_a_customer_in_the_shops_checkout_is_not_moved_to_ours_by_the_share(
    ours: str, visit: Visit, primary: Standin
) -> None:
    for path, method in (
        ("/checkout/shipping-address/", "GET"),
        ("/checkout/", "POST"),
        ("/checkout/preview/", "POST"),
        ("/basket/", "GET"),
    ):
        assert enters(visit, ours, path, method) == "the shop"
        assert primary.last().path == path
        assert "x-fallback-proxy" not in primary.last().headers


def test_what_fallback_cannot_serve_the_shop_does(ours: str, visit: Visit, fallback: Standin, primary: Standin) -> None:
    for fallback.status in (502, 503, 504):
        primary.seen.clear()

        assert enters(visit, ours) == "the shop"
        assert primary.last().path == "/checkout/"
        assert "x-fallback-proxy" not in primary.last().headers


def test_a_fallback_that_dies_takes_nobody(ours: str, visit: Visit, fallback: Standin) -> None:
    fallback.stop()

    assert enters(visit, ours) == "the shop"


def test_the_share_ends_when_fallback_says_so(ours: str, visit: Visit, fallback: Standin) -> None:
    fallback.share = False

    eventually(lambda: enters(visit, ours) == "the shop")


def test_in_active_everybody_comes_to_us(ours: str, visit: Visit, fallback: Standin) -> None:
    fallback.route = "fallback"

    eventually(lambda: {enters(visit, who) for who in CUSTOMERS[:10]} == {"fallback"})
    assert fallback.last().headers["x-fallback-reason"] == "mode"


def test_unless_fallback_asks_for_it_nobody_is_sent(visit: Visit, fallback: Standin) -> None:
    def asked() -> int:
        enters(visit, CUSTOMERS[0])
        return sum(seen.path == "/v1/mode" for seen in fallback.seen)

    eventually(lambda: asked() >= 3)
    assert {enters(visit, who) for who in CUSTOMERS} == {"the shop"}
