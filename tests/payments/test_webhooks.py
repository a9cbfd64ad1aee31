from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.errors import Invalid
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.payment.news import PaymentNews
from fallback.payments import webhooks
from fallback.payments.webhooks import BadSignature, StripeEvent, receive, sign
from ops.demo.stripe_sandbox.webhooks import signature
from tests.payments.stripe_replies import a_stripe_intent

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "whsec_current"
SECOND = timedelta(seconds=1)
TOLERANCE = timedelta(minutes=5)


def an_event(thing: dict[str, Any] | None = None) -> bytes:
    event = {
        "id": "evt_1",
        "object": "event",
        "type": "payment_intent.amount_capturable_updated",
        "created": int(NOW.timestamp()),
        "data": {"object": a_stripe_intent() if thing is None else thing},
    }
    return json.dumps(event).encode()


def signed(body: bytes, at: datetime = NOW, secret: str = SECRET) -> str:
    stamp = int(at.timestamp())
    return f"t={stamp},v1={sign(body, stamp, secret)}"


def test_an_event_tells_what_it_is_about() -> None:
    body = an_event()

    assert receive(body, signed(body), [SECRET], NOW) == StripeEvent(
        "evt_1", PaymentNews.AUTHORIZED, "pi_1", "FB-7K3M-92QX-5"
    )


@pytest.mark.parametrize(
    ("thing", "intent_id", "ref"),
    [
        ({"object": "charge", "id": "ch_1", "payment_intent": "pi_2", "metadata": {"ref": "FB-1"}}, "pi_2", "FB-1"),
        ({"object": "dispute", "id": "du_1", "payment_intent": "pi_2", "metadata": {}}, "pi_2", None),
        ({"object": "balance", "available": []}, None, None),
        ({"object": "customer", "id": "cus_1", "metadata": None}, None, None),
        ({"object": "payment_intent", "id": "pi_3", "metadata": {"shop": "another"}}, "pi_3", None),
    ],
)
def test_events_of_other_things_name_their_payment_if_they_have_one(
    thing: dict[str, Any], intent_id: str | None, ref: str | None
) -> None:
    body = an_event(thing)

    event = receive(body, signed(body), [SECRET], NOW)

    assert (event.intent_id, event.ref) == (intent_id, ref)


DISPUTE = {"object": "dispute", "id": "du_1", "payment_intent": "pi_1", "amount": 3093, "currency": "eur"}
REVIEW = {"object": "review", "id": "prv_1", "payment_intent": "pi_1", "reason": "rule", "open": True}
WARNING = {"object": "radar.early_fraud_warning", "id": "issfr_1", "payment_intent": "pi_1", "fraud_type": "misc"}
K, S = ConcernKind, ConcernState


@pytest.mark.parametrize(
    ("type_", "thing", "kind", "state", "amount", "reason"),
    [
        *(
            (
                "charge.dispute.created",
                DISPUTE | {"status": status, "reason": "fraudulent"},
                K.DISPUTE,
                state,
                3093,
                "fraudulent",
            )
            for status, state in {
                "needs_response": S.OPEN,
                "under_review": S.OPEN,
                "warning_needs_response": S.OPEN,
                "a status of tomorrow": S.OPEN,
                "warning_closed": S.CLEARED,
                "prevented": S.CLEARED,
                "won": S.CLEARED,
                "lost": S.UPHELD,
            }.items()
        ),
        ("review.opened", REVIEW, K.REVIEW, S.OPEN, 0, "rule"),
        (
            "review.opened",
            {"id": None, "object": "review", "payment_intent": "pi_1", "open": True},
            K.REVIEW,
            S.OPEN,
            0,
            "",
        ),
        ("review.closed", REVIEW | {"open": False, "closed_reason": "approved"}, K.REVIEW, S.CLEARED, 0, "approved"),
        ("review.closed", REVIEW | {"open": False, "closed_reason": "refunded"}, K.REVIEW, S.UPHELD, 0, "refunded"),
        ("radar.early_fraud_warning.created", WARNING | {"actionable": True}, K.FRAUD_WARNING, S.OPEN, 0, "misc"),
        ("radar.early_fraud_warning.updated", WARNING | {"actionable": False}, K.FRAUD_WARNING, S.CLEARED, 0, "misc"),
    ],
)
def test_what_is_said_against_a_payment_is_read(
    type_: str, thing: dict[str, Any], kind: ConcernKind, state: ConcernState, amount: int, reason: str
) -> None:
    body = json.dumps(json.loads(an_event(thing)) | {"type": type_}).encode()
    event = receive(body, signed(body), [SECRET], NOW)
    assert event.intent_id == "pi_1"
    assert event.concern == Concern(thing["id"] or "", kind, state, NOW, amount, reason)


