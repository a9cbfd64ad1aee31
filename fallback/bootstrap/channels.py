"""How others are reached, besides by mail: text messages, alerts, and whoever hears of orders."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from zoneinfo import ZoneInfo

from redis import Redis

from fallback.bootstrap import outside
from fallback.config import Config
from fallback.domain.oncall.alerts import AlertChannel
from fallback.domain.order.announcements import Announcements, Receiver
from fallback.domain.order.links import Links
from fallback.domain.order.text_messages import QuietHours
from fallback.domain.support.text_gateway import TextGateway
from fallback.ledger.order.announcements import RedisAnnouncements
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.text_limits import LimitedTexts


class Deps:
    """The part of the container for them."""

    config: Config
    crypto: Crypto
    links: Links
    redis: Redis
    zone: ZoneInfo

    @cached_property
    def text_gateway(self) -> TextGateway:
        gateway = outside.build_text_gateway(self.config, self.links, self.zone)
        return LimitedTexts(gateway, self.config.contact_ways, self.redis, self.crypto)

    @property
    def quiet_hours(self) -> QuietHours:
        return self.config.contact_ways.quiet_hours

    @cached_property
    def alert_channels(self) -> Mapping[str, AlertChannel]:
        """Where alerts go, by name."""
        return outside.build_alert_channels(self.config, self.links)

    @cached_property
    def escalation_channels(self) -> Mapping[str, AlertChannel]:
        """Where urgent alerts go besides, if nobody acknowledges them."""
        return outside.build_escalation_channels(self.config, self.links)

    @cached_property
    def announcements(self) -> Announcements:
        return RedisAnnouncements(self.redis)

    @cached_property
    def receivers(self) -> Mapping[str, Receiver]:
        """To whom orders are announced, by name."""
        return outside.build_receivers(self.config)
