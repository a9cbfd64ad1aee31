"""POST /webhooks/bounces: with its token, in one exact form."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, Queue
from fallback.web.app import create_app
from tests.builders import an_order
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem
from tests.web.world import BOUNCE_TOKEN, NOW, SEARCH_TOKEN, a_config

SENT = Notice(id="1", kind=NoticeKind.ANSWER, due_at=NOW, state=NoticeState.SENT)


@pytest.fixture
def order(ledger: FakeLedger) -> Order:
    return ledger.keep(an_order(notices=(SENT,)))


def tell(client: FlaskClient, body: object, token: str = BOUNCE_TOKEN) -> TestResponse:
    return client.post("/webhooks/bounces", json=body, headers={"Authorization": f"Bearer {token}"})


def about(container: Container, order: Order, **changes: Any) -> dict[str, Any]:
    id = container.links.mails.of(order.ref, "1")
    return {"message_id": f"<{id}@pay.example>", "kind": "hard", "status": "5.1.1"} | changes


def test_a_hard_bounce_is_a_hold_and_rings_the_shift_that_finds_its_owner(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order
) -> None:
    for _ in range(2):
        assert tell(client, about(container, order)).status_code == 204
    assert [hold.code for hold in ledger.load(order.ref).holds] == [HoldCode.MAIL_REFUSED]
    assert [event.what for event in ledger.timeline(order.ref)] == ["notice_returned", "on_hold"]
    assert Queue.NOTICE in container.bells.rung


def test_a_soft_bounce_is_only_noted(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order
) -> None:
    assert tell(client, about(container, order, kind="soft", status=None)).status_code == 204
    assert [event.what for event in ledger.timeline(order.ref)] == ["notice_delayed"]
    assert ledger.load(order.ref).holds == ()


@pytest.mark.parametrize("message_id", ["<4111111111111111@mail.example>", "<FB-7K3M-92QX-N.1.abc@pay.example>", "x"])
def test_a_report_about_other_mail_of_the_shop_is_taken_and_changes_nothing(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order, message_id: str
) -> None:
    assert tell(client, about(container, order, message_id=message_id)).status_code == 204
    assert ledger.load(order.ref) == order


@pytest.mark.parametrize("token", ["", SEARCH_TOKEN, BOUNCE_TOKEN[:-1]])
def test_nobody_without_the_token_is_heard(
    client: FlaskClient, container: Container, ledger: FakeLedger, order: Order, token: str
) -> None:
    assert is_problem(tell(client, about(container, order), token), 401, "token_needed")
    assert ledger.load(order.ref) == order


def test_without_the_setting_nobody_has_the_token() -> None:
    client = create_app(Container(a_config(fallback_bounce_token=""))).test_client()
    assert tell(client, {}, "").status_code == 401


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "complaint"}, "kind"),
        ({"status": "550 no such user"}, "status"),
        ({"status": "5.1.1\n"}, "status"),
        ({"message_id": ""}, "message_id"),
        ({"email": "iris@example.org"}, "email"),
    ],
)
def test_another_form_is_refused_and_names_the_field(
    client: FlaskClient, container: Container, order: Order, changes: dict[str, Any], field: str
) -> None:
    answer = tell(client, about(container, order, **changes))
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field
