"""Every list, report and export of the console says how many orders it could not read, so that none looks complete."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from redis.connection import AbstractConnection
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Event, Order, Payment, PaymentState, PlacementState
from fallback.domain.support.accounts import Role
from fallback.ledger.order.views import OrderFilter
from fallback.ledger.redis import keys
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.count_running_totals import count_running_totals
from fallback.web.app import create_app
from tests.builders import a_payment
from tests.fakes.gateway import FakeGateway
from tests.fakes.primary import FakePrimary
from tests.ledger.order.damaging import damage
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import NOW

ONE = "1 order could not be read and is missing here. 'fallback ledger verify' names it. Runbook: orders-damaged"
TWO = "2 orders could not be read and are missing here. 'fallback ledger verify' names them. Runbook: orders-damaged"
MAYBE = "The order that you look for may be missing for this reason."
OUR_MISTAKE = new_hold(HoldCode.MISMATCH, "desk", NOW)
PAID = Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_1", authorized=3093)
OTHER_KEY = "a-key-that-was-removed-too-early-0123"


@pytest.fixture
def container(redis_server: RedisServer) -> Iterator[Container]:
    built = a_container(redis_server.url)
    built.gateway, built.primary = FakeGateway(built.clock), FakePrimary(clock=built.clock)
    yield built
    built.redis.close()


@pytest.fixture
def app(container: Container) -> Flask:
    return create_app(container)


@pytest.fixture
def lead(colleague: Callable[[str, Role], FlaskClient]) -> FlaskClient:
    return colleague("Mara", Role.ADMIN)


@pytest.fixture
def lost(container: Container) -> Order:
    """Of two orders that are on Mara's desk in every way, the one that cannot be read."""
    return damaged_beside_another(container)


def damaged_beside_another(container: Container) -> Order:
    _, spoiled = (_on_everybodys_desk(container) for _ in range(2))
    damage(container, spoiled)
    return spoiled


def _on_everybodys_desk(container: Container) -> Order:
    order = accepted(container.ledger, a_new_order(payment=PAID))
    wanted = {"owner": "Mara", "callback": Callback(1, NOW), "holds": (OUR_MISTAKE,)}
    return container.ledger.commit(order, replace(order, **wanted), [])


def said(page: Page) -> list[str]:
    return [element.text for element in page.all("p", id="unread")]


def opened(browser: FlaskClient, address: str) -> Page:
    return Page(browser.get(address))


def table(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.text)))


# --- lists


LISTS = (
    *("/console", "/console?hold=mismatch", "/console?owner=Mara", "/console?headline=on_hold", "/console?promised=1"),
    *("/console/mine", "/console/callbacks", "/console/report?since=2026-11-21&until=2026-11-21"),
)


@pytest.mark.parametrize("address", LISTS)
def test_a_list_says_how_many_orders_it_could_not_read(lead: FlaskClient, lost: Order, address: str) -> None:
    page = opened(lead, address)
    assert said(page) == [ONE]
    assert [link["href"] for link in page.all("a") if link.text == "orders-damaged"] == [
        "/console/runbooks/orders-damaged"
    ]


@pytest.mark.parametrize("address", LISTS)
def test_a_list_of_orders_that_can_be_read_says_nothing(lead: FlaskClient, container: Container, address: str) -> None:
    _on_everybodys_desk(container)
    assert said(opened(lead, address)) == []


@pytest.mark.parametrize("newer", [0, 1])
def test_one_that_came_after_the_last_old_one_may_be_as_old(
    lead: FlaskClient, container: Container, newer: int
) -> None:
    """Nobody knows when it came, only between which others."""
    for hours in (3, 2, *[0] * newer):
        order = accepted(container.ledger, a_new_order(received_at=NOW - timedelta(hours=hours)))
        if hours == 2:
            damage(container, order)
    assert said(opened(lead, "/console?older=1")) == [ONE]
    assert said(opened(lead, "/console?older=4")) == []


@pytest.mark.parametrize("address", ["/console", "/console/mine"])
def test_an_order_that_belongs_into_several_parts_of_a_page_counts_once(
    lead: FlaskClient, container: Container, lost: Order, address: str
) -> None:
    damaged_beside_another(container)
    assert said(opened(lead, address)) == [TWO]


@pytest.mark.parametrize(
    ("address", "otherwise"),
    [
        ("/console", "No orders here."),
        ("/console/mine", "No orders are assigned to you."),
        ("/console/callbacks", "No callbacks scheduled."),
    ],
)
def test_where_none_could_be_read_nobody_is_told_that_there_are_none(
    lead: FlaskClient, container: Container, address: str, otherwise: str
) -> None:
    assert otherwise in lead.get(address).text
    damage(container, _on_everybodys_desk(container))
    page = opened(lead, address)
    assert said(page) == [ONE]
    assert otherwise not in page.source


