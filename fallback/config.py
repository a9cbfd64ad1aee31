"""Every setting, typed and checked at start: a value that cannot be used stops it with an explanation."""

from __future__ import annotations

import os
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Meta, Struct

from fallback import i18n
from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.journal import JournalSettings
from fallback.domain.misread import unreadable
from fallback.domain.oncall.drill_cart import DrillSettings
from fallback.domain.order.cart import Amount, CurrencyCode
from fallback.domain.order.contact_ways import ContactWays
from fallback.domain.order.exposure import WhenSoldOut
from fallback.domain.order.holds import HoldCode
from fallback.domain.outage.failover import Failover
from fallback.domain.payment.policy import BadPolicy, Policy, parse_policy
from fallback.domain.storefront import Storefront, problems_of
from fallback.domain.support.accounts import Role
from fallback.domain.urls import MAIL, WEB, fault_of
from fallback.environment import given_settings, unknown_names
from fallback.ledger.redis.durability import Keeping
from fallback.payments.currencies import chargeable
from fallback.primaries import KINDS
from fallback.primaries.kind import Kind
from fallback.runtime.data import POLICY
from fallback.runtime.redis_connection import connect

WEAK_BELOW = 32  # characters; at least 128 bits if they are random
WEB_ADDRESSES = (
    *("public_url", "primary_url", "fallback_probe_page", "fallback_console_url", "fallback_oidc_discovery_url"),
    *("stripe_api_base", "stripe_js_url"),
)
NotEmpty = Annotated[str, Meta(min_length=1)]  # an empty one would name nobody, or lead nowhere


class BadConfig(Exception):
    """Invalid settings; each line names one and says what to do."""


class Config(Struct, frozen=True, kw_only=True):
    """All settings. Field names are the environment's names in lower case.

    `secret_key` and `stripe_webhook_secret` may be lists, newest first: the first is used, all are accepted. So may the
    secrets of webhooks that we send: they are signed with each.
    `cart_keys` is a JWKS. Durations are in seconds. An empty URL turns its feature off. `primary`: the settings of
    `primary_kind` (fallback/primaries/<kind>), read from the environment beside the others.
    """

    redis_url: str
    secret_key: tuple[str, ...]
    cart_keys: dict[str, Any]
    public_url: str
    primary_url: str
    stripe_secret_key: str
    stripe_publishable_key: str
    stripe_webhook_secret: tuple[str, ...]
    oncall_token: str
    console_token: str
    smtp_url: str
    primary_kind: str = "http"
    primary: Struct
    stripe_api_base: NotEmpty = "https://api.stripe.com"
    stripe_js_url: NotEmpty = "https://js.stripe.com/v3/"
    alert_urls: tuple[str, ...] = ()
    trusted_hosts: tuple[str, ...] = ()
    port: Annotated[int, Meta(ge=1, le=65_535)] = 8100
    web_concurrency: Annotated[int, Meta(ge=1, le=256)] = 2
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    fallback_shop: NotEmpty = "shop"
    fallback_shop_token: str = ""
    storefront: Storefront = Storefront()
    contact_ways: ContactWays = ContactWays()
    journal: JournalSettings = JournalSettings()
    fallback_desk: NotEmpty = "checkout desk"
    fallback_teams: dict[str, NotEmpty] = {}
    fallback_mail_from: NotEmpty = "orders@localhost"
    fallback_time_zone: str = "UTC"
    fallback_language: str = i18n.WRITTEN_IN
    fallback_console_url: str = ""
    fallback_oidc_discovery_url: str = ""
    fallback_oidc_client_id: str = ""
    fallback_oidc_client_secret: str = ""
    fallback_oidc_role_claim: str = ""
    fallback_totp_roles: tuple[str, ...] = ()
    fallback_proxy_token: str = ""
    fallback_metrics_token: str = ""
    fallback_search_token: str = ""
    fallback_bounce_token: str = ""
    fallback_policy: NotEmpty = str(POLICY)
    keeping: Keeping = Keeping()
    fallback_failover: Failover = Failover.ADVISE
    fallback_probe_page: str = ""
    fallback_standby_share: bool = False
    fallback_probe_seconds: Annotated[float, Meta(ge=0.5, le=60)] = 2.0
    fallback_probe_patience: Annotated[float, Meta(ge=0.2, le=10)] = 3.0
    fallback_failed_customers: Annotated[int, Meta(ge=2)] = 5
    fallback_calm_seconds: Annotated[int, Meta(ge=10)] = 120
    fallback_alert_order_minutes: Annotated[int, Meta(ge=1)] = 60
    fallback_alert_holds: Annotated[int, Meta(ge=1)] = 20
    fallback_escalation_urls: tuple[str, ...] = ()
    fallback_escalation_minutes: Annotated[int, Meta(ge=0)] = 15
    fallback_webhook_urls: tuple[str, ...] = ()
    fallback_webhook_secret: tuple[str, ...] = ()
    fallback_order_webhook_urls: tuple[str, ...] = ()
    fallback_order_webhook_secret: tuple[str, ...] = ()
    fallback_pace: Annotated[float, Meta(gt=0, le=10_000)] = 20.0
    fallback_ramp_start: Annotated[float, Meta(gt=0, le=10_000)] = 2.0
    fallback_ramp_step: Annotated[float, Meta(gt=0, le=10_000)] = 1.0
    fallback_captures_per_second: Annotated[float, Meta(gt=0, le=10_000)] = 20.0
    fallback_shift_threads: Annotated[int, Meta(ge=1, le=128)] = 24
    fallback_orders_per_minute: Annotated[int, Meta(ge=1)] = 60
    fallback_cart_grace_hours: Annotated[int, Meta(ge=0, le=72)] = 72
    fallback_sold_out: WhenSoldOut = WhenSoldOut.LATE
    fallback_unpaid_order_limit: dict[CurrencyCode, Amount] = {}
    fallback_unpaid_incident_limit: dict[CurrencyCode, Amount] = {}
    fallback_unpaid_days: Annotated[int, Meta(ge=1, le=365)] = 7
    fallback_keep_personal_days: Annotated[int, Meta(ge=1)] = 90
    drills: DrillSettings = DrillSettings()
    fallback_drill_stripe_key: str = ""

    @classmethod
    def from_env(cls, environ: Mapping[str, str] = os.environ) -> Config:
        """Raises BadConfig with one line for every problem, not only for the first."""
        kind, problems = _kind(environ)
        given = given_settings(cls, environ, problems)
        of_the_kind = given_settings(kind.settings, environ, problems) if kind else {}
        if kind and not problems:
            config = cls(**given, primary=kind.settings(**of_the_kind))
            if not (problems := _weaknesses(config)):
                return config
        raise BadConfig("\n".join(dict.fromkeys([*problems, *unknown_settings(environ)])))

    @property
    def shop_token(self) -> str:
        """With what the shop calls us; empty if it may not."""
        return self.fallback_shop_token or next(iter(self.shared_tokens.values()), "")

    @property
    def shared_tokens(self) -> dict[str, str]:
        """The setting, if any, that both sides of this kind of shop call each other with."""
        name = KINDS[self.primary_kind].shared_token
        return {name: getattr(self.primary, name)} if name else {}


