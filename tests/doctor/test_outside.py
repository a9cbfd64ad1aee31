"""The other side: what a check sees of Stripe, the shop, the front door and mail."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
import requests
import responses
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import Refused, TryAgain
from fallback.domain.order.announcements import Away
from fallback.domain.order.order import PaymentState
from fallback.domain.placement.primary import Duplicates, Health
from fallback.domain.storefront import Storefront
from fallback.notices.order_receivers import OrderReceiver
from fallback.notices.text_gateway import HttpTextGateway
from fallback.payments.access import Access
from tests.builders import NOW, a_payment, an_order
from tests.doctor.conftest import fails, found, settings
from tests.notices.receiver import listening

WEBHOOK = "http://localhost/webhooks/stripe"
MODE = "http://localhost/v1/mode"


@pytest.fixture(autouse=True)
def front() -> Iterator[responses.RequestsMock]:
    """The front door of a house in order."""
    with responses.RequestsMock(assert_all_requests_are_fired=False) as door:
        door.post(WEBHOOK, status=400, content_type="application/problem+json")
        door.get(MODE, json={"mode": "standby"})
        yield door


@pytest.mark.parametrize("name", ["stripe key", "stripe clock", "primary", "way in", "mail"])
def test_doctor_reports_each_healthy_external_system_as_ok(container: Container, name: str) -> None:
    assert found(container, name).ok is True


def test_a_receiver_of_order_events_is_reached_and_one_that_takes_none_is_named(
    container: Container, front: responses.RequestsMock
) -> None:
    front.add_passthru("http://127.0.0.1")
    assert found(container, "order events").ok is None
    with listening() as desk:
        receiver = OrderReceiver(f"http://127.0.0.1:{desk.port}/hook", ("a-secret",), "http://localhost")
        container.receivers = {receiver.name: receiver}
        assert found(container, "order events").seen == "1 can be reached; 0 events wait"
        away = Away(receiver.host, NOW, "a webhook address answered 401", 3, NOW)
        container.announcements.note_away(receiver.name, away)
        assert fails(container, "order events", "takes no order events since 2026-11-21 10:00 UTC: a webhook address")
        assert desk.got == []
    assert fails(container, "order events", "127.0.0.1: a webhook address does not answer")


def test_the_gateway_of_text_messages_is_reached_and_sent_nothing(
    container: Container, front: responses.RequestsMock
) -> None:
    assert found(container, "text messages").seen == "off: FALLBACK_SMS_URL is not set"
    with listening() as gateway:
        url = f"http://127.0.0.1:{gateway.port}/"
        front.add_passthru(url)
        container.text_gateway = HttpTextGateway(url, "", container.links)
        warned = found(container, "text messages")
        assert (warned.ok, warned.seen) == (True, "127.0.0.1 answers")
        assert "FALLBACK_SHOP_NAME" in warned.advice
        settings(container, storefront=Storefront(shop_name="Harbour Books"))
        assert found(container, "text messages").advice == ""
        assert gateway.got == []
    assert fails(container, "text messages", "the gateway does not answer")


def test_keys_of_two_modes_are_named(container: Container) -> None:
    settings(container, stripe_publishable_key="pk_live_1")
    assert fails(container, "stripe key", "test mode, the publishable one of live")


def test_what_a_key_may_not_do_is_named(container: Container) -> None:
    container.stripe_access = lambda: Access("test", ("write refunds",), timedelta())
    assert fails(container, "stripe key", "may not: write refunds")


def test_a_clock_beyond_which_stripes_webhooks_are_refused_is_named(container: Container) -> None:
    container.stripe_access = lambda: Access("test", (), timedelta(minutes=-6))
    assert fails(container, "stripe clock", "360 s behind ours")


def test_a_webhook_that_somebody_else_answers_is_named(container: Container, front: responses.RequestsMock) -> None:
    front.replace(responses.POST, WEBHOOK, status=404, body="nothing here")
    assert fails(container, "stripe webhook", "answers 404, not our own refusal")


def test_a_front_door_that_does_not_answer_is_named(container: Container, front: responses.RequestsMock) -> None:
    front.replace(responses.POST, WEBHOOK, body=requests.ConnectTimeout())
    assert fails(container, "stripe webhook", "does not answer (ConnectTimeout)")


def test_before_the_first_payment_nobody_knows_whether_webhooks_come(container: Container) -> None:
    assert found(container, "stripe webhook").ok is None


def test_payments_without_any_webhook_are_named(container: Container) -> None:
    paid(container)
    assert fails(container, "stripe webhook", "no webhook ever arrived")


def test_a_webhook_that_went_silent_is_named(container: Container) -> None:
    paid(container)
    container.heartbeats.came = NOW - timedelta(hours=2)
    assert fails(container, "stripe webhook", "the last webhook came 2026-11-21 08:00")


def test_a_webhook_that_came_lately_is_fine(container: Container) -> None:
    paid(container)
    container.heartbeats.came = NOW
    assert found(container, "stripe webhook").ok is True


def paid(container: Container) -> None:
    order = an_order(payment=a_payment(PaymentState.AUTHORIZED))
    container.ledger.accept(order, "key", "print")
    assert replace(order).payment.intent


def test_a_primary_that_does_not_answer_is_named(container: Container) -> None:
    container.primary.fail_next("health", TryAgain("no connection to the primary"))
    assert fails(container, "primary", "no connection")


def test_a_primary_that_refuses_no_duplicates_is_named(container: Container, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(container.primary, "health", lambda: Health(Duplicates.NONE))
    assert fails(container, "primary", "refuses no duplicates")


def test_an_address_that_leads_elsewhere_is_named(container: Container, front: responses.RequestsMock) -> None:
    front.replace(responses.GET, MODE, status=404)
    assert fails(container, "way in", "answers 404")


def test_a_proxy_that_passes_on_what_clients_say_in_its_name_is_named(
    container: Container, front: responses.RequestsMock
) -> None:
    front.remove(responses.GET, MODE)
    front.add_callback(
        responses.GET, MODE, lambda asked: (200, {"X-Fallback-Reason": asked.headers["X-Fallback-Reason"]}, "{}")
    )
    assert fails(container, "way in", "the proxy passes on a client's X-Fallback-Reason")


def test_a_proxy_without_a_token_is_named(container: Container) -> None:
    settings(container, fallback_proxy_token="")
    assert fails(container, "way in", "FALLBACK_PROXY_TOKEN is not set")


@pytest.mark.parametrize(
    ("error", "saying"),
    [(TryAgain("the mail server did not take us"), "did not take us"), (Refused("mail_is_turned_off"), "turned_off")],
)
def test_a_mail_server_that_does_not_let_us_in_is_named(container: Container, error: Exception, saying: str) -> None:
    container.mailer.fail_next("asked", error)
    assert fails(container, "mail", saying)