def test_a_handover_that_cannot_be_read_is_missed(lead: FlaskClient, container: Container) -> None:
    order = accepted(container.ledger)
    handed = replace(order, owner="Ann", handover=Handover(to="Mara", by="Ann", accept_by=NOW, asked=1))
    damage(container, container.ledger.commit(order, handed, []))
    assert said(opened(lead, "/console/mine")) == [ONE]


@pytest.mark.parametrize("part", ["doc", "log"])
def test_what_may_have_been_completed_with_help_is_missed(lead: FlaskClient, container: Container, part: str) -> None:
    order = accepted(container.ledger)
    helped = [Event(NOW, "payment_link_sent", "Mara"), Event(NOW, "card_given", "customer")]
    over = {
        "payment": replace(order.payment, state=PaymentState.CAPTURED),
        "placement": replace(order.placement, state=PlacementState.VERIFIED),
    }
    container.ledger.commit(order, replace(order, **over), helped)
    container.redis.hset(keys.order(order.ref), part, b"[")
    assert said(opened(lead, "/console/mine")) == [ONE]


def test_the_list_as_csv_has_a_line_without_figures_for_it(lead: FlaskClient, lost: Order) -> None:
    rows = {row["ref"]: row for row in table(lead.get("/console/orders.csv"))}
    assert len(rows) == 2
    assert {name: cell for name, cell in rows[lost.ref].items() if cell} == {"ref": lost.ref, "headline": "unread"}


# --- the search


@pytest.mark.parametrize("text", [IRIS.email, "+44 1482 300300"])
def test_who_looks_for_a_customers_only_order_does_not_hear_that_there_is_none(
    lead: FlaskClient, container: Container, text: str
) -> None:
    damage(container, accepted(container.ledger))
    page = Page(lead.get("/console", query_string={"find": text}))
    assert said(page) == [ONE]
    assert MAYBE in page.source
    assert "No orders match" not in page.source


def test_one_that_is_found_is_not_opened_as_if_it_were_the_only_one(
    lead: FlaskClient, container: Container, lost: Order
) -> None:
    page = opened(lead, f"/console?find={IRIS.email}")
    assert (page.status, said(page)) == (200, [ONE])
    assert len(page.all("a", **{"class": "ref"})) == 1


def test_a_part_of_its_number_finds_it_too(lead: FlaskClient, container: Container, lost: Order) -> None:
    page = opened(lead, f"/console?find={lost.ref[3:7]}")
    assert said(page) == [ONE]
    assert said(opened(lead, "/console?find=another-basket")) == []


@pytest.mark.parametrize("text", [IRIS.email, "+44 1482 300300"])
def test_who_an_order_is_from_is_unknown_without_its_key_so_it_may_be_anybodys(
    lead: FlaskClient, container: Container, redis_server: RedisServer, text: str
) -> None:
    """No index that our keys open has its customer."""
    accepted(a_container(redis_server.url, secret_key=(OTHER_KEY,)).ledger)
    container.looking_again.once()
    page = Page(lead.get("/console", query_string={"find": text}))
    assert said(page) == [ONE]
    assert MAYBE in page.source


def test_a_drill_that_cannot_be_read_is_no_customers(lead: FlaskClient, container: Container) -> None:
    damage(container, accepted(container.ledger, a_new_order(drill=True)))
    container.looking_again.once()
    assert said(opened(lead, f"/console?find={IRIS.email}")) == []
    assert container.views.page(OrderFilter(email=IRIS.email)).unread.refs == []


def test_one_that_is_gone_is_not_unknown(lead: FlaskClient, container: Container) -> None:
    gone = accepted(container.ledger)
    container.redis.delete(keys.order(gone.ref))
    page = opened(lead, f"/console?find={gone.ref}")
    assert said(page) == [ONE]
    assert "No orders match" not in page.source


def test_a_search_that_misses_nothing_says_that_nothing_matches(lead: FlaskClient, container: Container) -> None:
    accepted(container.ledger)
    page = opened(lead, "/console?find=john@example.org")
    assert said(page) == []
    assert "No orders match" in page.source


# --- reports and sums


def test_the_report_as_csv_counts_it(lead: FlaskClient, lost: Order) -> None:
    answer = lead.get("/console/report.csv?since=2026-11-21&until=2026-11-21")
    assert {row["orders_unread"] for row in table(answer)} == {"1"}


@pytest.mark.parametrize("page", ["", "/report"])
def test_the_balance_sheet_is_not_taken_for_complete(
    lead: FlaskClient, container: Container, lost: Order, page: str
) -> None:
    count_balance(container, NO_INCIDENT)
    assert said(opened(lead, f"/console/incidents/{NO_INCIDENT}{page}")) == [ONE]


