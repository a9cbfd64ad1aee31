"""The desk's list as CSV."""

from __future__ import annotations

import csv
from io import StringIO

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.domain.order.order import Placement as InShop
from fallback.web.console.desk import desk
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.console.test_desk import on_hold


def table(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(answer.text)))


def test_what_the_filters_show_is_saved_as_csv(agent: FlaskClient, ledger: FakeLedger) -> None:
    ledger.keep(an_order())
    held = on_hold(ledger)
    answer = agent.get("/console/orders.csv?hold=mismatch")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == ("text/csv", "attachment; filename=orders.csv")
    [row] = table(answer)
    assert row == {
        "ref": held.ref, "headline": "on_hold", "received_at": "2026-11-21T10:00:00+00:00",
        "amount": "30.93", "currency": "EUR", "payment": "authorized", "captured": "0.00", "refunded": "0.00",
        "placement": "held", "number": "", "cart_id": held.cart_id, "holds": "mismatch", "owner": "Ana",
        "next_word_by": "2026-11-21T10:30:00+00:00",
    }  # fmt: skip


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r", "\n", "＝"])
def test_no_cell_is_a_formula(agent: FlaskClient, ledger: FakeLedger, begins: str) -> None:
    number = f'{begins}HYPERLINK("https://evil.example";"x")'
    ledger.keep(an_order(placement=InShop(number=number)))
    assert [row["number"] for row in table(agent.get("/console/orders.csv"))] == [f"'{number}"]


def test_no_person_leaves_with_it(agent: FlaskClient, ledger: FakeLedger) -> None:
    ledger.keep(an_order())
    text = agent.get("/console/orders.csv").text
    assert [word for word in ("Iris", "example.org", "Quay") if word in text] == []


def test_the_csv_export_is_limited_and_says_so(
    agent: FlaskClient, ledger: FakeLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MOST_EXPORTED", 2)
    first, *kept = [ledger.keep(an_order()).ref for _ in range(3)]
    *rows, last = table(agent.get("/console/orders.csv"))
    assert [row["ref"] for row in rows] == kept[::-1]
    assert (last["ref"], last["headline"]) == ("", "more")
    monkeypatch.setattr(desk, "MOST_EXPORTED", 3)
    assert [row["ref"] for row in table(agent.get("/console/orders.csv"))] == [*kept[::-1], first]