def unknown_settings(environ: Mapping[str, str] = os.environ) -> list[str]:
    """A line for each name that only looks like a setting. No start fails for it: another release may know it."""
    return unknown_names(environ, Config, _kind(environ)[0])


def check_names(environ: Mapping[str, str]) -> None:
    """For tools that read few settings: one that is misspelt would not be missed. Raises BadConfig."""
    if problems := _kind(environ)[1] + unknown_settings(environ):
        raise BadConfig("\n".join(problems))


def read_shop(environ: Mapping[str, str]) -> tuple[Kind, Any]:
    """The kind of the shop and its settings alone, for tools that need nothing else. Raises BadConfig."""
    kind, problems = _kind(environ)
    problems += unknown_names(environ, Config, kind)
    given = given_settings(kind.settings, environ, problems) if kind else {}
    if kind is None or problems:
        raise BadConfig("\n".join(problems))
    return kind, kind.settings(**given)


def _kind(environ: Mapping[str, str]) -> tuple[Kind | None, list[str]]:
    name = environ.get("PRIMARY_KIND", "http")
    problem = f"PRIMARY_KIND: there is no kind {name!r}; it is one of {', '.join(KINDS)}."
    return KINDS.get(name), [] if name in KINDS else [problem]


def _weaknesses(config: Config) -> list[str]:
    secure = config.public_url.lower().startswith("https:")
    problems = [*_problems_of_addresses(config), *_incomplete_provider(config), *_problems_of_drills(config)]
    problems += [*problems_of(config.storefront, secure), *_problems_of_webhooks(config)]
    problems += [
        f"{name.upper()} is too weak: use at least {WEAK_BELOW} random characters."
        for name, secrets in _secrets(config).items()
        if not secrets or any(len(secret) < WEAK_BELOW or len(set(secret)) < 10 for secret in secrets)
    ]
    try:
        connect(config.redis_url)
    except ValueError as error:
        problems.append(f"REDIS_URL: {error}")
    try:
        read_policy(config.fallback_policy)
    except (OSError, UnicodeDecodeError, BadPolicy) as error:
        why = error if isinstance(error, BadPolicy) else unreadable(error)
        problems.append(f"FALLBACK_POLICY ({config.fallback_policy}): {why}.")
    try:
        ZoneInfo(config.fallback_time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(f"FALLBACK_TIME_ZONE: there is no zone {config.fallback_time_zone!r}; 'Europe/Berlin' is one.")
    languages = {"CUSTOMER_LANGUAGES": config.storefront.customer_languages, "LANGUAGE": (config.fallback_language,)}
    problems += [f"FALLBACK_{name}: {each}" for name, given in languages.items() for each in i18n.unknown(given)]
    try:
        CartTokens(config.cart_keys, config.fallback_shop)
    except ValueError as error:
        problems.append(f"CART_KEYS: {error}.")
    problems += [*config.contact_ways.problems(), *config.keeping.problems(), *config.journal.problems()]
    no_roles = sorted(set(config.fallback_totp_roles) - set(Role))
    problems += [f"FALLBACK_TOTP_ROLES: there is no role {role}; it is one of {', '.join(Role)}." for role in no_roles]
    unknown = sorted(config.fallback_teams.keys() - set(HoldCode))
    return problems + [f"FALLBACK_TEAMS: there is no hold {code}." for code in unknown]


def _problems_of_addresses(config: Config) -> list[str]:
    given = {name: (WEB, getattr(config, name)) for name in WEB_ADDRESSES}
    given |= {"smtp_url": (MAIL, config.smtp_url)}
    problems = [f"{name.upper()} {fault}." for name, (of, url) in given.items() if url and (fault := fault_of(url, of))]
    for name in ("fallback_webhook_urls", "fallback_order_webhook_urls"):
        faults = map(fault_of, getattr(config, name))
        problems += [f"{name.upper()} has one that {fault}." for fault in faults if fault]
    return problems


def _incomplete_provider(config: Config) -> list[str]:
    """OpenID Connect: without TLS a sign-in could be forged on the network, so only a local provider may omit it."""
    if not config.fallback_oidc_discovery_url:
        return []
    names = ("fallback_oidc_client_id", "fallback_oidc_client_secret")
    problems = [f"{name.upper()} is missing beside its URL." for name in names if not getattr(config, name)]
    url, local = config.fallback_oidc_discovery_url, ("localhost", "127.0.0.1")
    if not fault_of(url) and fault_of(url, ("https",)) and urlsplit(url).hostname not in local:
        problems.append("FALLBACK_OIDC_DISCOVERY_URL is not an https URL.")
    return problems


def _problems_of_webhooks(config: Config) -> list[str]:
    problems = []
    for kind in ("fallback_webhook", "fallback_order_webhook"):
        for secret in getattr(config, f"{kind}_secret"):
            try:
                b64decode(secret.removeprefix("whsec_") if secret.startswith("whsec_") else "", validate=True)
            except ValueError:
                problems.append(f"{kind.upper()}_SECRET: what follows whsec_ is not Base64.")
    return problems


def _problems_of_drills(config: Config) -> list[str]:
    """A drill must never be paid with real money."""
    if not config.drills.cart:
        return []
    problems = [*config.drills.problems(config.fallback_mail_from)]
    if config.fallback_drill_stripe_key and not is_test_key(config.fallback_drill_stripe_key):
        problems.append("FALLBACK_DRILL_STRIPE_KEY is not a key of Stripe's test mode (sk_test_... or rk_test_...).")
    return problems


def is_test_key(key: str) -> bool:
    """https://docs.stripe.com/keys"""
    return key.startswith(("sk_test_", "rk_test_"))


def read_policy(path: str) -> Policy:
    """Raises OSError, UnicodeDecodeError or BadPolicy."""
    return parse_policy(Path(path).read_text(encoding="utf-8"), chargeable)


def _secrets(config: Config) -> dict[str, tuple[str, ...]]:
    """Secrets that must not be guessable, by name. An unset one turns its feature off."""
    secrets = {name: (getattr(config, name),) for name in ("oncall_token", "console_token")}
    secrets |= {name: (token,) for name, token in config.shared_tokens.items()}
    tokens = ("shop", "proxy", "metrics", "search", "bounce")
    for name in (f"fallback_{token}_token" for token in tokens):
        if getattr(config, name):
            secrets[name] = (getattr(config, name),)
    for kind in ("fallback_webhook", "fallback_order_webhook"):
        if getattr(config, f"{kind}_urls"):
            secrets[f"{kind}_secret"] = getattr(config, f"{kind}_secret")
    return secrets | {"secret_key": config.secret_key}
