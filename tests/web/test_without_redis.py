"""What customers, programs and the proxy get from a web process that has a journal, while Redis is away and after."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.outage.mode import Mode
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.web.app import create_app
from tests.redis_server import RedisServer
from tests.web.api_client import at, is_problem, opened, place
from tests.web.conftest import a_browser
from tests.web.filling import forge
from tests.web.html import Page
from tests.web.world import METRICS_TOKEN, NOW, a_cart, a_config, signed

AWAY = "redis://127.0.0.1:1/0"


@cache
def an_app(number: int) -> Flask:
    """To compile all routes takes longer than most tests, so that is done once for each web process of a test."""
    return create_app(Container(a_config()))


def a_web(path: Path, url: str = AWAY, number: int = 0) -> tuple[Flask, Container]:
    """`number`: of the web processes in one test."""
    built = Container(a_config(redis_url=url, journal=JournalSettings(str(path / "journal"))), serves=True)
    built.clock = lambda: NOW
    app = an_app(number)
    app.extensions = {"container": built}
    return app, built


@pytest.fixture
def web(tmp_path: Path) -> Flask:
    return a_web(tmp_path)[0]


@pytest.fixture
def browser(web: Flask) -> FlaskClient:
    return a_browser(web)


@pytest.fixture
def link(web: Flask) -> str:
    """The path of the page that a customer's receipt names."""
    url = urlsplit(place(web.test_client()).json["status_url"])
    return f"{url.path}?{url.query}"


def as_json(link: str) -> str:
    return f"/v1{link}"


def test_an_order_is_taken_with_a_ref_and_a_signed_link(web: Flask) -> None:
    answer = place(web.test_client())
    again = place(web.test_client())
    assert (answer.status_code, again.status_code, again.data) == (202, 202, answer.data)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert answer.json["ref"] in answer.json["status_url"]
    assert is_problem(place(web.test_client(), key="other"), 409, "cart_already_captured")


def test_its_page_says_what_is_known(browser: FlaskClient, link: str) -> None:
    page = Page(browser.get(link))
    assert page.title == "Thank you, we have your order"
    assert "You do not need to order again." in page.text
    assert "€30.93" in page.text
    assert browser.get(link.replace("key=", "key=x")).status_code == 404


def test_its_page_shows_where_the_invoice_goes(browser: FlaskClient, web: Flask) -> None:
    office = {
        "company": "Murdoch Ltd",
        "line1": "2 Office Row",
        "city": "Leeds",
        "postal_code": "LS1 4DY",
        "country": "GB",
    }
    cart = signed(a_cart(asks_for=["company", "vat_id", "billing_address"]))
    taken = place(web.test_client(), cart_token=cart, billing_address=office, vat_id="GB 123456789").json
    shown = Page(browser.get(taken["status_url"].replace("https://checkout.example", "")))
    assert "Murdoch Ltd 2 Office Row Leeds LS1 4DY" in shown.text
    assert "GB 123456789" in shown.text


def test_without_the_link_nobody_sees_it(browser: FlaskClient, link: str) -> None:
    answer = browser.get(link.partition("?")[0])
    assert (answer.status_code, "€" in answer.text) == (404, False)


def test_the_api_shows_it_too(web: Flask, link: str) -> None:
    client = web.test_client()
    full, brief = client.get(as_json(link)).json, client.get(as_json(link).partition("?")[0]).json
    assert (full["status"], full["customer"]["email"]) == ("received", "iris@example.org")
    assert (brief["status"], "customer" in brief) == ("received", False)
    assert is_problem(client.patch(as_json(link), headers={"If-Match": "1"}, json={}), 503, "try_again")


def test_a_ref_is_found_as_it_was_typed(web: Flask, link: str) -> None:
    path, _, key = link.partition("?")
    typed = f"/orders/{path.rpartition('/')[2].lower()}"
    client, browser = web.test_client(), a_browser(web)
    assert client.get(f"/v1{typed}").status_code == 200
    assert Page(browser.get(f"{typed}?{key}")).title == "Thank you, we have your order"
    assert client.post(f"/v1{typed}/cancellation?{key}").status_code == 202
    assert Page(browser.get(link)).title == "You cancelled this order"


def test_paying_later_leads_back_to_the_page(browser: FlaskClient, link: str) -> None:
    answer = forge(browser, link.replace("?", "/payment?"), {"confirmation_token": "ctoken_1PaGeTeSt"})
    assert (answer.status_code, answer.location) == (303, link)


def test_the_customer_can_cancel_it(browser: FlaskClient, web: Flask, link: str) -> None:
    asked = browser.get(link.replace("?", "/cancellation?"))
    assert "Cancel this order?" in asked.text
    for _ in range(2):
        assert forge(browser, link.replace("?", "/cancellation?")).location == link
    assert Page(browser.get(link)).title == "You cancelled this order"
    again = place(web.test_client(), key="again")
    assert (again.status_code, again.json["ref"] in link) == (202, False)


def test_a_program_can_cancel_it(web: Flask, link: str) -> None:
    order = opened(place(web.test_client()))
    answer = web.test_client().post(**at(order, "/cancellation"))
    assert (answer.status_code, answer.json["ref"] in link) == (202, True)
    assert Page(a_browser(web).get(link)).title == "You cancelled this order"


