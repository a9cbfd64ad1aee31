"""Whatever a customer and those who help their write, nothing of it stands in Redis in plain, or in the figures."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.web.app import create_app
from tests.ledger.packed import readable
from tests.redis_server import RedisServer
from tests.web.buying import IRIS, brought, buy, keep
from tests.web.conftest import a_browser
from tests.web.filling import press, send, sign_in
from tests.web.html import Page
from tests.web.world import METRICS_TOKEN, NOW, a_config, signed

# Each thing that somebody types below has one of these in it.
WORDS = ["iris", "murdoch", "@example", "300300", "lighthouse quay", "hu1 1aa", "ring twice", "said in private"]
PHONE = "+44 1482 300300"
PRIVATE = "Said in private"
TO_THE_QUAY = {"shipping_address.line1": "1 Lighthouse Quay", "shipping_address.country": "GB"}
AT_THE_QUAY = TO_THE_QUAY | {"contact.phone": PHONE, "note": "Please ring twice"}
OF_THEIRS: dict[str, dict[str, str]] = {
    "contact": {"contact.name": "Iris Bayley", "contact.email": "bayley@example.com", "contact.phone": PHONE},
    "address": TO_THE_QUAY | {"shipping_address.name": "Dame Iris"},
    "question": {"question": PRIVATE, "phone": PHONE, "when": "morning"},
}
OF_OURS: dict[str, dict[str, str]] = {
    "notes": {"note": PRIVATE},
    "answer": {"answer": PRIVATE},
    "callback": {"phone": PHONE, "at": "2026-11-21T15:30"},
    "callback/closure": {"word": PRIVATE},
    "contact": {"contact.name": "Iris", "contact.email": "iris@example.org", "contact.phone": PHONE},
    "owner": {},
    "handovers": {"to": "checkout desk", "asked": PRIVATE, "tried": PRIVATE, "promised": PRIVATE},
    "cancellation": {"reason": PRIVATE, "sentence": PRIVATE},
}


@pytest.fixture
def container(redis_server: RedisServer) -> Iterator[Container]:
    container = Container(a_config(redis_url=redis_server.url))
    container.clock = lambda: NOW
    yield container
    container.redis.close()


@pytest.fixture
def app(container: Container) -> Flask:
    return create_app(container)


def test_nothing_that_is_written_stands_in_redis_or_in_the_figures(
    app: Flask, container: Container, redis_server: RedisServer
) -> None:
    customer, agent = a_browser(app), a_browser(app)
    sign_in(agent)
    ref = orders_with_help(customer, agent)
    for noun, typed in OF_THEIRS.items():
        sends(customer, f"/orders/{ref}", noun, typed, key=container.links.key(ref))
    press(customer, Page(customer.get("/orders/")), "/orders/", email="iris@example.org", ref=ref)
    for noun, typed in OF_OURS.items():
        sends(agent, f"/console/orders/{ref}", noun, typed)
    sends(agent, "/console", "remarks", {"remark": PRIVATE})
    notes_an_incident(agent, container)

    plain = b"\n".join(all_of(redis_server)).lower().decode(errors="replace")
    figures = customer.get("/metrics", headers={"Authorization": f"Bearer {METRICS_TOKEN}"}).text
    assert ref.lower() in plain
    assert [word for word in WORDS if word in plain + figures.lower()] == []


def orders_with_help(customer: FlaskClient, agent: FlaskClient) -> str:
    """An agent has looked for their form and sent their the link to it."""
    page = Page(brought(customer, signed()))
    typed = {name: text for name, text in IRIS.items() if name.startswith("contact")}
    assert keep(customer, page, **typed).status_code == 204
    found = Page(agent.get("/console/drafts?find=iris@example.org"))
    assert "Iris Murdoch" in found.text
    press(agent, found, "/drafts/mails")
    placed = buy(customer, page, **AT_THE_QUAY)
    ref = re.search(r"/orders/([^?]+)", placed.headers["Location"])
    assert ref
    return ref[1]


def notes_an_incident(agent: FlaskClient, container: Container) -> None:
    mode = {"mode": "active", "reason": "Down", "until": "open"}
    sure = press(agent, Page(agent.get("/console/oncall")), "/oncall/mode", mode)
    if sure.all("form", action="/console/oncall/mode"):
        press(agent, sure, "/oncall/mode")
    follow_mode(container)
    [incident] = container.incidents.newest(9)
    sends(agent, f"/console/incidents/{incident.id}", "notes", {"note": PRIVATE})


def sends(browser: FlaskClient, address: str, noun: str, typed: dict[str, str], **query: str) -> None:
    """By the form on this page, or on its own one below."""
    page = Page(browser.get(address, query_string=query))
    if not any(urlsplit(form["action"]).path == f"{address}/{noun}" for form in page.all("form")):
        page = Page(browser.get(f"{address}/{noun}", query_string=query))
    assert send(browser, page, f"/{noun}", typed).status_code == 303, (address, noun)


def all_of(server: RedisServer) -> Iterator[bytes]:
    """Every key and what it holds."""
    reads: dict[bytes, Callable[[bytes], Any]] = {
        b"string": lambda key: [server.client.get(key)],
        b"list": lambda key: server.client.lrange(key, 0, -1),
        b"set": server.client.smembers,
        b"zset": lambda key: server.client.zrange(key, 0, -1),
        b"hash": lambda key: [readable(part) for item in server.client.hgetall(key).items() for part in item],
    }
    for key in server.client.scan_iter():
        yield key
        yield from reads[server.client.type(key)](key)
