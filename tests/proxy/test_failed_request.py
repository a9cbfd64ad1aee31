"""The first way in: the shop fails one request, and fallback answers that very request."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.demo.waiting import quickest
from tests.proxy.conftest import Visit
from tests.proxy.standins import PROXY, TOKEN, Standin


def test_a_working_shop_serves_its_checkout(visit: Visit, primary: Standin, fallback: Standin) -> None:
    answer = visit("/checkout/preview/?step=2")

    assert answer.text == "the shop"
    assert primary.last().path == "/checkout/preview/?step=2"
    assert [name for name in primary.last().headers if name.startswith("x-fallback")] == []
    assert fallback.requests() == []


def test_a_shop_that_is_down_is_answered_for_at_once(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.stop()

    for path in ("/checkout", "/checkout/", "/checkout/shipping-address/"):
        answer = visit(path)

        assert (answer.status_code, answer.text) == (200, "fallback")
        assert fallback.last().path == "/checkout"
    assert quickest(lambda: visit("/checkout/")) < 0.8


def test_a_checkout_that_answers_a_server_error_is_answered_for(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    for primary.status in (502, 503, 504):
        assert visit("/checkout/").text == "fallback"
    assert len(primary.requests()) == 3


def test_a_checkout_that_never_answers_is_answered_for(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.silent = True

    assert visit("/checkout/").text == "fallback"


def test_a_visit_that_asks_for_headers_only_is_answered_for_too(visit: Visit, primary: Standin) -> None:
    primary.stop()

    for path in ("/checkout/", "/basket/"):
        answer = visit(path, "HEAD")

        assert (answer.status_code, answer.text, answer.headers["Vary"]) == (200, "", "Cookie")


def test_however_many_come_at_once_each_is_answered_for(visit: Visit, primary: Standin) -> None:
    primary.stop()

    with ThreadPoolExecutor(12) as customers:
        answered = list(customers.map(visit, ["/checkout/"] * 96))

    assert {answer.text for answer in answered} == {"fallback"}


def test_fallback_is_told_by_whom_and_why(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.stop()

    visit("/checkout/", cookies={"fallback_cart": "a.b.c"})

    headers = fallback.last().headers
    assert headers["x-fallback-proxy"] == TOKEN
    assert headers["x-fallback-reason"] == "failed"
    assert headers["cookie"] == "fallback_cart=a.b.c"


def test_what_the_shop_answers_itself_stays(visit: Visit, primary: Standin, fallback: Standin) -> None:
    for primary.status in (400, 404, 409, 500):
        answer = visit("/checkout/")

        assert (answer.status_code, answer.text) == (primary.status, "the shop")
    assert fallback.requests() == []


@pytest.mark.parametrize("failure", ["down", "silent", "error"])
def test_a_form_that_the_shop_may_have_taken_is_not_sent_again(
    visit: Visit, proxy: str, primary: Standin, fallback: Standin, failure: str
) -> None:
    primary.silent = failure == "silent"
    primary.status = 503 if failure == "error" else 200
    if failure == "down":
        primary.stop()

    answer = visit("/checkout/preview/?a=1", "POST", data={"action": "place_order"})

    assert answer.text == "fallback"
    assert len(primary.requests()) == (0 if failure == "down" else 1)
    (asked,) = fallback.requests()
    assert (asked.method, asked.path, asked.body) == ("GET", "/checkout?checking=1", b"")
    # By way of a redirect it is an ordinary visit: what matters is '?checking=1'.
    assert asked.headers["x-fallback-reason"] == {"haproxy": "ours", "fastly": "ours"}.get(proxy, "maybe_taken")
    assert asked.headers["x-fallback-proxy"] == TOKEN


def test_a_page_of_a_shop_that_is_down_is_answered_by_what_is_the_matter(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    primary.stop()
    fallback.status = 503

    for path in ("/basket/", "/catalogue/a-book_1/", "/"):
        answer = visit(path + "?page=2")

        assert (answer.status_code, answer.text) == (503, "fallback")
        assert fallback.last().path == "/away"
        assert fallback.last().headers["x-fallback-reason"] == "failed"
        assert fallback.last().headers["x-fallback-proxy"] == TOKEN
    assert len(fallback.requests()) == 3


def test_a_form_of_another_page_is_answered_so_too(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.stop()

    assert visit("/basket/add/1/", "POST", data={"quantity": 1}).text == "fallback"
    assert (fallback.last().method, fallback.last().path, fallback.last().body) == ("GET", "/away", b"")


def test_a_missing_picture_is_not_answered_by_a_page(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.stop()

    answer = visit("/media/book.jpg", headers={"Accept": "image/webp,*/*"})

    assert answer.status_code == 503
    assert fallback.requests() == []


def test_a_page_whose_shop_is_not_there_behind_its_own_proxy_is_answered_so_too(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    for primary.status in (502, 504):
        assert visit("/basket/").text == "fallback"
    assert [seen.path for seen in fallback.requests()] == ["/away", "/away"]


def test_other_pages_of_a_shop_that_answers_are_left_alone(visit: Visit, primary: Standin, fallback: Standin) -> None:
    for primary.status in (404, 500, 503):
        answer = visit("/basket/?page=2")

        assert (answer.status_code, answer.text) == (primary.status, "the shop")
        assert primary.last().path == "/basket/?page=2"
    assert fallback.requests() == []


def test_the_customer_reads_when_to_come_back_if_the_shop_and_fallback_are_down(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    primary.stop()
    fallback.stop()

    answer = visit("/checkout/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "10"
    assert "We will be back in a moment" in answer.text


def test_a_busy_fallback_says_so_itself(visit: Visit, primary: Standin, fallback: Standin) -> None:
    primary.stop()
    fallback.status = 503

    answer = visit("/checkout/")

    assert (answer.status_code, answer.text) == (503, "fallback")


@pytest.mark.parametrize("proxy", ["worker"])
def test_what_cloudflare_says_of_a_shop_that_it_does_not_reach_is_a_failure(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    for primary.status in (520, 521, 522, 523, 524, 525, 526, 530):
        for path, asked in (("/checkout/", "/checkout"), ("/basket/", "/away")):
            assert visit(path).text == "fallback"
            assert fallback.last().path == asked
    assert len(fallback.requests()) == 16


def test_every_proxy_shows_the_same_page_when_both_systems_are_down() -> None:
    """One page, in the file of each proxy that has it."""
    page = (PROXY / "haproxy/away.html").read_text()
    assert page.startswith("<!doctype html>")
    for name in ("nginx.conf", "worker/worker.js", "envoy.yaml", "fastly.vcl"):
        lines = [line.strip() for line in (PROXY / name).read_text().splitlines()]
        assert page in "\n".join(lines), name


@pytest.mark.parametrize("proxy", ["nginx"])  # no other one serves what is stale
def test_a_picture_that_was_seen_once_stays_while_the_shop_is_away(
    visit: Visit, primary: Standin, fallback: Standin
) -> None:
    visit("/media/covers/bk-1.svg")
    primary.stop()

    assert visit("/media/covers/bk-1.svg", cookies={"sessionid": "of another visitor"}).text == "the shop"
    assert visit("/media/covers/bk-2.svg").status_code == 503
    assert fallback.requests() == []
