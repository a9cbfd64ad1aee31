"""Customers and the shop's pages learn the status of the checkout."""

from __future__ import annotations

from datetime import timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.errors import Invalid
from fallback.domain.incident.incident import by_switch, switched
from fallback.domain.outage.failover import Advice, Evidence, Observation, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.outage.write_to_customers import announce_maintenance, end_maintenance, publish_note
from tests.web.html import Page
from tests.web.world import NOW

SINCE = NOW - timedelta(minutes=7)


@pytest.fixture(autouse=True)
def a_clock_runs(container: Container) -> None:
    looked(container)


def looked(container: Container) -> None:
    container.observations.write(Observation(container.clock(), Evidence(), Advice(Mode.STANDBY, Why.WELL)))


@pytest.mark.parametrize("advised", [Mode.STANDBY, Mode.ACTIVE])
def test_where_no_clock_runs_nobody_says_that_the_shop_is_watched(
    client: FlaskClient, container: Container, advised: Mode
) -> None:
    container.observations.write(Observation(NOW - timedelta(minutes=2), Evidence(), Advice(advised, Why.LOOKS)))
    publish_note(container, "The bank is on it.", None, "Omar")
    page = Page(client.get("/status"))
    assert page.title == "We do not know the shop's status right now"
    assert "monitor" not in page.text
    assert "The bank is on it." in page.text, "the ledger answers, so what it has is shown"
    assert client.get("/v1/status").json["status"] == "unknown"
    assert client.get("/away").location == "/status"


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


# --- what on call writes


def test_the_page_has_the_lines_of_on_call_and_says_when_the_next_one_comes(
    client: FlaskClient, container: Container
) -> None:
    assert "Updates" not in Page(client.get("/status")).text
    switch(container, Mode.ACTIVE)
    assert "Since 21 Nov 2026, 09:53 UTC. This page updates itself." in Page(client.get("/status")).text
    publish_note(container, "The bank <is> on it.\nWe wait.", timedelta(hours=1), "Omar")
    page = Page(client.get("/status"))
    assert "Next update by 21 Nov 2026, 11:00 UTC." in page.one("div", id="now").text
    assert "21 Nov 2026, 10:00 UTC The bank <is> on it. We wait." in page.one("div", id="notes").text
    assert "Omar" not in page.source


def test_an_update_that_is_late_is_said_to_be_late_only_while_the_outage_lasts(
    client: FlaskClient, container: Container
) -> None:
    switch(container, Mode.ACTIVE)
    publish_note(container, "We are on it.", timedelta(minutes=30), "Omar")
    container.clock = lambda: NOW + timedelta(minutes=31)
    said = "We promised an update by 21 Nov 2026, 10:30 UTC. It is late."
    assert said in Page(client.get("/status")).text
    container.modes.switch(ModeState(Mode.STANDBY, container.clock(), "Omar", "back"))
    assert "update" not in Page(client.get("/status")).one("div", id="now").text
    container.clock = lambda: NOW + timedelta(days=8)
    assert "We are on it." not in Page(client.get("/status")).text


def test_times_are_those_of_the_shop(client: FlaskClient, container: Container) -> None:
    container.zone = ZoneInfo("Europe/Berlin")
    publish_note(container, "All is well.", timedelta(hours=1), "Omar")
    assert "Next update by 21 Nov 2026, 12:00 CET." in Page(client.get("/status")).text


def test_planned_maintenance_is_told_before_during_and_after_it(client: FlaskClient, container: Container) -> None:
    times = (NOW + timedelta(hours=2), NOW + timedelta(hours=3))
    announce_maintenance(container, times, "A new till.", "Omar")
    told = {
        0: "Planned maintenance from 21 Nov 2026, 12:00 UTC to 21 Nov 2026, 13:00 UTC A new till.",
        2: "Planned maintenance is under way until 21 Nov 2026, 13:00 UTC A new till.",
        3: "There was planned maintenance from 21 Nov 2026, 12:00 UTC to 21 Nov 2026, 13:00 UTC.",
    }
    for hours, text in told.items():
        container.clock = lambda hours=hours: NOW + timedelta(hours=hours)
        looked(container)
        page = Page(client.get("/status"))
        assert text in page.text
        assert ("There were no outages" in page.text) is (hours < 3)


