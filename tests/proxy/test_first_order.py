"""The real fallback behind each proxy, with Redis and nothing else: no worker, no clock, no Stripe, no mail server."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from fallback.cli.main import main
from fallback.domain.outage.mode import Mode
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.redis import keys
from ops.demo.running import answers
from tests.crash.fleet import deployed
from tests.demo.waiting import eventually, quickest
from tests.ports import free_port
from tests.proxy.conftest import Visit
from tests.proxy.standins import REAL, TOKEN, Standin
from tests.redis_server import RedisServer
from tests.web.world import a_cart, a_config, a_form, signed
from tests.workers.running import environment

pytestmark = [pytest.mark.usefixtures("logs_as_before"), pytest.mark.parametrize("proxy", REAL)]

Switch = Callable[..., None]


def a_cart_of_today() -> str:
    now = datetime.now(UTC)
    until = now + timedelta(hours=1)
    return signed(a_cart(iat=int(now.timestamp()), exp=int(until.timestamp())))


@pytest.fixture
def settings(redis_server: RedisServer, fallback: Standin) -> dict[str, object]:
    return {
        "redis_url": redis_server.url,
        "port": fallback.port,
        "web_concurrency": 1,
        "fallback_proxy_token": TOKEN,
    }


@pytest.fixture
def fallback() -> Standin:
    """Only the address: the real one serves there."""
    return Standin("fallback", free_port())


@pytest.fixture(autouse=True)
def web(settings: dict[str, object], tmp_path: Path) -> Iterator[None]:
    program = deployed("web", tmp_path / "web.log", settings)
    eventually(lambda: answers(f"http://127.0.0.1:{settings['port']}/readyz"), within=40)
    yield
    program.close()


@pytest.fixture
def switch(settings: dict[str, object], monkeypatch: pytest.MonkeyPatch) -> Switch:
    environ = environment(a_config(**settings))

    def to(mode: str) -> None:
        done = CliRunner().invoke(main, ["mode", mode, "--reason", "a test", "--yes"], env=environ)
        assert done.exit_code == 0, done.output

    return to


def is_ours(answer: requests.Response) -> bool:
    return "The Lighthouse Ledger" in answer.text


def test_whoever_the_shop_fails_orders_with_us_at_once_and_is_evidence(
    visit: Visit, primary: Standin, redis_server: RedisServer
) -> None:
    cart = {"fallback_cart": a_cart_of_today()}
    assert visit("/checkout/", cookies=cart).text == "the shop"

    primary.stop()
    page = visit("/checkout/", cookies=cart)
    placed = visit("/checkout", "POST", data=a_form(cart_token=cart["fallback_cart"]), allow_redirects=False)

    assert is_ours(page)
    assert (placed.status_code, page.status_code) == (303, 200)
    assert placed.headers["Location"].startswith("/orders/FB-")
    assert redis_server.client.zcard(keys.RECEIVED) == 1
    [slot] = redis_server.client.scan_iter("failed:*")
    assert redis_server.client.hgetall(slot) == {b"failed": b"1"}
    assert quickest(lambda: visit("/checkout/", cookies=cart)) < 1


def test_a_form_that_the_shop_may_have_taken_is_evidence_where_the_proxy_can_say_so(
    visit: Visit, proxy: str, primary: Standin, redis_server: RedisServer
) -> None:
    primary.stop()

    page = visit("/checkout/preview/", "POST", data={"agreed": "yes"}, cookies={"fallback_cart": a_cart_of_today()})

    assert is_ours(page)
    assert "whether your order went through" in page.text
    counted = [redis_server.client.hgetall(slot) for slot in redis_server.client.scan_iter("failed:*")]
    assert counted == ([] if proxy == "haproxy" else [{b"maybe_taken": b"1"}])


def test_a_switch_is_effective_at_the_proxy_within_two_seconds(visit: Visit, primary: Standin, switch: Switch) -> None:
    cart = {"fallback_cart": a_cart_of_today()}

    def serves(ours: bool) -> None:
        eventually(lambda: is_ours(visit("/checkout/", cookies=cart)) is ours, within=20)

    def seconds_until(mode: str, ours: bool) -> float:
        switch(mode)
        return quickest(lambda: serves(ours), times=1)

    rounds = [(seconds_until("active", True), seconds_until("draining", False)) for _ in range(3)]
    assert max(min(each) for each in zip(*rounds, strict=True)) < 2


def test_the_switch_works_while_the_shop_is_dead(
    visit: Visit, primary: Standin, switch: Switch, redis_server: RedisServer
) -> None:
    primary.stop()
    switch("active")
    assert RedisModes(redis_server.client).read().mode is Mode.ACTIVE
    eventually(lambda: is_ours(visit("/checkout/", cookies={"fallback_cart": a_cart_of_today()})))