def test_an_event_of_a_connected_account_is_none_of_ours() -> None:
    body = json.dumps(json.loads(an_event()) | {"account": "acct_another"}).encode()
    assert receive(body, signed(body), [SECRET], NOW) == StripeEvent("evt_1", None)


def test_stripes_library_and_the_sandbox_sign_as_we_check() -> None:
    body, stamp = an_event(), int(NOW.timestamp())

    for header in (
        stripe.WebhookSignature.generate_signature_header(body.decode(), SECRET, stamp),
        signature(body.decode(), SECRET, stamp),
    ):
        assert receive(body, header, [SECRET], NOW).id == "evt_1"


@pytest.mark.parametrize("off", [-TOLERANCE, timedelta(), TOLERANCE])
def test_a_signature_within_the_tolerance_counts(off: timedelta) -> None:
    body = an_event()

    assert receive(body, signed(body, NOW + off), [SECRET], NOW).id == "evt_1"


@pytest.mark.parametrize("off", [-TOLERANCE - SECOND, TOLERANCE + SECOND, timedelta(days=365)])
def test_a_signature_from_long_ago_or_from_the_future_does_not(off: timedelta) -> None:
    body = an_event()

    with pytest.raises(BadSignature):
        receive(body, signed(body, NOW + off), [SECRET], NOW)


def test_while_the_secret_is_rotated_both_count_on_either_side() -> None:
    body = an_event()
    by_old_and_new = f"{signed(body, secret='whsec_old')},{signed(body).split(',')[1]}"

    assert receive(body, signed(body, secret="whsec_old"), [SECRET, "whsec_old"], NOW).id == "evt_1"
    assert receive(body, by_old_and_new, [SECRET], NOW).id == "evt_1"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "t=1",
        "v1=abc",
        "t=now,v1=abc",
        f"t={'9' * 5000},v1=abc",
        "t=١٢٣,v1=abc",
        signed(b"another body"),
        signed(an_event(), secret="whsec_of_another_shop"),
        signed(an_event()).replace("v1=", "v0="),
        signed(an_event()).replace("t=", "t=1,t="),
    ],
)
def test_any_other_signature_is_refused(header: str | None) -> None:
    with pytest.raises(BadSignature):
        receive(an_event(), header, [SECRET], NOW)


def test_a_changed_body_is_not_what_was_signed() -> None:
    body = an_event()

    with pytest.raises(BadSignature):
        receive(body.replace(b"pi_1", b"pi_2"), signed(body), [SECRET], NOW)


@given(st.binary(max_size=200), st.text(max_size=200))
def test_garbage_is_refused_and_never_fails_otherwise(body: bytes, header: str) -> None:
    with pytest.raises(BadSignature):
        receive(body, header, [SECRET], NOW)


@pytest.mark.parametrize("body", [b"", b"null", b"[]", b'{"id": "evt_1"}', b"\xff\xfe", b'{"id": "\xff"}'])
def test_a_signed_body_that_is_no_event_is_invalid(body: bytes) -> None:
    with pytest.raises(Invalid) as failure:
        receive(body, signed(body), [SECRET], NOW)

    assert failure.value.field == "body"


def test_a_body_is_signed_once_for_each_secret_however_many_signatures_come(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_with: list[str] = []

    def counted(body: bytes, stamp: int, secret: str) -> str:
        signed_with.append(secret)
        return sign(body, stamp, secret)

    monkeypatch.setattr(webhooks, "sign", counted)
    with pytest.raises(BadSignature):
        receive(b"{}", f"t={int(NOW.timestamp())}" + ",v1=forged" * 1_000, [SECRET, "whsec_old"], NOW)
    assert signed_with == [SECRET, "whsec_old"]


def test_the_web_does_not_load_stripes_library_for_a_signature() -> None:
    check = "import sys, fallback.payments.webhooks; sys.exit('stripe' in sys.modules or 'requests' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (None, "The signature header is missing or malformed."),
        (signed(b"another body"), "The signature does not match any of our secrets."),
        (f"t={NOW.timestamp():.0f},v1=0=0", "The signature does not match any of our secrets."),
        (signed(an_event(), NOW - timedelta(days=1)), "The timestamp of the signature is too old, or in the future."),
    ],
)
def test_who_looks_into_stripes_dashboard_reads_why(header: str | None, words: str) -> None:
    with pytest.raises(BadSignature) as refused:
        receive(an_event(), header, [SECRET], NOW)
    assert (refused.value.field, refused.value.code, str(refused.value)) == ("Stripe-Signature", "bad_signature", words)


def test_a_body_that_is_no_event_is_malformed() -> None:
    with pytest.raises(Invalid) as refused:
        receive(b"{}", signed(b"{}"), [SECRET], NOW)
    assert (refused.value.field, refused.value.code) == ("body", "malformed")
