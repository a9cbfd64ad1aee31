"""Checks of the outside: Stripe, the shop, the proxy, mail. They change nothing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

import requests

from fallback.bootstrap.container import Container
from fallback.bootstrap.outside import look_at_domain
from fallback.doctor.findings import NotKnown, Trouble, Warned
from fallback.doctor.house import within
from fallback.domain.errors import FallbackError, Refused, TryAgain
from fallback.domain.placement.primary import Duplicates

# Headers that only the proxy may set.
FORGED = {"X-Fallback-Proxy": "forged", "X-Fallback-Reason": "forged"}
PATIENCE = (3, 5)  # seconds to connect, and between two bytes
# Stripe's webhooks are refused beyond five minutes (payments/webhooks.py).
MOST_STRIPE_SKEW_SECONDS = 60.0
# Stripe reports an authorization within seconds; after this long without an event the webhook does not work.
SILENT_FOR = timedelta(hours=1)
REGISTER = "Register the domain in Stripe's dashboard: Settings, Payment method domains."


def stripe_key(container: Container) -> str:
    config = container.config
    seen = container.stripe_access()
    publishable = config.stripe_publishable_key.partition("_")[2].partition("_")[0]
    if publishable != seen.mode:
        raise Trouble(
            f"the secret key is of {seen.mode} mode, the publishable one of {publishable}",
            "Take both keys from the same mode of Stripe's dashboard.",
        )
    if seen.refused:
        raise Trouble(f"the key may not: {', '.join(seen.refused)}", "Give the restricted key these permissions.")
    return f"{seen.mode} mode; may read, authorize, capture, cancel and refund"


def stripe_clock(container: Container) -> str:
    return within(container.stripe_access().ahead.total_seconds(), MOST_STRIPE_SKEW_SECONDS, "Stripe")


def wallets(container: Container) -> str:
    """Wallets appear only on domains that are registered at Stripe, each host by itself."""
    address = urlsplit(container.config.public_url)
    if address.scheme != "https":
        raise NotKnown("wallets need https")
    domain = address.hostname or ""
    try:
        missing = look_at_domain(container.config, domain)
    except TryAgain as error:
        raise NotKnown(str(error)) from None
    if missing is None:
        raise Warned(f"{domain} is not registered at Stripe: no Apple Pay, Google Pay or Link", REGISTER)
    if missing:
        raise Warned(f"at {domain} Stripe does not offer: {', '.join(missing)}", REGISTER)
    return f"{domain} is registered at Stripe"


def webhook(container: Container) -> str:
    """An unsigned event has to be refused by us, not by a proxy in between."""
    url = f"{container.config.public_url.rstrip('/')}/webhooks/stripe"
    answer = _asked("POST", url, "Stripe has to reach it: check the proxy and the firewall.")
    if answer.status_code != 400 or "problem+json" not in answer.headers.get("Content-Type", ""):
        raise Trouble(
            f"{url} answers {answer.status_code}, not our own refusal", "Configure the proxy to pass /webhooks/ to us."
        )
    came, newest = container.heartbeats.webhook_at(), next(container.views.each(limit=1), None)
    if newest and newest.payment.intent and (came is None or newest.received_at - came > SILENT_FOR):
        raise Trouble(
            f"the last webhook came {came:%Y-%m-%d %H:%M} UTC"
            if came
            else "payments were made, but no webhook ever arrived",
            f"Add {url} to Stripe's webhook endpoints, and set STRIPE_WEBHOOK_SECRET to its signing secret.",
        )
    if came is None:
        raise NotKnown("reachable; no webhook received yet")
    return f"reachable; last webhook {came:%Y-%m-%d %H:%M} UTC"


def primary(container: Container) -> str:
    try:
        health = container.primary.health()
    except FallbackError as error:
        raise Trouble(str(error), "Check PRIMARY_URL and PRIMARY_TOKEN; `fallback primary check` says more.") from error
    if health.duplicates is Duplicates.NONE:
        what_to_do = "Each order is put on hold: see ops/docs/reference/primary-contract.md."
        raise Trouble("the shop refuses no duplicates", what_to_do)
    can = ", ".join(sorted(health.can)) or "nothing else"
    return f"answers; duplicates are {health.duplicates}; it can {can}"


def way_in(container: Container) -> str:
    """Customers reach us through the proxy, and only the proxy can tell us why they come.

    A proxy that adds its token but passes on a client's own headers would let the client speak for it.
    """
    config = container.config
    url = f"{config.public_url.rstrip('/')}/v1/mode"
    answer = _asked("GET", url, "Let the proxy pass /v1/ on to us.", FORGED)
    if answer.status_code != 200:
        raise Trouble(f"PUBLIC_URL answers {answer.status_code} to /v1/mode", "Let the proxy pass /v1/ on to us.")
    if answer.headers.get("X-Fallback-Reason") == FORGED["X-Fallback-Reason"]:
        raise Trouble(
            "the proxy passes on a client's X-Fallback-Reason",
            "Configure the proxy to set X-Fallback-Proxy and X-Fallback-Reason on every request, as ops/proxy/ does.",
        )
    if not config.fallback_proxy_token:
        raise Trouble(
            "FALLBACK_PROXY_TOKEN is not set, so the proxy's headers are ignored",
            "Set it here and in the proxy (ops/proxy/): without it all customers share one address and its limits.",
        )
    return f"{config.public_url} leads to us; forged proxy headers are ignored"


def mail(container: Container) -> str:
    try:
        return f"{container.mailer.greet()} accepts our login"
    except Refused as error:
        raise Trouble(f"SMTP_URL: {error.code}", "Without mail customers hear nothing from us.") from error
    except FallbackError as error:
        raise Trouble(str(error), "Check SMTP_URL, FALLBACK_MAIL_FROM, and the mail server's log.") from error


def text_messages(container: Container) -> str:
    """Whether the gateway answers. It is sent no message."""
    try:
        host = container.text_gateway.reach()
    except Refused:
        raise NotKnown("off: FALLBACK_SMS_URL is not set") from None
    except FallbackError as error:
        raise Trouble(str(error), "Check FALLBACK_SMS_URL: see ops/docs/reference/text-messages.md.") from error
    if not container.config.storefront.shop_name:
        raise Warned(f"{host} answers", "Set FALLBACK_SHOP_NAME: without it the messages do not say who writes.")
    return f"{host} answers"


def receivers(container: Container) -> str:
    """Whether somebody is there to take events of orders. They are sent nothing."""
    if not container.receivers:
        raise NotKnown("no receiver of order events: FALLBACK_ORDER_WEBHOOK_URLS is not set")
    waiting = 0
    for name, receiver in container.receivers.items():
        try:
            receiver.reach()
        except FallbackError as error:
            what_to_do = "Check FALLBACK_ORDER_WEBHOOK_URLS: see ops/docs/reference/order-events.md."
            raise Trouble(f"{receiver.host}: {error}", what_to_do) from error
        if away := container.announcements.away().get(name):
            raise Trouble(
                f"{receiver.host} takes no order events since {away.since:%Y-%m-%d %H:%M} UTC: {away.why}",
                "Follow ops/runbooks/events-not-delivered.md.",
            )
        waiting += container.announcements.count(name)
    return f"{len(container.receivers)} can be reached; {waiting} events wait"


def _asked(method: str, url: str, advice: str, headers: Mapping[str, str] | None = None) -> requests.Response:
    try:
        return requests.request(method, url, headers=headers, timeout=PATIENCE, allow_redirects=False)
    except requests.RequestException as error:
        raise Trouble(f"{url} does not answer ({type(error).__name__})", advice) from error
