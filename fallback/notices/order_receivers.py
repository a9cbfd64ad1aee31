"""The receivers of announcements: the shop's other software, over signed webhooks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec
from cloudevents.core.v1.event import CloudEvent

from fallback.domain.order.announcements import Announcement
from fallback.notices.names import name_of
from fallback.notices.order_events import order_event
from fallback.notices.signed_webhook import SignedWebhook


class OrderReceiver:
    """Implements order.announcements.Receiver. `source`: our public URL."""

    def __init__(self, url: str, secrets: Sequence[str], source: str) -> None:
        self.name = name_of(url)
        self._webhook = SignedWebhook(url, secrets)
        self.host = self._webhook.host
        self._source = source

    def tell(self, announcement: Announcement) -> None:
        event = msgspec.to_builtins(order_event(announcement, self._source), builtin_types=(datetime,))
        data = event.pop("data")
        self._webhook.send(CloudEvent(event, data))

    def reach(self) -> None:
        self._webhook.reach()
