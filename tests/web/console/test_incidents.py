"""/console/incidents: the timeline, the balance sheet, closing, the report, and the halt."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.incident.balance import Count
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Event, Order, PaymentState, PlacementState
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.support.accounts import Role
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from tests.builders import a_hold, a_payment, an_order
from tests.fakes.gateway import FakeGateway
from tests.fakes.ledger import FakeLedger
from tests.fakes.primary import FakePrimary
from tests.web.filling import forge, press, send
from tests.web.html import Page
from tests.web.world import NOW, PROXY_TOKEN
from workers.bookkeeping import Bookkeeping

Colleague = Callable[[str, Role], FlaskClient]
INCIDENT = "2026-11-21-090000"
ADDRESS = f"/console/incidents/{INCIDENT}"


@pytest.fixture
def oncall(colleague: Colleague) -> FlaskClient:
    return colleague("Ida", Role.ONCALL)


@pytest.fixture
def ann(colleague: Colleague) -> FlaskClient:
    return colleague("Ann", Role.AGENT)


@pytest.fixture
def settled(container: Container, ledger: FakeLedger) -> Order:
    """Captured in an outage of half an hour that is over."""
    container.gateway, container.primary = FakeGateway(container.clock), FakePrimary(clock=container.clock)
    for mode, minutes in ((Mode.ACTIVE, 60), (Mode.STANDBY, 30)):
        container.modes.switch(ModeState(mode, NOW - timedelta(minutes=minutes), "Ada", "the payment page is down"))
    order = ledger.keep(
        an_order(
            payment=a_payment(PaymentState.CAPTURED),
            placement=PlacementState.VERIFIED,
            received_at=NOW - timedelta(minutes=45),
        )
    )
    ledger.commit(order, order, [Event(NOW - timedelta(minutes=44), "notice_sent", "worker")])
    return order


def counted(container: Container) -> None:
    """By the orders alone, as if Stripe and the shop had the same."""
    follow_mode(container)
    incident = container.incidents.load(INCIDENT)
    metrics = Count(incident.id, frozenset({"the desk"}))
    for order, timeline in container.books.scan(incident.span):
        metrics.add(order, timeline)
    container.books.keep(metrics.balance(NOW, len(metrics.figures), metrics.differences, {}))


def test_incidents_are_listed_newest_first(ann: FlaskClient, container: Container, settled: Order) -> None:
    container.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "again"))
    page = Page(ann.get("/console/incidents"))
    rows = [row.text for row in page.all("li")]
    assert [row.split()[:2] for row in rows] == [["2026-11-21-100000", "ongoing"], [INCIDENT, "over"]]
    assert rows[1].endswith("Orders: 1 the payment page is down")


def test_before_the_first_one_the_list_says_so(ann: FlaskClient) -> None:
    assert "No incidents yet." in Page(ann.get("/console/incidents")).text


def test_an_incident_tells_what_happened_newest_first(ann: FlaskClient, settled: Order) -> None:
    page = Page(ann.get(ADDRESS))
    assert page.title == f"Incident {INCIDENT} over"
    assert [row.text.partition(" 21 Nov")[0] for row in page.all("li")][-2:] == [
        "Switched to standby", "Switched to active"
    ]  # fmt: skip
    assert "Orders of this incident: 1" in page.text
    assert page.one("a", href=f"/console?incident={INCIDENT}")


def test_an_incident_that_never_was_is_not_found(ann: FlaskClient) -> None:
    assert ann.get("/console/incidents/2020-01-01-000000").status_code == 404


def test_anybody_who_works_here_writes_a_line(ann: FlaskClient, settled: Order) -> None:
    page = press(ann, Page(ann.get(ADDRESS)), "/notes", note="The bank says 11:00. <b>")
    assert "Note 21 Nov 2026, 10:00 UTC, Ann The bank says 11:00. <b>" in page.text


@pytest.mark.parametrize(
    ("text", "kept", "why"),
    [
        ("", "", "The field is empty, so nothing was changed. Please enter a text."),
        ("x" * 2001, "x" * 2001, "Too long. Please shorten it."),
        ("card 4242 4242 4242 4242", "", "That looks like a card number. Please leave it out."),
    ],
)
def test_a_line_that_cannot_be_kept_comes_back(
    ann: FlaskClient, settled: Order, text: str, kept: str, why: str
) -> None:
    page = press(ann, Page(ann.get(ADDRESS)), "/notes", note=text)
    assert (page.status, page.errors, page.fields["note"]) == (400, {"note": why}, kept)


def test_an_order_of_a_customer_whom_the_shop_failed_is_an_incident_in_standby(
    browser: FlaskClient, ann: FlaskClient, container: Container, ledger: FakeLedger
) -> None:
    moments = [NOW]
    container.clock = lambda: moments[-1]
    failed = {"X-Fallback-Proxy": PROXY_TOKEN, "X-Fallback-Reason": "failed"}
    browser.get("/checkout", headers=failed)
    assert "No incidents yet." in Page(ann.get("/console/incidents")).text
    order = ledger.keep(an_order(received_at=NOW))
    moments.append(NOW + timedelta(seconds=1))
    page = Page(ann.get("/console/incidents"))
    assert "ongoing" in page.one("span", **{"class": "badge"}).text
    assert container.incidents.of(order.ref) == container.incidents.last().id


# --- the balance sheet


def test_a_count_is_asked_for_and_the_page_says_so(oncall: FlaskClient, container: Container, settled: Order) -> None:
    assert "Not counted yet." in Page(oncall.get(ADDRESS)).text
    page = press(oncall, Page(oncall.get(ADDRESS)), "/balance")
    assert container.books.asked() == [INCIDENT]
    assert "Counting." in page.text


def test_the_sheet_names_every_fate_and_leads_to_its_orders(
    oncall: FlaskClient, container: Container, settled: Order
) -> None:
    counted(container)
    page = Page(oncall.get(ADDRESS))
    rows = [row.text for row in page.all("tr")]
    assert rows[1] == "Settled 1 €30.93"
    assert rows[-1] == "Orders taken 1 €30.93"
    assert page.one("a", href=f"/console?incident={INCIDENT}&headline=settled").text == "Settled"


def test_what_is_different_is_named_order_by_order(oncall: FlaskClient, container: Container, settled: Order) -> None:
    follow_mode(container)
    count_balance(container, INCIDENT)
    page = Page(oncall.get(ADDRESS))
    assert f"{settled.ref} Stripe A different amount was captured there 30.93 EUR here, 0.00 EUR there" in page.text
    assert f"{settled.ref} The shop Missing there" in page.text
    assert "The incident cannot be closed yet:" in page.text


def test_an_incident_that_balances_is_closed_by_whoever_is_on_call(
    oncall: FlaskClient, container: Container, settled: Order
) -> None:
    counted(container)
    assert "Every order has ended" in Page(oncall.get(ADDRESS)).text
    page = press(oncall, Page(oncall.get(ADDRESS)), "/closure")
    assert page.title == f"Incident {INCIDENT} closed"
    assert "Closed 21 Nov 2026, 10:00 UTC, Ida" in page.text
    assert not page.all("form", action=f"{ADDRESS}/closure")


def test_one_that_does_not_balance_is_not_closed_and_says_what_is_missing(
    oncall: FlaskClient, container: Container, ledger: FakeLedger, settled: Order
) -> None:
    ledger.keep(an_order(holds=(a_hold(HoldCode.MISMATCH),), received_at=NOW - timedelta(minutes=40)))
    counted(container)
    refused = Page(forge(oncall, f"{ADDRESS}/closure"))
    assert refused.status == 409
    assert "Orders on hold without a named owner: 1." in refused.one("div", role="alert").text
    assert container.incidents.load(INCIDENT).closed is None


def test_an_agent_neither_counts_nor_closes(ann: FlaskClient, container: Container, settled: Order) -> None:
    assert forge(ann, f"{ADDRESS}/balance").status_code == 403
    assert forge(ann, f"{ADDRESS}/closure").status_code == 403
    counted(container)
    assert "An on-call engineer or a lead can close it." in Page(ann.get(ADDRESS)).text


# --- the report


def test_the_report_has_figures_and_pictures(oncall: FlaskClient, container: Container, settled: Order) -> None:
    assert "Not counted yet." in Page(oncall.get(f"{ADDRESS}/report")).text
    counted(container)
    page = Page(oncall.get(f"{ADDRESS}/report"))
    assert [name.text for name in page.all("dd")][:3] == ["1", "€30.93", "€30.93"]
    became, word = page.all("svg")
    assert "Settled: 1" in became.text
    assert "0:01:00" in word.text
    assert [element for element in page.elements if "style" in element.attributes or element.tag == "style"] == []


def test_the_report_is_saved_as_markdown_and_csv(oncall: FlaskClient, container: Container, settled: Order) -> None:
    assert oncall.get(f"{ADDRESS}/report.csv").status_code == 404
    counted(container)
    markdown = oncall.get(f"{ADDRESS}/report.md")
    assert markdown.mimetype == "text/markdown"
    assert "| settled | 1 | 30.93 EUR |" in markdown.text
    rows = list(csv.DictReader(StringIO(oncall.get(f"{ADDRESS}/report.csv").text)))
    assert [(row["what"], row["orders"], row["amount"]) for row in rows][:2] == [
        ("captured", "1", "3093"), ("settled", "1", "3093")
    ]  # fmt: skip


# --- the halt


def test_a_halt_is_shown_and_lifted_with_a_reason(oncall: FlaskClient, container: Container, settled: Order) -> None:
    container.halts.halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
    assert "The shop has lost 3 orders that it had" in Page(oncall.get("/console/oncall")).one("section", id="now").text
    page = Page(oncall.get("/console/incidents"))
    assert "The shop has lost 3 orders that it had" in page.text
    assert page.one("a", href="/console?hold=primary_regressed")
    again = press(oncall, page, "/halt/lifting", reason=" ")
    assert (again.status, [*again.errors]) == (400, ["reason"])
    again = press(oncall, page, "/halt/lifting", reason="4242 4242 4242 4242")
    assert again.errors == {"reason": "That looks like a card number. Please leave it out."}
    lifted = press(oncall, again, "/halt/lifting", reason="all are back")
    assert "Hand-over to the shop is halted" not in lifted.text
    assert "Hand-over to the shop resumed" in Page(oncall.get(ADDRESS)).text


def test_an_outdated_page_does_not_lift_a_newer_halt(oncall: FlaskClient, container: Container) -> None:
    container.halts.halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
    outdated = Page(oncall.get("/console/incidents"))
    container.halts.lift()
    newer = Halt(NOW + timedelta(minutes=5), "fallback", "The shop has lost 9 orders that it had before.")
    container.halts.halt(newer)
    page = press(oncall, outdated, "/halt/lifting", reason="all three are back")
    assert (page.status, [*page.errors], page.fields["reason"]) == (409, ["reason"], "all three are back")
    assert "The shop has lost 9 orders" in page.text
    assert container.halts.read() == newer
    press(oncall, page, "/halt/lifting")
    assert container.halts.read() is None


def test_a_halt_that_somebody_else_lifted_needs_nobody(oncall: FlaskClient, container: Container) -> None:
    container.halts.halt(Halt(NOW, "fallback", "The shop has lost 3 orders that it had before."))
    outdated = Page(oncall.get("/console/incidents"))
    container.halts.lift()
    assert send(oncall, outdated, "/halt/lifting", reason="all are back").status_code == 303


def test_the_last_audit_is_told(ann: FlaskClient, container: Container) -> None:
    container.books.keep_audit(Audit(NOW, NOW, 8, ("FB-1",), 1, standing=("FB-2", "FB-3")))
    told = Page(ann.get("/console/incidents")).text
    assert "Orders that the shop should have: 8. Missing of these: 1." in told
    assert "Open there but ended here: 2." in told
    container.books.keep_audit(Audit(NOW, NOW, why_not="no connection"))
    text = Page(ann.get("/console/incidents")).text
    assert "the shop did not list its orders. The next audit is within the hour." in text


def test_standby_has_a_sheet_and_a_report_and_is_neither_told_about_nor_closed(
    oncall: FlaskClient, container: Container, ledger: FakeLedger, settled: Order
) -> None:
    ledger.keep(an_order(received_at=NOW - timedelta(minutes=20)))
    listed = Page(oncall.get("/console/incidents"))
    address = listed.one("a", href="/console/incidents/standby").attributes["href"] or ""
    page = press(oncall, Page(oncall.get(address)), "/balance")
    assert "Counting." in page.text
    Bookkeeping(container).once()
    page = Page(oncall.get(address))
    assert page.title == "Standby ongoing"
    assert [row.text for row in page.all("tr")][-1] == "Orders taken 1 €30.93"
    assert [
        form.attributes["action"] for form in page.all("form") if "incidents" in (form.attributes["action"] or "")
    ] == [f"{address}/balance"]
    assert Page(oncall.get(f"{address}/report")).title == "Report: Standby"
    assert oncall.get(f"{address}/report.md").text.startswith("# Standby\n\nOrders of the last")
    assert oncall.get(f"{address}/report.csv").text.splitlines()[1].startswith("standby,")
    assert forge(oncall, f"{address}/notes", {"note": "x"}).status_code == 404
    assert forge(oncall, f"{address}/closure").status_code == 404
