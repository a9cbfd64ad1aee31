"""The ways in which the shop can be broken on purpose."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from tests.shop.customers import Customer, order_of, place
from tests.shop.running import Shop, answers, running_shop, wait_until


def test_error(shop: Shop) -> None:
    with shop.broken(kind="error"):
        assert shop.call("GET", "health").status_code == 503
        assert requests.get(shop.url, timeout=5).status_code == 503
    assert shop.call("GET", "health").ok


def test_error_for_a_part_of_the_shop(shop: Shop) -> None:
    with shop.broken(kind="error", paths=["/checkout/"]):
        assert shop.call("GET", "health").ok
        assert requests.get(f"{shop.url}/checkout/", timeout=5).status_code == 503


def test_html_where_an_api_answer_belongs(shop: Shop) -> None:
    with shop.broken(kind="html"):
        answer = shop.call("GET", "health")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_half_an_answer(shop: Shop) -> None:
    with shop.broken(kind="half"):
        answer = shop.call("GET", "health")
    assert answer.text.startswith('{"status": "ok"')
    with pytest.raises(requests.exceptions.JSONDecodeError):
        answer.json()


def test_slow(shop: Shop) -> None:
    with shop.broken(kind="slow", seconds=0.6):
        began = time.monotonic()
        assert shop.call("GET", "health").ok
        assert time.monotonic() - began >= 0.6


def test_a_lost_reply_is_an_order_all_the_same(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)
    with shop.broken(kind="reply_lost", paths=["/fallback/"]), pytest.raises(requests.ConnectionError):
        place(shop, order)
    assert place(shop, order).status_code == 200


def test_lost_replies_leave_nothing_open(shop: Shop) -> None:
    before = open_files(shop)
    with shop.broken(kind="reply_lost", paths=["/fallback/"]):
        for _ in range(12):
            with pytest.raises(requests.ConnectionError):
                shop.call("GET", "health")
    assert shop.call("GET", "health").ok
    assert open_files(shop) < before + 12


def open_files(shop: Shop) -> int:
    """Of the processes that answer; one more or less is open for a moment."""
    children = Path(f"/proc/{shop.process.pid}/task/{shop.process.pid}/children").read_text().split()
    return sum(len(os.listdir(f"/proc/{child}/fd")) for child in children)


def test_a_killed_shop_is_silent_at_once_and_comes_back_with_its_orders(tmp_path: Path) -> None:
    with running_shop(tmp_path, "http://127.0.0.1:9") as shop:
        customer = Customer(shop)
        order = order_of(customer.put_in_basket("BK-1").cart)
        customer.browser.close()
        place(shop, order)
        os.kill(shop.process.pid, signal.SIGKILL)
        shop.process.wait()
        wait_until(lambda: not answers(shop), seconds=5)
    with running_shop(tmp_path, "http://127.0.0.1:9") as shop:
        assert place(shop, order).status_code == 200


def test_the_shop_sells_on_when_fallback_is_silent(tmp_path: Path) -> None:
    with running_shop(tmp_path, "http://127.0.0.1:9") as shop:
        customer = Customer(shop)
        cart_id = customer.put_in_basket("BK-1").cart["cart_id"]
        customer.check_out()
        customer.browser.close()
        assert len(shop.orders_of(cart_id)) == 1
