"""/console/report and /console/remarks: figures for leads, feedback from everybody."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Event
from fallback.domain.support.accounts import Role
from fallback.web.console.charts import Bar, bars
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.filling import press, send
from tests.web.html import Page
from tests.web.world import NOW

Colleague = Callable[[str, Role], FlaskClient]


@pytest.fixture
def lead(colleague: Colleague) -> FlaskClient:
    return colleague("Mara", Role.LEAD)


@pytest.fixture
def ann(colleague: Colleague) -> FlaskClient:
    return colleague("Ann", Role.AGENT)


def happened(ledger: FakeLedger, *events: Event) -> None:
    order = ledger.keep(an_order())
    ledger.commit(order, order, events)


def a_settled_order(ledger: FakeLedger, minutes: int) -> None:
    end = NOW + timedelta(minutes=minutes)
    received = Event(NOW, "received", "customer")
    happened(ledger, received, Event(end, "verified", "primary"), Event(end, "captured", "worker"))


def an_order_that_waited(ledger: FakeLedger) -> None:
    happened(
        ledger,
        Event(NOW, "on_hold", "worker", {"code": "out_of_stock"}),
        Event(NOW + timedelta(hours=2), "notice_sent", "worker"),
        Event(NOW, "refund_granted", "Ann", {"kind": "goodwill", "amount": 500}),
        Event(NOW, "refunded", "worker", {"amount": 500}),
    )


def rows(page: Page) -> list[str]:
    return [row.text for row in page.all("tr")[1:]]


# --- the report


def test_the_report_compares_the_ways(lead: FlaskClient, ledger: FakeLedger) -> None:
    a_settled_order(ledger, minutes=1)
    a_settled_order(ledger, minutes=3)
    an_order_that_waited(ledger)
    page = Page(lead.get("/console/report"))
    assert rows(page) == [
        "Without help 2 0 2 0 0:02:00 0:02:48 – – – –",
        "Waited 1 1 0 0 – – 2:00:00 2:00:00 €5.00 €5.00",
        "Asked 0 0 0 0 – – – – – –",
        "Escalated 0 0 0 0 – – – – – –",
    ]


def test_a_picture_says_its_figures_in_words(lead: FlaskClient, ledger: FakeLedger) -> None:
    a_settled_order(ledger, minutes=1)
    page = Page(lead.get("/console/report"))
    picture = page.one("svg")  # nobody got a mail: of that there is none
    assert picture["aria-labelledby"] == "settled-title settled-text"
    assert "Without help: 0:01:00 – 0:01:00" in picture.text


def test_a_report_without_orders_has_no_chart(lead: FlaskClient) -> None:
    page = Page(lead.get("/console/report"))
    assert page.all("svg") == []
    assert "there is no chart" in page.text


def test_the_report_keeps_to_the_days_that_are_asked_for(lead: FlaskClient, ledger: FakeLedger) -> None:
    a_settled_order(ledger, minutes=1)
    assert rows(Page(lead.get("/console/report?since=2026-11-20&until=2026-11-20")))[0].startswith("Without help 0")
    assert rows(Page(lead.get("/console/report?since=2026-11-21&until=2026-11-21")))[0].startswith("Without help 1")


@pytest.mark.parametrize("days", ["since=yesterday", "since=2026-11-22&until=2026-11-21", "until=9999-12-31"])
def test_days_that_make_no_sense_are_refused(lead: FlaskClient, days: str) -> None:
    assert lead.get(f"/console/report?{days}").status_code == 400


def test_the_report_names_how_many_orders_it_left_out(
    lead: FlaskClient, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.web.console.desk.report.MOST_ORDERS", 1)
    a_settled_order(ledger, minutes=1)
    a_settled_order(ledger, minutes=2)
    assert "Older orders of this period that are not included: 1." in Page(lead.get("/console/report")).text


def test_the_report_is_saved_as_csv(lead: FlaskClient, ledger: FakeLedger) -> None:
    an_order_that_waited(ledger)
    answer = lead.get("/console/report.csv?since=2026-11-21")
    assert answer.mimetype == "text/csv"
    waited = list(csv.DictReader(answer.text.splitlines()))[1]
    assert (waited["way"], waited["orders"], waited["first_word_median_seconds"]) == ("waited", "1", "7200.0")


def test_the_report_is_not_for_agents(ann: FlaskClient) -> None:
    assert ann.get("/console/report").status_code == 403
    assert ann.get("/console/report.csv").status_code == 403


def test_a_page_of_the_report_is_drawn_without_any_style(lead: FlaskClient, ledger: FakeLedger) -> None:
    an_order_that_waited(ledger)
    page = Page(lead.get("/console/report"))
    assert [element for element in page.elements if "style" in element.attributes or element.tag == "style"] == []


# --- pictures


def test_bars_are_scaled_to_the_longest_one() -> None:
    drawn = bars("x", "T", "D", [Bar("a", 5, 10, "a"), Bar("b", 2.5, 5, "b")])
    assert [part.split('"')[0] for part in drawn.split(' width="')[1:]] == ["320.0", "160.0", "160.0", "80.0"]


def test_a_chart_without_values_has_no_bars() -> None:
    assert "<rect" not in bars("x", "T", "D", [])
    assert 'width="0.0"' in bars("x", "T", "D", [Bar("a", 0, 0, "a")])


def test_words_in_a_picture_are_escaped() -> None:
    assert "<b>" not in bars("x", "<b>", "<b>", [Bar("<b>", 1, 1, "<b>")])


# --- remarks


def test_an_agents_remark_is_read_by_a_lead_newest_first(ann: FlaskClient, lead: FlaskClient) -> None:
    form = Page(ann.get("/console/remarks"))
    assert form.fields == {"remark": ""}
    press(ann, form, "/console/remarks", remark=" Slots run out by noon. ")
    said = press(ann, form, "/console/remarks", remark="The same card is declined.")
    assert "Your feedback is in the report." in said.text
    assert "Slots" not in said.text
    listed = [row.text for row in Page(lead.get("/console/report")).all("li")]
    assert [row.rpartition("UTC ")[2] for row in listed] == ["The same card is declined.", "Slots run out by noon."]
    assert listed[0].startswith("Ann")


@pytest.mark.parametrize("text", ["", "  ", "\u200b", "x" * 501, "they gave 4242 4242 4242 4242"])
def test_a_remark_that_cannot_be_kept_is_refused(ann: FlaskClient, container: Container, text: str) -> None:
    assert send(ann, Page(ann.get("/console/remarks")), "/remarks", remark=text).status_code == 400
    assert container.remarks.newest(9) == []
