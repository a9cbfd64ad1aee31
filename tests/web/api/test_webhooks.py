"""POST /webhooks/stripe: signed by Stripe, recorded once, answered at once."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.next_step import Step, next_step
from fallback.domain.order.order import Payment, PaymentState, Queue
from fallback.domain.order.refs import new_ref
from fallback.payments.webhooks import sign
from tests.builders import a_payment, an_order
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem
from tests.web.world import NOW

SECRET = "whsec_0123456789abcdef0123456789abcdef"


def an_event(**changes: Any) -> bytes:
    intent = {"id": "pi_1", "object": "payment_intent", "metadata": {}}
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "created": 1_790_000_000, "data": {"object": intent}}
    return msgspec.json.encode(event | changes)


def tell(client: FlaskClient, payload: bytes, secret: str = SECRET, late: int = 0) -> TestResponse:
    stamp = int(NOW.timestamp()) - late
    header = f"t={stamp},v1={sign(payload, stamp, secret)}"
    return client.post("/webhooks/stripe", data=payload, headers={"Stripe-Signature": header})


@pytest.fixture
def ref(ledger: FakeLedger) -> str:
    return ledger.keep(an_order(payment=Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_1"))).ref


def test_an_event_of_one_of_our_payments_is_looked_into(
    client: FlaskClient, ledger: FakeLedger, container: Container, ref: str
) -> None:
    assert tell(client, an_event()).status_code == 204
    assert ledger.load(ref).payment.due_at == NOW
    assert [event.what for event in ledger.timeline(ref)] == ["heard_captured"]
    assert container.bells.rung == [Queue.PAYMENT]


@pytest.mark.parametrize("created", [10**18, -(10**18), 10**300, "x", None, 1.5])
def test_when_stripe_made_it_is_not_asked(client: FlaskClient, ledger: FakeLedger, ref: str, created: object) -> None:
    assert tell(client, json.dumps({**json.loads(an_event()), "created": created}).encode()).status_code == 204
    assert len(ledger.timeline(ref)) == 1


@pytest.mark.parametrize("what", ["refund.failed", "refund.updated", "charge.refund.updated"])
def test_what_becomes_of_a_refund_is_looked_into_after_all_has_gone_back(
    client: FlaskClient, ledger: FakeLedger, what: str
) -> None:
    ref = ledger.keep(an_order(payment=a_payment(PaymentState.REFUNDED))).ref
    refund = {"id": "re_1", "object": "refund", "payment_intent": "pi_1", "status": "failed", "metadata": {}}
    assert tell(client, an_event(type=what, data={"object": refund})).status_code == 204
    assert [event.what for event in ledger.timeline(ref)] == ["heard_refund_changed"]
    assert next_step(ledger.load(ref), Queue.PAYMENT) is Step.FOLLOW


def test_an_event_that_comes_twice_is_recorded_once(client: FlaskClient, ledger: FakeLedger, ref: str) -> None:
    assert [tell(client, an_event()).status_code for _ in range(3)] == [204, 204, 204]
    assert len(ledger.timeline(ref)) == 1


def test_an_event_of_an_order_that_is_not_here_goes_to_the_inbox_and_that_of_another_system_does_not(
    client: FlaskClient, ledger: FakeLedger
) -> None:
    assert tell(client, an_event()).status_code == 204
    assert ledger.inbox == {}
    ours = {"id": "pi_1", "object": "payment_intent", "metadata": {"ref": new_ref()}}
    assert tell(client, an_event(data={"object": ours})).status_code == 204
    assert list(ledger.inbox) == ["evt_1"]


def test_a_dispute_is_heard(client: FlaskClient, ledger: FakeLedger, ref: str) -> None:
    dispute = {"id": "du_1", "object": "dispute", "payment_intent": "pi_1", "status": "needs_response"}
    event = an_event(type="charge.dispute.created", data={"object": dispute})
    assert [tell(client, event).status_code for _ in range(2)] == [204, 204]
    assert [each.what for each in ledger.timeline(ref)] == ["dispute_open", "on_hold"]


def test_an_event_that_we_do_not_follow_is_taken_and_left(client: FlaskClient, ledger: FakeLedger) -> None:
    assert tell(client, an_event(type="customer.created")).status_code == 204
    assert ledger.inbox == {}


@pytest.mark.parametrize("header", [None, "", "t=1", "v1=x", "t=1,v1=é", "nonsense"])
def test_what_is_not_signed_is_refused(client: FlaskClient, ledger: FakeLedger, header: str | None) -> None:
    headers = {"Stripe-Signature": header} if header is not None else {}
    answer = client.post("/webhooks/stripe", data=an_event(), headers=headers)
    assert is_problem(answer, 400, "bad_signature")
    assert ledger.inbox == {}


@pytest.mark.parametrize(("secret", "late"), [("whsec_of_somebody_else", 0), (SECRET, 400), (SECRET, -400)])
def test_what_is_signed_by_others_or_at_another_time_is_refused(client: FlaskClient, secret: str, late: int) -> None:
    assert is_problem(tell(client, an_event(), secret, late), 400, "bad_signature")


@pytest.mark.parametrize("payload", [b"", b"null", b"{}", b"\xff", b'{"id": 1}'])
def test_what_is_no_event_is_refused(client: FlaskClient, payload: bytes) -> None:
    assert is_problem(tell(client, payload), 400, "malformed")


def test_stripe_is_asked_to_send_it_again_while_it_cannot_be_recorded(
    client: FlaskClient, ledger: FakeLedger, ref: str
) -> None:
    ledger.fail_next("commit", TryAgain("away"))
    assert is_problem(tell(client, an_event()), 503, "try_again")
    assert tell(client, an_event()).status_code == 204


@pytest.mark.parametrize("late", [301, -301])
def test_one_that_is_refused_for_its_time_alone_is_told_to_on_call(
    client: FlaskClient, container: Container, late: int
) -> None:
    """Ours or Stripe's clock is wrong then, and no webhook gets through."""
    assert tell(client, an_event(), late=late).status_code == 400
    assert container.heartbeats.stale_webhook() == late
    assert tell(client, an_event(), secret="another", late=5_000).status_code == 400
    assert container.heartbeats.stale_webhook() == late
