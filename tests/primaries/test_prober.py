"""Our own look at a primary, over real connections."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from threading import Event

import pytest

from fallback.domain.errors import NotAuthorized, RateLimited, TryAgain
from fallback.domain.outage.failover import Probe
from fallback.primaries.prober import HttpProber
from tests.builders import NOW
from tests.demo.waiting import quickest
from tests.ports import free_port
from tests.proxy.standins import Standin
from tests.reference_shop import primary_at
from tests.speaking import speaking


@pytest.fixture
def shop() -> Iterator[Standin]:
    standin = Standin('{"status":"ok","duplicates":"enforced"}', free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def elsewhere() -> Iterator[Standin]:
    standin = Standin("something else", free_port(), status=404)
    standin.start()
    yield standin
    standin.stop()


def prober(shop: Standin, elsewhere: Standin, patience: float = 1.0) -> HttpProber:
    url = f"http://127.0.0.1:{shop.port}"
    return HttpProber(
        primary_at(url, "token", patience).health,
        f"{url}/",
        f"http://127.0.0.1:{elsewhere.port}",
        patience,
        lambda: NOW,
    )


def test_a_shop_that_serves_its_page_and_says_that_it_is_well_is_well(shop: Standin, elsewhere: Standin) -> None:
    assert prober(shop, elsewhere).look().well
    assert [seen.path for seen in shop.seen] == ["/", "/fallback/v1/health"]
    assert elsewhere.seen == []


def test_the_page_is_asked_for_as_a_customer_does_without_our_token(shop: Standin, elsewhere: Standin) -> None:
    prober(shop, elsewhere).look()
    page, health = shop.seen
    assert "authorization" not in page.headers
    assert health.headers["authorization"] == "Bearer token"


@pytest.mark.parametrize("status", [500, 503])
def test_a_page_that_is_a_server_s_error_is_a_failed_look(shop: Standin, elsewhere: Standin, status: int) -> None:
    shop.status = status
    look = prober(shop, elsewhere).look()
    assert look.failed
    assert look.elsewhere is True


def test_a_shop_that_is_not_there_is_a_failed_look(shop: Standin, elsewhere: Standin) -> None:
    shop.stop()
    assert prober(shop, elsewhere).look().failed


def test_when_nothing_answers_the_look_was_blind(shop: Standin, elsewhere: Standin) -> None:
    shop.stop()
    elsewhere.stop()
    look = prober(shop, elsewhere).look()
    assert look.blind
    assert not look.failed


def test_a_page_without_the_contract_s_word_is_neither_well_nor_failed(shop: Standin, elsewhere: Standin) -> None:
    shop.name = "<h1>a shop</h1>"
    look = prober(shop, elsewhere).look()
    assert (look.page, look.health) == (True, False)


def test_a_silent_shop_takes_its_patience_and_no_longer(shop: Standin, elsewhere: Standin) -> None:
    shop.silent = True
    silent = prober(shop, elsewhere, patience=0.5)
    assert silent.look().failed
    assert 0.4 < quickest(silent.look, times=3) < 1.5


@pytest.mark.parametrize("status", [401, 404])
def test_a_page_that_is_refused_or_not_there_says_nothing_and_the_health_call_decides(
    shop: Standin, elsewhere: Standin, status: int
) -> None:
    url = f"http://127.0.0.1:{shop.port}/"
    shop.status = status

    def probe(health: Callable[[], object]) -> Probe:
        return HttpProber(health, url, f"http://127.0.0.1:{elsewhere.port}", 1.0, lambda: NOW).look()

    assert probe(lambda: None).well
    assert probe(raising(TryAgain("503"))).failed
    for error in (NotAuthorized("401"), RateLimited("429")):
        assert probe(raising(error)) == Probe(NOW, page=True, health=None)


@pytest.mark.parametrize("location", [b"http://[", b"", b"/\xff"], ids=["no address", "empty", "no text"])
def test_a_redirect_that_nobody_can_follow_is_a_page_that_answers(elsewhere: Standin, location: bytes) -> None:
    assert look_at(location, elsewhere) == (True, [b"/"])


def test_a_redirect_with_umlauts_is_followed_as_browsers_do(elsewhere: Standin) -> None:
    assert look_at("/für".encode(), elsewhere) == (True, [b"/", b"/f%C3%BCr"])


def look_at(location: bytes, elsewhere: Standin) -> tuple[bool, list[bytes]]:
    """Of a shop whose page redirects: whether it counts as a page, and which paths were asked for."""
    asked_for: list[bytes] = []

    def redirect(line: socket.socket, _: Event) -> None:
        asked_for.append(line.recv(65536).split()[1])
        status = b"200 OK" if asked_for[1:] else b"302 Found\r\nLocation: " + location
        line.sendall(b"HTTP/1.1 " + status + b"\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

    with speaking(redirect) as port:
        at = f"http://127.0.0.1:{port}/"
        look = HttpProber(lambda: None, at, f"http://127.0.0.1:{elsewhere.port}", 1.0, lambda: NOW).look()
    return look.page, asked_for


def raising(error: Exception) -> Callable[[], object]:
    def health() -> None:
        raise error

    return health
