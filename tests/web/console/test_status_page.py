"""/console/oncall/status: what on call writes for customers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Role
from fallback.usecases.incident.follow_mode import follow_mode
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import NOW

PAGE = "/console/oncall/status"
TIMES = {"begins": "2026-11-22T02:00", "ends": "2026-11-22T04:00", "about": "A new till. You can order here."}


@pytest.fixture
def omar(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("Omar", Role.ONCALL)


def send(browser: FlaskClient, form: str, **typed: str) -> Page:
    return press(browser, Page(browser.get(PAGE)), form, typed)


def test_an_update_is_published_with_its_author_and_stands_in_the_incident(
    omar: FlaskClient, container: Container
) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "down"))
    follow_mode(container)
    page = send(omar, "/notes", text="The bank is on it.", next="30")
    assert "Omar" in page.text
    [note] = container.public_statuses.read().notes
    assert (note.who, note.text, note.next_by) == ("Omar", "The bank is on it.", NOW + timedelta(minutes=30))
    assert container.incidents.last().timeline[-1].text == "To customers: The bank is on it."
    assert "/console/oncall/status" in omar.get("/console/oncall").text


def test_without_an_incident_it_is_published_too(omar: FlaskClient, container: Container) -> None:
    send(omar, "/notes", text="All is well.", next="")
    assert container.public_statuses.read().notes[0].next_by is None


def test_maintenance_is_announced_in_the_shops_time_and_ended(omar: FlaskClient, container: Container) -> None:
    container.zone = ZoneInfo("Europe/Berlin")
    assert "Begin (Europe/Berlin)" in Page(omar.get(PAGE)).text
    page = send(omar, "/maintenance", **TIMES)
    assert "Planned maintenance from 22 Nov 2026, 02:00 CET to 22 Nov 2026, 04:00 CET" in page.text
    [each] = container.public_statuses.read().maintenance
    assert (each.begins - NOW, each.who) == (timedelta(hours=15), "Omar")
    ended = press(omar, page, "/end", {})
    assert "Planned maintenance" not in ended.text
    assert container.public_statuses.read().maintenance[0].ended_by == "Omar"
    assert forge(omar, f"{PAGE}/maintenance/{each.id}/end").status_code == 303


def test_a_time_that_is_none_in_utc_is_refused_like_one_that_is_none(omar: FlaskClient, container: Container) -> None:
    container.zone = ZoneInfo("Europe/Berlin")
    page = send(omar, "/maintenance", **TIMES | {"begins": "0001-01-01T00:00"})
    assert page.errors == {"begins": "Enter a date and a time"}


@pytest.mark.parametrize(
    ("form", "typed", "field"),
    [
        ("/notes", {"text": ""}, "text"),
        ("/notes", {"text": "x" * 501}, "text"),
        ("/maintenance", TIMES | {"about": ""}, "about"),
        ("/maintenance", TIMES | {"begins": "soon"}, "begins"),
        ("/maintenance", TIMES | {"ends": "2026-11-22T01:00"}, "ends"),
        ("/maintenance", TIMES | {"begins": "2026-11-20T02:00", "ends": "2026-11-20T03:00"}, "ends"),
        ("/maintenance", TIMES | {"begins": "2027-11-22T02:00", "ends": "2027-11-22T03:00"}, "begins"),
    ],
)
def test_what_cannot_be_published_is_refused_at_its_field(
    omar: FlaskClient, container: Container, form: str, typed: dict[str, str], field: str
) -> None:
    page = send(omar, form, **typed)
    assert page.status == 400
    assert page.one("a", href=f"#{field}")
    assert container.public_statuses.read().notes == container.public_statuses.read().maintenance == ()


@pytest.mark.parametrize(("form", "field"), [("/notes", "text"), ("/maintenance", "about")])
def test_a_card_number_is_said_to_be_one(omar: FlaskClient, form: str, field: str) -> None:
    page = send(omar, form, **(TIMES if field == "about" else {}) | {field: "4242 4242 4242 4242"})
    assert page.errors == {field: "That looks like a card number. Please leave it out."}
    assert page.fields[field] == ""


def test_who_may_not_switch_reads_only(colleague: Callable[[str, Role], FlaskClient], container: Container) -> None:
    agent = colleague("Mara", Role.AGENT)
    assert Page(agent.get(PAGE)).all("textarea") == []
    assert forge(agent, f"{PAGE}/notes", {"text": "x"}).status_code == 403