def test_nor_are_its_files(lead: FlaskClient, container: Container, lost: Order) -> None:
    address = f"/console/incidents/{NO_INCIDENT}/report"
    count_balance(container, NO_INCIDENT)
    assert "1 order could not be read and is missing here." in lead.get(f"{address}.md").text
    assert [row["orders"] for row in table(lead.get(f"{address}.csv")) if row["what"] == "unread"] == ["1"]


def test_a_balance_sheet_of_all_says_nothing(lead: FlaskClient, container: Container) -> None:
    address = f"/console/incidents/{NO_INCIDENT}"
    accepted(container.ledger)
    count_balance(container, NO_INCIDENT)
    assert said(opened(lead, address)) == []
    assert "could not be read" not in lead.get(f"{address}/report.md").text
    assert "unread" not in lead.get(f"{address}/report.csv").text


def test_the_audit_of_the_shop_says_what_it_did_not_compare(
    lead: FlaskClient, container: Container, lost: Order
) -> None:
    audit_primary(container)
    assert said(opened(lead, "/console/incidents")) == [ONE]


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"holds": (OUR_MISTAKE,)},
    ],
)
def test_the_sums_of_the_on_call_page_are_not_taken_for_complete(
    lead: FlaskClient, container: Container, changes: dict[str, object]
) -> None:
    waiting = accepted(container.ledger, a_new_order(payment=PAID))
    damage(container, container.ledger.commit(waiting, replace(waiting, **changes), []))
    count_running_totals(container)
    assert said(opened(lead, "/console/oncall")) == [ONE]


def test_the_on_call_page_says_nothing_where_all_were_read(lead: FlaskClient, container: Container) -> None:
    accepted(container.ledger, a_new_order(payment=a_payment(PaymentState.AUTHORIZED)))
    count_running_totals(container)
    assert said(opened(lead, "/console/oncall")) == []


def test_the_dry_run_names_it(lead: FlaskClient, container: Container, lost: Order) -> None:
    container.sleep = lambda _: None
    page = press(lead, opened(lead, "/console/oncall/drain/dry-run"), "/dry-run")
    [line] = [each.text for each in page.all("li") if lost.ref in each.text]
    assert "cannot be read" in line
    assert "1 cannot be read" in page.text


# --- what it costs

AS_OFTEN = {
    "/console": 9,
    f"/console?find={IRIS.email}": 4,
    "/console/mine": 9,
    "/console/callbacks": 3,
    "/console/report?since=2026-11-21&until=2026-11-21": 10,
    "/console/oncall": 36,  # with the safety of Redis, which each process checks every few seconds
    "/console/incidents/standby": 14,
}


@pytest.mark.parametrize(("address", "most"), AS_OFTEN.items())
def test_a_page_of_orders_that_can_be_read_asks_redis_as_often_as_ever(
    lead: FlaskClient, container: Container, monkeypatch: pytest.MonkeyPatch, address: str, most: int
) -> None:
    for _ in range(2):
        _on_everybodys_desk(container)
    count_balance(container, NO_INCIDENT)
    count_running_totals(container)
    assert lead.get(address).status_code == 200
    asked = list[int]()
    send = AbstractConnection.send_packed_command

    def counted(connection: AbstractConnection, *words: Any, **options: Any) -> None:
        asked.append(1)
        send(connection, *words, **options)

    monkeypatch.setattr(AbstractConnection, "send_packed_command", counted)
    lead.get(address)
    assert len(asked) <= most


def test_an_order_that_cannot_be_read_is_not_one_to_try_again(agent: FlaskClient, container: Container) -> None:
    order = damaged_beside_another(container)
    address = f"/console/orders/{order.ref}"
    page = Page(agent.get(address))
    assert (page.status, page.title) == (503, "This order cannot be read")
    assert "Runbook: orders-damaged." in page.text
    assert "Try again" not in page.text
    assert agent.get(address, headers={"Accept": "application/json"}).json["code"] == "try_again"


@pytest.mark.parametrize("done_since", [0, 1])
def test_nor_is_it_when_a_colleague_was_first(
    agent: FlaskClient, lead: FlaskClient, container: Container, done_since: int
) -> None:
    """Who it was is told on the order's page, which cannot be shown any more."""
    order = accepted(container.ledger)
    seen = len(container.ledger.timeline(order.ref))
    address = f"/console/orders/{order.ref}"
    forge(lead, f"{address}/claim")
    container.ledger.commit(order, order, [Event(NOW, "payment_link_sent", "Mara")] * done_since)
    assert forge(agent, f"{address}/owner", {"seen": seen}).status_code == 409
    damage(container, order)
    page = Page(forge(agent, f"{address}/owner", {"seen": seen}))
    assert (page.status, page.title) == (503, "This order cannot be read")
