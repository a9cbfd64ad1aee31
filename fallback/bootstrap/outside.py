"""Builds the adapters to the outside: Redis, the payment provider, the primary, the mail server, alert channels.

Their libraries are imported when the first of them is built.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from fallback.config import Config
from fallback.domain.clock import Clock
from fallback.domain.oncall.alerts import AlertChannel
from fallback.domain.order.announcements import Receiver
from fallback.domain.order.links import Links
from fallback.domain.outage.ports import Prober
from fallback.domain.payment.gateway import PaymentGateway
from fallback.domain.placement.primary import Primary
from fallback.domain.support.mailer import Mailer
from fallback.domain.support.text_gateway import TextGateway
from fallback.ledger.redis.owner import Owner
from fallback.notices.names import name_of
from fallback.primaries import KINDS
from fallback.runtime.redis_connection import be_impatient, connect

if TYPE_CHECKING:
    from fallback.payments.access import Access


def build_redis(config: Config, claims: bool = False, timeout: float = 3) -> redis.Redis:
    """`claims`: a ledger that is nobody's becomes that of this shop.

    Every write carries a token that makes it safe to send twice, so after a lost connection it is sent once more.

    After a timeout it is not sent again: the customer is told within seconds to try again.
    """
    again = Retry(NoBackoff(), 1, (redis.ConnectionError,))
    owner = Owner(config.fallback_shop, claims)
    options = {"socket_timeout": timeout, "socket_connect_timeout": 1, "retry": again}
    client = connect(config.redis_url, redis_connect_func=owner, **options)
    if config.journal.directory:
        be_impatient(client)
    return client


def build_gateway(config: Config) -> PaymentGateway:
    from fallback.payments.stripe_gateway import StripeGateway

    return StripeGateway(config.stripe_secret_key, config.stripe_api_base)


def look_at_access(config: Config, now: datetime) -> Access:
    """The permissions of the key. Raises TryAgain."""
    from fallback.payments.access import look_at_access

    return look_at_access(config.stripe_secret_key, config.stripe_api_base, now)


def look_at_domain(config: Config, domain: str) -> tuple[str, ...] | None:
    """The wallets that Stripe does not offer there; None: the domain is not registered. Raises TryAgain."""
    from fallback.payments.access import look_at_domain

    return look_at_domain(config.stripe_secret_key, config.stripe_api_base, domain)


def build_primary(config: Config) -> Primary:
    from fallback.primaries.calls import Calls

    return KINDS[config.primary_kind].build(config.primary, Calls())


def build_prober(config: Config, clock: Clock) -> Prober:
    """It calls the shop by lines of its own, and no breaker keeps it away: each look is a look."""
    from fallback.primaries.calls import Calls
    from fallback.primaries.prober import HttpProber

    calls = Calls(config.fallback_probe_patience, failures=sys.maxsize)
    return HttpProber(
        KINDS[config.primary_kind].build(config.primary, calls).health,
        page=config.fallback_probe_page or f"{config.primary_url.rstrip('/')}/",
        elsewhere=config.stripe_api_base,
        patience=config.fallback_probe_patience,
        clock=clock,
    )


def build_mailer(config: Config, links: Links, zone: ZoneInfo) -> Mailer:
    from fallback.notices.mailer import SmtpMailer

    return SmtpMailer(
        config.smtp_url,
        config.fallback_mail_from,
        links,
        zone,
        config.fallback_language,
        config.storefront,
        config.contact_ways.bounce_address,
    )


def build_text_gateway(config: Config, links: Links, zone: ZoneInfo) -> TextGateway:
    from fallback.notices.text_gateway import HttpTextGateway

    ways = config.contact_ways
    return HttpTextGateway(ways.sms_url, ways.sms_token, links, config.storefront.shop_name, zone)


def build_alert_channels(config: Config, links: Links) -> Mapping[str, AlertChannel]:
    from fallback.notices.alert_channels import AppriseChannel, WebhookChannel

    secrets, source = config.fallback_webhook_secret, config.public_url
    alert_channels: list[AlertChannel] = [AppriseChannel(url, links) for url in config.alert_urls]
    alert_channels += [WebhookChannel(url, secrets, source) for url in config.fallback_webhook_urls]
    return {channel.name: channel for channel in alert_channels}


def unusable_alert_urls(config: Config) -> list[str]:
    """A line for each setting with a URL that no alert can go to. Not asked at each start: it takes a large library."""
    from fallback.notices.alert_channels import is_known

    urls = {"ALERT_URLS": config.alert_urls, "FALLBACK_ESCALATION_URLS": config.fallback_escalation_urls}
    advice = "see https://appriseit.com/services"
    return [
        f"{name} has one that apprise does not know: {advice}."
        for name, all_ in urls.items()
        if not all(map(is_known, all_))
    ]


def receiver_names(config: Config) -> list[str]:
    """The names of those to whom orders are announced."""
    return [name_of(url) for url in config.fallback_order_webhook_urls]


def build_receivers(config: Config) -> Mapping[str, Receiver]:
    from fallback.notices.order_receivers import OrderReceiver

    secrets, source = config.fallback_order_webhook_secret, config.public_url
    receivers = [OrderReceiver(url, secrets, source) for url in config.fallback_order_webhook_urls]
    return {receiver.name: receiver for receiver in receivers}


def build_escalation_channels(config: Config, links: Links) -> Mapping[str, AlertChannel]:
    from fallback.notices.alert_channels import AppriseChannel

    escalation_channels = [AppriseChannel(url, links) for url in config.fallback_escalation_urls]
    return {channel.name: channel for channel in escalation_channels}
