"""The channels of alerts: chat, mail and paging by apprise, and webhooks with signed CloudEvents."""

from __future__ import annotations

from collections.abc import Sequence

from apprise import Apprise, NotifyType
from cloudevents.core.v1.event import CloudEvent

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import AlertState, Notification
from fallback.domain.order.links import Links
from fallback.notices.names import name_of
from fallback.notices.signed_webhook import SignedWebhook


def is_known(url: str) -> bool:
    return bool(Apprise().add(url))


class AppriseChannel:
    """Implements oncall.alerts.AlertChannel.

    `url` as apprise reads it: mailto://, slack://, pagerduty:// and a hundred others. `links`: to the console's pages.
    """

    def __init__(self, url: str, links: Links) -> None:
        self.name = name_of(url)
        self._links = links
        self._apprise = Apprise()
        self._known = self._apprise.add(url)

    def tell(self, notification: Notification) -> None:
        if not self._known:
            raise Refused("alert_url_unknown")
        title = f"[{notification.state}] {notification.alert.replace('_', ' ')}"
        # The console's page asks for a sign-in, which Redis is needed for: the file is named too.
        page = self._links.runbook(notification.runbook)
        body = f"{notification.text}\nWhat to do: {page} (ops/runbooks/{notification.runbook}.md)"
        if not self._apprise.notify(body, title, _kind(notification)):
            raise TryAgain("an alert channel did not accept the alert")


def _kind(notification: Notification) -> NotifyType:
    if notification.state is AlertState.OVER:
        return NotifyType.SUCCESS
    return NotifyType.FAILURE if notification.urgent else NotifyType.WARNING


class WebhookChannel:
    """Implements oncall.alerts.AlertChannel: CloudEvents 1.0 in structured mode, signed as standardwebhooks.com has it.

    `secrets`: shared with the receiver. `source`: our public URL.
    """

    def __init__(self, url: str, secrets: Sequence[str], source: str) -> None:
        self.name = name_of(url)
        self._webhook = SignedWebhook(url, secrets)
        self._source = source

    def tell(self, notification: Notification) -> None:
        self._webhook.send(self._event(notification))

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