def test_maintenance_that_is_withdrawn_is_told_no_more(client: FlaskClient, container: Container) -> None:
    announce_maintenance(container, (NOW + timedelta(hours=2), NOW + timedelta(hours=3)), "A new till.", "Omar")
    end_maintenance(container, container.public_statuses.read().maintenance[0].id, "Ida")
    assert "maintenance" not in Page(client.get("/status")).text


def test_the_banner_has_the_lines_and_the_maintenance_without_their_authors(
    client: FlaskClient, container: Container
) -> None:
    publish_note(container, "We are on it.", timedelta(hours=1), "Omar")
    announce_maintenance(container, (NOW + timedelta(hours=2), NOW + timedelta(hours=3)), "A new till.", "Omar")
    told = client.get("/v1/status").json
    assert told["updates"] == [
        {"at": "2026-11-21T10:00:00Z", "text": "We are on it.", "next_by": "2026-11-21T11:00:00Z"}
    ]
    assert told["maintenance"] == [
        {"begins": "2026-11-21T12:00:00Z", "ends": "2026-11-21T13:00:00Z", "text": "A new till."}
    ]


# --- the feed

ATOM = {"": "http://www.w3.org/2005/Atom"}


def entries_of(client: FlaskClient) -> dict[str, str]:
    """Titles, by id."""
    answer = client.get("/status.atom")
    assert answer.mimetype == "application/atom+xml"
    feed = ElementTree.fromstring(answer.data)
    for element in (feed, *feed.findall("entry", ATOM)):
        assert all(element.findtext(name, namespaces=ATOM) for name in ("id", "title", "updated"))
    return {
        str(entry.findtext("id", namespaces=ATOM)): str(entry.findtext("title", namespaces=ATOM))
        for entry in feed.findall("entry", ATOM)
    }


def test_the_feed_tells_the_same_newest_first(client: FlaskClient, container: Container) -> None:
    assert entries_of(client) == {}
    switch(container, Mode.ACTIVE)
    follow_mode(container)
    publish_note(container, "The bank <is> on it.", None, "Omar")
    container.clock = lambda: NOW + timedelta(minutes=1)
    announce_maintenance(container, (NOW + timedelta(hours=2), NOW + timedelta(hours=3)), "A new till.", "Omar")
    told = entries_of(client)
    assert list(told.values()) == [
        "Planned maintenance from 21 Nov 2026, 12:00 UTC to 21 Nov 2026, 13:00 UTC",
        "The bank <is> on it.",
        "The shop's checkout is down. You can order here",
    ]
    container.modes.switch(ModeState(Mode.STANDBY, container.clock(), "Omar", "back"))
    follow_mode(container)
    end_maintenance(container, container.public_statuses.read().maintenance[0].id, "Omar")
    after = entries_of(client)
    assert set(after) == set(told)
    assert set(after.values()) == {
        "The planned maintenance does not take place",
        "The bank <is> on it.",
        "The shop is back and takes all orders again",
    }
    assert "Omar" not in client.get("/status.atom").text


def test_a_feed_reader_reads_each_line_whatever_was_pasted_into_it(client: FlaskClient, container: Container) -> None:
    publish_note(container, "The bank\x0b is\x00 on it\ufffe \U0001f4b3", None, "Omar")
    assert list(entries_of(client).values()) == ["The bank"]


def test_a_line_that_shows_nothing_is_none(container: Container) -> None:
    for text in ("\u200b", "\x00", " \u202e\u2060 "):
        with pytest.raises(Invalid):
            publish_note(container, text, None, "Omar")


def test_a_cache_keeps_the_feed_apart_by_what_decides_its_language(client: FlaskClient) -> None:
    assert {"Accept-Language", "Cookie"} <= set(client.get("/status.atom").vary)


def test_an_open_page_that_says_how_it_stands_gets_no_other(client: FlaskClient, container: Container) -> None:
    seen = {"If-None-Match": client.get("/status").headers["ETag"]}
    assert client.get("/status", headers=seen).status_code == 304
    switch(container, Mode.ACTIVE)
    assert client.get("/status", headers=seen).status_code == 200
