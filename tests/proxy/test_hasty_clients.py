"""Whoever closes the tab right after the customer sent their order has sent it."""

import socket

import pytest

from tests.demo.waiting import eventually
from tests.proxy.standins import Standin

CUSTOMERS = 30
HEAD = b"Host: shop\r\nAccept: text/html\r\nContent-Length: 9\r\nConnection: close\r\n\r\n"


# Envoy forgets what it has not sent on yet when its customer goes.
@pytest.mark.parametrize("proxy", ["nginx", "haproxy", "worker"])
@pytest.mark.parametrize("path", [b"/checkout", b"/v1/orders"])
def test_an_order_that_was_sent_whole_arrives_though_nobody_waits_for_the_answer(
    front: str, fallback: Standin, path: bytes
) -> None:
    host, port = front.removeprefix("http://").split(":")
    for _ in range(CUSTOMERS):
        with socket.create_connection((host, int(port)), timeout=10) as client:
            client.sendall(b"POST " + path + b" HTTP/1.1\r\n" + HEAD + b"buy=order")

    eventually(lambda: len(fallback.requests()) == CUSTOMERS)
    assert {seen.body for seen in fallback.requests()} == {b"buy=order"}