def test_another_machine_claims_nothing(tmp_path: Path, link: str) -> None:
    other, _ = a_web(tmp_path / "other", number=1)
    answer = a_browser(other).get(link)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert Page(answer).title == "We cannot show your order right now"


def test_a_promised_order_that_another_machine_still_has_is_not_denied(
    tmp_path: Path, redis_server: RedisServer, link: str
) -> None:
    back, _ = a_web(tmp_path / "other", redis_server.url, number=1)
    assert a_browser(back).get(link).status_code == 503
    here, _ = a_web(tmp_path, redis_server.url, number=2)
    assert a_browser(here).get(link).status_code == 200


def test_the_second_promise_leads_to_the_order(tmp_path: Path, redis_server: RedisServer, web: Flask) -> None:
    back, built = a_web(tmp_path, redis_server.url, number=1)
    first = place(back.test_client()).json
    second = place(web.test_client(), key="another").json
    journal = web.extensions["container"].journal
    journal.replay(lambda _: False)
    tend(built)
    url = urlsplit(second["status_url"])
    answer = a_browser(back).get(f"{url.path}?{url.query}")
    assert (answer.status_code, answer.location) == (303, "/orders/" + first["status_url"].partition("/orders/")[2])
    told = back.test_client().get(f"/v1{url.path}?{url.query}")
    assert is_problem(told, 409, "cart_already_captured")
    assert told.json["ref"] == first["ref"]
    assert back.test_client().get(f"/v1{url.path}").status_code == 404


def test_the_checkout_page_takes_orders_too(browser: FlaskClient) -> None:
    browser.set_cookie("fallback_cart", signed(a_cart()))
    assert browser.get("/checkout").status_code == 200


def known_before(path: Path, redis_server: RedisServer, mode: Mode) -> Flask:
    """Redis was there, with this mode, until a moment ago."""
    _, built = a_web(path, redis_server.url)
    if mode is not Mode.STANDBY:
        switch_mode(built, mode, "Ida", "the shop is down")
    tend(built)
    return a_web(path)[0]


@pytest.mark.parametrize(("mode", "route"), [(Mode.ACTIVE, "fallback"), (Mode.STANDBY, "primary")])
def test_the_proxy_is_told_the_last_known_mode(
    tmp_path: Path, redis_server: RedisServer, mode: Mode, route: str
) -> None:
    answer = known_before(tmp_path, redis_server, mode).test_client().get("/v1/mode")
    assert (answer.status_code, answer.headers["X-Fallback-Route"]) == (200, route)
    assert (answer.json["mode"], answer.json["known_at"]) == (mode, "2026-11-21T10:00:00Z")
    assert "X-Fallback-Share" not in answer.headers
    assert "Ida" not in (tmp_path / "journal/mode.json").read_text()


def test_a_mode_that_nobody_knows_is_none(web: Flask) -> None:
    assert is_problem(web.test_client().get("/v1/mode"), 503, "try_again")


def test_the_status_page_says_of_when_it_is(tmp_path: Path, redis_server: RedisServer) -> None:
    web = known_before(tmp_path, redis_server, Mode.ACTIVE)
    page = Page(a_browser(web).get("/status"))
    assert page.title == "The shop's checkout is down. You can order here"
    assert "This was the status at 21 Nov 2026, 10:00" in page.text
    assert "Last 7 days" not in page.text
    told = web.test_client().get("/v1/status").json
    assert (told["status"], told["known_at"]) == ("helping", "2026-11-21T10:00:00Z")


def test_a_status_that_nobody_knows_is_unknown(web: Flask, browser: FlaskClient) -> None:
    assert Page(browser.get("/status")).title == "We do not know the shop's status right now"
    assert web.test_client().get("/v1/status").json["status"] == "unknown"
    assert browser.get("/status.atom").status_code == 200


def test_an_expired_cart_is_taken_if_we_serve_the_customers_as_far_as_is_known(
    tmp_path: Path, redis_server: RedisServer
) -> None:
    web = known_before(tmp_path, redis_server, Mode.ACTIVE)
    seconds = int(NOW.timestamp())
    answer = place(web.test_client(), cart_token=signed(a_cart(iat=seconds - 900, exp=seconds + 0)))
    assert answer.status_code == 202


def readyz(web: Flask) -> tuple[int, bool, str]:
    answer = web.test_client().get("/readyz")
    assert answer.json["problems"]
    return answer.status_code, answer.json["ready"], answer.json["journal"]


def test_the_load_balancer_goes_on_sending_customers_while_the_journal_has_room(web: Flask, tmp_path: Path) -> None:
    assert readyz(web) == (200, False, "nothing")
    place(web.test_client())
    assert readyz(web) == (200, False, "orders")
    with (tmp_path / "journal/other").open("wb") as other:
        other.truncate(2**28)
    assert readyz(web) == (503, False, "full")
    assert is_problem(place(web.test_client(), key="b", cart_token=signed(a_cart(cart_id="b"))), 503, "try_again")


def test_the_journal_is_watched_without_redis(web: Flask) -> None:
    place(web.test_client())
    shown = web.test_client().get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert "fallback_journal_entries 1.0" in shown
    assert "fallback_ready" not in shown
