"""The channels of alerts: chat, mail and paging by apprise, and webhooks with signed CloudEvents."""

from __future__ import annotations

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

import requests
from apprise import Apprise, NotifyType
from cloudevents.core.bindings.http import to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from requests_hardened import Config, Manager
from requests_hardened.ip_filter import InvalidIPAddress
from standardwebhooks import Webhook

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import AlertState, Notification

CONNECT_SECONDS, ANSWER_SECONDS = 3, 10
# The receiver wants no more deliveries (Standard Webhooks, 'Delivery').
GONE = 410
# An address on this machine is one that the operator wrote as such; a name that only leads there is refused.
THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})


def name_of(url: str) -> str:
    """Identifies an address where its URL, which may contain a password, must not appear."""
    return sha256(url.encode()).hexdigest()[:16]


class AppriseChannel:
    """Implements oncall.alerts.AlertChannel.

    `url` as apprise reads it: mailto://, slack://, pagerduty:// and a hundred others.
    """

    def __init__(self, url: str) -> None:
        self.name = name_of(url)
        self._apprise = Apprise()
        self._known = self._apprise.add(url)

    def tell(self, notification: Notification) -> None:
        if not self._known:
            raise Refused("alert_url_unknown")
        title = f"[{notification.state}] {notification.alert.replace('_', ' ')}"
        body = f"{notification.text}\nWhat to do: ops/runbooks/{notification.runbook}.md"
        if not self._apprise.notify(body, title, _kind(notification)):
            raise TryAgain("an alert channel did not accept the alert")


def _kind(notification: Notification) -> NotifyType:
    if notification.state is AlertState.OVER:
        return NotifyType.SUCCESS
    return NotifyType.FAILURE if notification.urgent else NotifyType.WARNING


class WebhookChannel:
    """Implements oncall.alerts.AlertChannel: CloudEvents 1.0 in structured mode, signed as standardwebhooks.com has it.

    `secret`: shared with the receiver. `source`: our public URL. Nothing in a private network is called.
    """

    def __init__(self, url: str, secret: str, source: str) -> None:
        self.name = name_of(url)
        self._url = url
        self._webhook = Webhook(secret.encode())
        self._source = source
        self._http = Manager(
            Config(
                ip_filter_enable=True,
                ip_filter_allow_loopback_ips=urlsplit(url).hostname in THIS_MACHINE,
                never_redirect=True,
                default_timeout=(CONNECT_SECONDS, ANSWER_SECONDS),
                user_agent_override="fallback-checkout",
            )
        )

    def tell(self, notification: Notification) -> None:
        message = to_structured(self._event(notification), JSONFormat())
        now = datetime.now(UTC)
        signed = {
            "webhook-id": notification.id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._webhook.sign(notification.id, now, message.body.decode()),
        }
        try:
            answer = self._http.send_request("POST", self._url, data=message.body, headers=message.headers | signed)
        except InvalidIPAddress as error:
            raise Refused("private_address") from error
        except requests.RequestException as error:
            raise TryAgain("a webhook address does not answer") from error
        if answer.status_code == GONE:
            raise Refused("gone")
        if answer.status_code not in range(200, 300):
            raise TryAgain(f"a webhook address answered {answer.status_code}")

    def _event(self, notification: Notification) -> CloudEvent:
        attributes = {
            "id": notification.id,
            "source": self._source,
            "type": f"fallback.alert.{notification.state}",
            "subject": str(notification.alert),
            "time": notification.at,
            "datacontenttype": "application/json",
        }
        data = {"text": notification.text, "runbook": notification.runbook, "urgent": notification.urgent}
        return CloudEvent(attributes, data)
