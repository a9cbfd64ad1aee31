"""The front door of a machine without nginx."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from ops.demo.places import ROOT
from ops.demo.running import answers
from tests.demo.waiting import eventually
from tests.ports import free_port
from tests.proxy.standins import Standin


@pytest.fixture
def shop() -> Iterator[Standin]:
    shop = Standin("the shop", free_port())
    shop.start()
    yield shop
    shop.stop()


@pytest.fixture
def front(shop: Standin) -> Iterator[str]:
    port = free_port()
    relay = subprocess.Popen([sys.executable, "-m", "ops.demo.relay", str(port), str(shop.port)], cwd=ROOT)
    eventually(lambda: answers(f"tcp://127.0.0.1:{port}"))
    yield f"http://127.0.0.1:{port}"
    relay.kill()
    relay.wait()


def test_the_shop_answers_by_the_front_door(front: str, shop: Standin) -> None:
    answer = requests.post(f"{front}/basket/add/1/?a=1", data=b"x" * 300_000, timeout=5)

    assert answer.text == "the shop"
    assert (shop.last().method, shop.last().path, len(shop.last().body)) == ("POST", "/basket/add/1/?a=1", 300_000)


def test_a_shop_that_is_down_is_a_closed_door_and_comes_back(front: str, shop: Standin) -> None:
    shop.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(front, timeout=5)

    shop.start()
    assert requests.get(front, timeout=5).text == "the shop"
