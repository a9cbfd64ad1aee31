"""Customers and the shop's pages learn the status of the checkout."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.incident.incident import by_switch, switched
from fallback.domain.outage.failover import Advice, Evidence, Observation, Why
from fallback.domain.outage.mode import Mode, ModeState
from tests.web.html import Page
from tests.web.world import NOW

SINCE = NOW - timedelta(minutes=7)


def switch(container: Container, mode: Mode) -> None:
    container.modes.switch(ModeState(mode, SINCE, "Omar", "the cause is nobody's business"))


@pytest.mark.parametrize(
    ("mode", "status", "title"),
    [
        (Mode.STANDBY, "usual", "You can order as usual"),
        (Mode.ACTIVE, "helping", "The shop's checkout is down. You can order here"),
        (Mode.DRAINING, "catching_up", "The shop is back and takes all orders again"),
    ],
)
def test_the_page_and_the_banner_say_the_same(
    client: FlaskClient, container: Container, mode: Mode, status: str, title: str
) -> None:
    switch(container, mode)
    assert Page(client.get("/status")).title == title
    told = client.get("/v1/status").json
    assert (told["status"], told["since"], told["sentence"]["en"]) == (status, "2026-11-21T09:53:00Z", title)
    assert told["sentence"]["de"] != title


def test_trouble_that_we_see_is_told_before_anybody_has_switched(client: FlaskClient, container: Container) -> None:
    container.observations.write(Observation(NOW, Evidence(), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})))
    assert client.get("/v1/status").json["status"] == "trouble"
    assert "this checkout takes over with your basket" in Page(client.get("/status")).text


def test_the_page_speaks_german(client: FlaskClient, container: Container) -> None:
    switch(container, Mode.ACTIVE)
    page = Page(client.get("/status", headers={"Accept-Language": "de"}))
    assert page.title == "Die Kasse des Shops ist ausgefallen. Sie können hier bestellen"


def test_who_switched_and_why_is_not_for_customers(client: FlaskClient, container: Container) -> None:
    switch(container, Mode.ACTIVE)
    for path in ("/status", "/v1/status"):
        assert "Omar" not in client.get(path).text
        assert "business" not in client.get(path).text


def test_any_page_may_read_the_banner_and_a_cache_may_keep_it_for_seconds(client: FlaskClient) -> None:
    answer = client.get("/v1/status")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cache-Control"] == "public, max-age=5"


def test_while_something_is_out_of_order_nobody_reads_that_nothing_was(
    client: FlaskClient, container: Container
) -> None:
    assert "There were no outages" in Page(client.get("/status")).text
    switch(container, Mode.ACTIVE)
    assert "There were no outages" not in Page(client.get("/status")).text


@pytest.mark.parametrize(("days", "told"), [(1, True), (8, False)])
def test_a_time_of_trouble_is_told_of_for_a_week(
    client: FlaskClient, container: Container, days: int, told: bool
) -> None:
    began = NOW - timedelta(days=days, hours=1)
    container.incidents.open(by_switch(ModeState(Mode.ACTIVE, began, "Omar", "down"), 0))
    back = ModeState(Mode.STANDBY, NOW - timedelta(days=days), "Omar", "back")
    container.incidents.change(container.incidents.last().id, lambda incident: switched(incident, back, 3))
    text = Page(client.get("/status")).text
    assert ("we took orders here" in text) is told
    assert ("There were no outages" in text) is not told


def test_an_open_page_that_says_how_it_stands_gets_no_other(client: FlaskClient, container: Container) -> None:
    seen = {"If-None-Match": client.get("/status").headers["ETag"]}
    assert client.get("/status", headers=seen).status_code == 304
    switch(container, Mode.ACTIVE)
    assert client.get("/status", headers=seen).status_code == 200
