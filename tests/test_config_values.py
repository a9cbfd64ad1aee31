"""Values of settings: which are taken, and in what words a choice, an address or a number is refused."""

from __future__ import annotations

import pytest

from fallback.config import Config
from fallback.domain.outage.failover import Failover
from tests.test_config import refusal, settings

NEVER_EMPTY = (
    "FALLBACK_SHOP",
    "FALLBACK_DESK",
    "FALLBACK_MAIL_FROM",
    "STRIPE_API_BASE",
    "STRIPE_JS_URL",
    "FALLBACK_POLICY",
)


def test_a_setting_with_few_values_names_them() -> None:
    refused = refusal(settings(FALLBACK_FAILOVER="auto"))
    assert all(each.value in refused for each in Failover), refused


@pytest.mark.parametrize(
    "name",
    [
        *("PUBLIC_URL", "PRIMARY_URL", "STRIPE_API_BASE", "STRIPE_JS_URL", "FALLBACK_PROBE_PAGE"),
        *("FALLBACK_CONSOLE_URL", "FALLBACK_SHOP_URL", "FALLBACK_SMS_URL", "FALLBACK_OIDC_DISCOVERY_URL"),
    ],
)
@pytest.mark.parametrize(
    ("url", "fault"),
    [
        ("/health", "is not an http or https URL"),
        ("https://", "has no host"),
        ("https://shop.example:many", "has a host or a port that cannot be read"),
        ("https://[::1", "has a host or a port that cannot be read"),
        ("https://shop.example\n", "begins or ends with a blank, or has a tab or line break in it"),
        (" https://shop.example", "begins or ends with a blank, or has a tab or line break in it"),
        ("https://sho\tp.example", "begins or ends with a blank, or has a tab or line break in it"),
        ("https://shop example", "has a host or a port that cannot be read"),
        ("https://<shop.example>", "has a host or a port that cannot be read"),
        ("https://${SHOP}", "has a host or a port that cannot be read"),
        ("https://https://shop.example", "has a host or a port that cannot be read"),
        ("https://.shop.example", "has a host or a port that cannot be read"),
        ("https://shop..example", "has a host or a port that cannot be read"),
        (f"https://{64 * 'a'}.example", "has a host or a port that cannot be read"),
    ],
)
def test_an_address_is_a_whole_url(name: str, url: str, fault: str) -> None:
    assert f"{name} {fault}." in refusal(settings(**{name: url})).splitlines()


@pytest.mark.parametrize(
    ("name", "url"),
    [
        ("PUBLIC_URL", "https://bücher.example:8443/"),
        ("PRIMARY_URL", "http://[fe80::1%25eth0]:8000/shop_1"),
        ("FALLBACK_OIDC_DISCOVERY_URL", "https://id.example/@shop/.well-known/openid-configuration"),
        ("SMTP_URL", "smtp://orders@shop.example:four words as Gmail@[::1]:587/"),
        ("SMTP_URL", "smtps://user:p%2Fw@mail_1:465"),
        ("REDIS_URL", "redis://shop:s3@cret@ledger_1:6379?db=2&password=a@b"),
        ("REDIS_URL", "unix://shop:s3cret@/run/redis.sock?db=1"),
        ("REDIS_URL", "redis+sentinel://a:26379, b:26379/ledger"),
        ("REDIS_URL", "rediss+sentinel://shop:s[3]#cret@a,[::1]:26379/ledger/1"),
    ],
)
def test_an_unusual_address_is_one(name: str, url: str) -> None:
    provider = {"FALLBACK_OIDC_CLIENT_ID": "shop", "FALLBACK_OIDC_CLIENT_SECRET": "s3cret"}
    assert getattr(Config.from_env(settings(**provider, **{name: url})), name.lower()) == url


NOT_READ = "has a host or a port that cannot be read"


WRITTEN = f"{NOT_READ}; in a user's name or password "


