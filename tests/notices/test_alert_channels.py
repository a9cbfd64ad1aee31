"""Alerts reach real receivers on loopback: a signed CloudEvent that another library checks, and apprise's own form."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from apprise import Apprise
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook, WebhookVerificationError

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import Alert, AlertState, notification
from fallback.domain.order.links import Links
from fallback.notices.alert_channels import AppriseChannel, WebhookChannel
from tests.builders import NOW
from tests.notices.receiver import Receiver, listening

SECRET = "b7Qz0w4Jr8Kc2Xv6Tn1Lm5Hd9Gf3Ys7P"
LINKS = Links(["a-secret-of-the-tests-of-alerts-0123456789"], "https://pay.example", "https://desk.example")
PAGE = "https://desk.example/console/runbooks/redis-lost-or-full"
LOST = notification(Alert.DURABILITY_LOST, AlertState.BEGUN, "No orders are accepted. Redis is full.", NOW)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as receiver:
        yield receiver


def a_webhook(receiver: Receiver, host: str = "127.0.0.1") -> WebhookChannel:
    return WebhookChannel(f"http://{host}:{receiver.port}/alerts", (SECRET,), "https://checkout.example.org")


def test_a_webhook_is_a_cloud_event(receiver: Receiver) -> None:
    a_webhook(receiver).tell(LOST)
    [got] = receiver.got
    event = from_http_event(HTTPMessage(got.headers, got.body), JSONFormat())
    assert event.get_id() == LOST.id
    assert event.get_source() == "https://checkout.example.org"
    assert event.get_type() == "fallback.alert.begun"
    assert event.get_subject() == "durability_lost"
    assert event.get_data() == {"text": LOST.text, "runbook": "redis-lost-or-full", "urgent": True}


def test_a_webhook_is_signed_and_a_changed_one_is_not_believed(receiver: Receiver) -> None:
    a_webhook(receiver).tell(LOST)
    [got] = receiver.got
    Webhook(SECRET.encode()).verify(got.body, got.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET.encode()).verify(got.body.replace(b"full", b"fine"), got.headers)


def test_each_try_has_the_same_id(receiver: Receiver) -> None:
    receiver.status = 500
    for _ in range(2):
        with pytest.raises(TryAgain):
            a_webhook(receiver).tell(LOST)
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1


def test_a_webhook_that_is_gone_is_not_retried_and_redirects_are_not_followed(receiver: Receiver) -> None:
    receiver.status = 410
    with pytest.raises(Refused):
        a_webhook(receiver).tell(LOST)
    receiver.status = 302
    with pytest.raises(TryAgain):
        a_webhook(receiver).tell(LOST)
    assert len(receiver.got) == 2


@pytest.mark.parametrize("host", ["10.0.0.1", "169.254.169.254", "192.168.1.1", "[fd00::1]", "0.0.0.0"])
def test_nothing_in_a_private_network_is_called(receiver: Receiver, host: str) -> None:
    with pytest.raises(Refused) as error:
        a_webhook(receiver, host).tell(LOST)
    assert error.value.code == "private_address"


def test_a_name_that_leads_to_this_machine_is_refused_too(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = [(2, 1, 6, "", ("127.0.0.1", receiver.port))]
    monkeypatch.setattr("requests_hardened.ip_filter.socket.getaddrinfo", lambda *_, **__: answer)
    with pytest.raises(Refused):
        a_webhook(receiver, "alerts.example.org").tell(LOST)
    assert receiver.got == []


def test_apprise_is_told_what_is_the_matter_and_which_page_says_what_to_do(receiver: Receiver) -> None:
    AppriseChannel(f"json://127.0.0.1:{receiver.port}/chat", LINKS).tell(LOST)
    told = json.loads(receiver.got[0].body)
    assert told["title"] == "[begun] durability lost"
    assert told["message"] == f"{LOST.text}\nWhat to do: {PAGE} (ops/runbooks/redis-lost-or-full.md)"
    assert told["type"] == "failure"


def test_a_chat_that_fails_is_tried_again_and_a_url_that_nobody_knows_is_refused(receiver: Receiver) -> None:
    receiver.status = 500
    with pytest.raises(TryAgain):
        AppriseChannel(f"json://127.0.0.1:{receiver.port}/chat", LINKS).tell(LOST)
    assert Apprise().add("nonsense://") is False
    with pytest.raises(Refused):
        AppriseChannel("nonsense://", LINKS).tell(LOST)


def test_the_name_of_an_address_does_not_show_its_password() -> None:
    channel = AppriseChannel("json://on:call-password@127.0.0.1/chat", LINKS)
    assert "password" not in channel.name
    assert channel.name == AppriseChannel("json://on:call-password@127.0.0.1/chat", LINKS).name