@pytest.mark.parametrize(
    ("name", "url", "fault"),
    [
        ("SMTP_URL", "smpt://mail.example", " is not an smtp or smtps URL."),
        ("SMTP_URL", "mail.example:25", " is not an smtp or smtps URL."),
        ("SMTP_URL", "smtp://", " has no host."),
        ("SMTP_URL", "smtp://mail.example:many", f" {NOT_READ}."),
        *(("SMTP_URL", f"smtp://shop:25{sign}s3cret@mail.example", f" {WRITTEN}") for sign in "/?#"),
        ("SMTP_URL", "smtp://shop:s3cr/et@mail.example", f" {WRITTEN}"),
        ("SMTP_URL", "smtp://shop:s3cr[et]@mail.example", f" {WRITTEN}'/' is written %2F, '?' %3F, '#' %23, '[' %5B"),
        ("REDIS_URL", "redis://", ": it has no host"),
        ("REDIS_URL", "redis://a?decode_responses=true", ": the option decode_responses in its query cannot be used"),
        ("REDIS_URL", "unix:///run/redis.sock?encoding=cp1252", ": the option encoding in its query cannot be used"),
        ("REDIS_URL", "redis://:s3cr?et@ledger.example", f": it {NOT_READ}"),
        *(("REDIS_URL", f"redis://shop:12{sign}s3cret@a", f": it {WRITTEN}") for sign in "?#"),
        ("REDIS_URL", "redis://a/0?nonsense", ": nonsense has no value"),
        ("REDIS_URL", "redis://a?db=1#nonsense", ": '#' is written %23"),
        ("REDIS_URL", "redis+sentinel://shop:s3cr?s3cret@a/ledger", ": an option in its query has no value"),
        ("REDIS_URL", "redis+sentinel://a:26379,b:many/name", f": it {NOT_READ}"),
        (
            "REDIS_URL",
            "redis+sentinel://shop:1/ledger/s3cret@a/ledger",
            ": after the name comes the number of a database",
        ),
        ("REDIS_URL", "unix://:s3cr?et@/run/redis.sock", ": the path of a socket has to follow"),
        ("REDIS_URL", "unix://run/redis.sock", ": the path of a socket has to follow"),
        ("REDIS_URL", "unix://", ": the path of a socket has to follow"),
    ],
)
def test_an_address_that_is_none_stops_the_start_and_no_password_is_shown(name: str, url: str, fault: str) -> None:
    said = refusal(settings(**{name: url}))
    assert said.startswith(f"{name}{fault}")
    assert "s3cr" not in said


@pytest.mark.parametrize(
    ("name", "given", "expected"),
    [
        ("FALLBACK_UNPAID_DAYS", "x", "is 'x': a whole number from 1 to 365 is expected."),
        ("FALLBACK_UNPAID_DAYS", "999", "is '999': a whole number from 1 to 365 is expected."),
        ("FALLBACK_ALERT_HOLDS", "1.5", "is '1.5': a whole number from 1 is expected."),
        ("FALLBACK_PACE", "0", "is '0': a number above 0 and at most 10000 is expected."),
        ("FALLBACK_STANDBY_SHARE", "maybe", "is 'maybe': true or false is expected."),
        *((name, "", "is '': a text is expected.") for name in NEVER_EMPTY),
        ("LOG_LEVEL", "loud", "is 'loud': one of DEBUG, INFO, WARNING, ERROR is expected."),
        ("FALLBACK_TEAMS", "x", ": it is no JSON: invalid character (byte 0)."),
        ("FALLBACK_TEAMS", '{"possible_rival":5}', ": a value: a text is expected, not a whole number."),
        ("CART_KEYS", '["s3cret"]', ": an object {...} is expected, not a list [...]."),
        ("FALLBACK_UNPAID_ORDER_LIMIT", '{"EUR":"x"}', ": a value: a whole number is expected, not a text."),
        ("FALLBACK_UNPAID_ORDER_LIMIT", '{"EUR":-1}', ": a value: a whole number of at least 0 is expected."),
        ("FALLBACK_UNPAID_ORDER_LIMIT", '{"eur":1}', ": a name: a text of three capitals (EUR) is expected."),
    ],
)
def test_a_value_is_refused_in_words_of_the_operator(name: str, given: str, expected: str) -> None:
    said = refusal(settings(**{name: given}))
    assert said.startswith(name)
    assert said.removeprefix(name) == (expected if expected.startswith(":") else f" {expected}")
