"""Settings are checked at start: all that is wrong is named, and nothing half right starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from fallback.config import BadConfig, Config, unknown_settings
from fallback.environment import names
from fallback.primaries.http import Settings as HTTP
from fallback.runtime.data import POLICY
from tests.web.world import a_config
from tests.workers.running import environment


def settings(**changes: str) -> dict[str, str]:
    return environment(a_config()) | changes


def refusal(given: dict[str, str]) -> str:
    with pytest.raises(BadConfig) as refused:
        Config.from_env(given)
    return str(refused.value)


def test_good_settings_are_taken() -> None:
    config = Config.from_env(settings(PORT="9100", TRUSTED_HOSTS="a.example, b.example"))

    assert (config.port, config.trusted_hosts) == (9100, ("a.example", "b.example"))


@pytest.mark.parametrize("name", ["SECRET_KEY", "ONCALL_TOKEN", "CONSOLE_TOKEN", "PRIMARY_TOKEN"])
@pytest.mark.parametrize("secret", ["short", "a" * 64])
def test_a_weak_secret_stops_the_start(name: str, secret: str) -> None:
    assert f"{name} is too weak" in refusal(settings(**{name: secret}))


@pytest.mark.parametrize("name", [name for name, required in (names(Config) | names(HTTP)).items() if required])
def test_a_required_setting_that_is_empty_is_missing(name: str, tmp_path: Path) -> None:
    """As in a copy of the example that nobody filled in. An empty file is the same."""
    assert f"{name} is missing." in refusal(settings(**{name: ""}))
    kept, told = tmp_path / "kept", settings()
    del told[name]
    kept.write_text("\n")
    assert f"{name} is missing." in refusal(told | {f"{name}_FILE": str(kept)})


def test_every_key_of_a_rotation_is_strong() -> None:
    good = settings()["SECRET_KEY"]

    assert "SECRET_KEY is too weak" in refusal(settings(SECRET_KEY=f"{good},old"))


def test_a_setting_may_stand_in_a_file(tmp_path: Path) -> None:
    kept = tmp_path / "search_token"
    kept.write_text("a-token-of-the-tests-0123456789-abcdef\n")
    told = settings(FALLBACK_SEARCH_TOKEN_FILE=str(kept))
    del told["FALLBACK_SEARCH_TOKEN"]
    assert Config.from_env(told).fallback_search_token == "a-token-of-the-tests-0123456789-abcdef"
    kept.write_text("short")
    assert "FALLBACK_SEARCH_TOKEN is too weak" in refusal(told)
    assert "FALLBACK_SEARCH_TOKEN_FILE: FALLBACK_SEARCH_TOKEN is set too" in refusal(
        told | {"FALLBACK_SEARCH_TOKEN": "x"}
    )


def test_a_file_of_a_setting_that_cannot_be_read_is_named_and_nothing_else(tmp_path: Path) -> None:
    told = settings(SECRET_KEY_FILE=str(tmp_path / "nowhere"))
    del told["SECRET_KEY"]
    assert refusal(told) == f"SECRET_KEY_FILE: {tmp_path}/nowhere: No such file or directory."
    (tmp_path / "nowhere").write_bytes(b"\xff")
    assert refusal(told) == f"SECRET_KEY_FILE: {tmp_path}/nowhere: it is not in UTF-8."
    assert "SECRET_KEY is missing" not in refusal(told)
    assert "FALLBACK_SERCH_TOKEN is not a setting" in unknown_settings({"FALLBACK_SERCH_TOKEN_FILE": "x"})[0]


def test_there_need_be_no_proxy() -> None:
    assert Config.from_env(settings(FALLBACK_PROXY_TOKEN="")).fallback_proxy_token == ""


@pytest.mark.parametrize(
    "name",
    [
        *("FALLBACK_SHOP_TOKEN", "FALLBACK_PROXY_TOKEN", "FALLBACK_METRICS_TOKEN", "FALLBACK_SEARCH_TOKEN"),
        "FALLBACK_BOUNCE_TOKEN",
    ],
)
def test_a_token_of_a_part_that_need_not_be_is_strong_where_it_is(name: str) -> None:
    assert f"{name} is too weak" in refusal(settings(**{name: "short"}))


@pytest.mark.parametrize("address", ["bounces", "a b@shop.example", "more-than-eighteen-letters@shop.example"])
def test_the_address_of_bounces_has_room_for_the_id_of_a_mail(address: str) -> None:
    said = "FALLBACK_BOUNCE_ADDRESS is not an e-mail address with at most 17 characters before the @."
    assert said == refusal(settings(FALLBACK_BOUNCE_ADDRESS=address))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FALLBACK_SMS_URL", "sms.example/messages"),
        ("FALLBACK_SMS_COUNTRIES", "XX"),
        *(("FALLBACK_SMS_QUIET_HOURS", each) for each in ("21-8", "25:00-08:00", "9", "21:00-08:00+01:00")),
    ],
)
def test_what_text_messages_need_is_checked(name: str, value: str) -> None:
    assert name in refusal(settings(**{name: value}))


def test_text_messages_may_go_to_the_countries_that_are_named() -> None:
    assert Config.from_env(settings(FALLBACK_SMS_COUNTRIES="DE,AT")).contact_ways.sms_countries == ("DE", "AT")


@pytest.mark.parametrize("url", ["shop.example/terms", "/terms", "javascript:alert(1)"])
def test_a_page_about_the_law_has_a_whole_address(url: str) -> None:
    assert refusal(settings(FALLBACK_TERMS_URL=url)) == "FALLBACK_TERMS_URL is not an http or https URL."


def test_the_storefront_is_read_by_the_names_of_its_settings() -> None:
    shop = {"FALLBACK_SHOP_NAME": "Harbour Books", "FALLBACK_SHOP_EMAIL": "help@shop.example"}
    config = Config.from_env(settings(**shop, FALLBACK_TERMS_URL="https://shop.example/t"))
    assert (config.storefront.shop_name, config.storefront.shop_email) == ("Harbour Books", "help@shop.example")
    assert config.storefront.legal_pages() == [("Terms and conditions", "https://shop.example/t")]


def test_a_colour_that_cannot_be_read_is_refused_with_what_was_measured_and_a_shade_that_can() -> None:
    said = refusal(settings(FALLBACK_SHOP_COLOUR="#ffcc00"))
    assert "#ffcc00 has a contrast of 1.40:1 to our pages, and text in it needs 4.5:1 (WCAG 2.2, 1.4.3)." in said
    darker = said.rpartition(" ")[2].rstrip(".")
    assert Config.from_env(settings(FALLBACK_SHOP_COLOUR=darker)).storefront.shop_colour == darker


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("COLOUR", "red", "FALLBACK_SHOP_COLOUR: 'red' is no colour; '#1f5fbf' is one."),
        ("LOGO", "/logo.svg", "FALLBACK_SHOP_LOGO is not an http or https URL."),
        ("EMAIL", "shop", "FALLBACK_SHOP_EMAIL is not an e-mail address."),
    ],
)
def test_what_a_shop_shows_of_itself_is_checked(name: str, value: str, said: str) -> None:
    assert refusal(settings(**{f"FALLBACK_SHOP_{name}": value})) == said


def test_a_logo_that_browsers_would_not_load_is_refused() -> None:
    given = settings(PUBLIC_URL="https://pay.example", FALLBACK_SHOP_LOGO="http://shop.example/logo.svg")
    assert refusal(given).startswith("FALLBACK_SHOP_LOGO is not an https URL")


def test_alerts_by_webhook_are_signed() -> None:
    for kind in ("FALLBACK_WEBHOOK", "FALLBACK_ORDER_WEBHOOK"):
        told = settings(**{f"{kind}_URLS": "https://pager.example/hook"})
        assert f"{kind}_SECRET is too weak" in refusal(told)
        told[f"{kind}_SECRET"] = "whsec_not-base64-0123456789-abcdefghijkl"
        assert f"{kind}_SECRET: what follows whsec_ is not Base64" in refusal(told)
        told[f"{kind}_URLS"] = "pager.example/hook"
        assert f"{kind}_URLS has one that is not an http or https URL" in refusal(told)


def test_a_kind_of_shop_that_we_do_not_have_is_named_with_those_that_we_have() -> None:
    assert "PRIMARY_KIND: there is no kind 'magento'; it is one of http" in refusal(settings(PRIMARY_KIND="magento"))


def test_a_misspelt_setting_of_the_shop_is_found() -> None:
    given = settings(PRIMARY_TOKN="x")
    said = "PRIMARY_TOKN is not a setting of PRIMARY_KIND=http. Did you mean PRIMARY_TOKEN?"
    assert unknown_settings(given) == [said]
    del given["PRIMARY_TOKEN"]
    assert refusal(given).splitlines() == ["PRIMARY_TOKEN is missing.", said]


def test_a_setting_that_a_kind_of_shop_needs_is_missed() -> None:
    given = settings()
    del given["PRIMARY_TOKEN"]
    assert refusal(given) == "PRIMARY_TOKEN is missing."


def test_a_shop_of_our_contract_calls_us_with_its_token_unless_it_has_one_of_its_own() -> None:
    own = "a-token-of-the-shop-0123456789-abcdef"
    assert Config.from_env(settings()).shop_token == settings()["PRIMARY_TOKEN"]
    assert Config.from_env(settings(FALLBACK_SHOP_TOKEN=own)).shop_token == own


def test_an_address_of_redis_that_leads_nowhere_stops_the_start() -> None:
    assert "REDIS_URL: the Sentinels' name of the primary has to follow" in refusal(
        settings(REDIS_URL="redis+sentinel://a:26379")
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("FALLBACK_PAEC", " Did you mean FALLBACK_PACE?"),
        ("FALLBACK_UNPIAD_DAYS", " Did you mean FALLBACK_UNPAID_DAYS?"),
        ("FALLBACK_FOO", ""),
    ],
)
def test_a_name_that_is_no_setting_is_told_with_the_nearest_and_stops_no_start(name: str, hint: str) -> None:
    given = settings(**{name: "5"})
    assert unknown_settings(given) == [f"{name} is not a setting.{hint}"]
    Config.from_env(given)


def test_everything_that_is_wrong_is_named_at_once() -> None:
    given = settings(PORT="many", PUBLIC_URL="ftp://shop")
    del given["REDIS_URL"]

    said = refusal(given)

    assert "REDIS_URL is missing" in said
    assert "PORT is 'many'" in said


OPENID = {
    "FALLBACK_OIDC_DISCOVERY_URL": "https://id.example/.well-known/openid-configuration",
    "FALLBACK_OIDC_CLIENT_ID": "console",
    "FALLBACK_OIDC_CLIENT_SECRET": "a-secret",
}


def test_people_may_sign_in_elsewhere() -> None:
    assert Config.from_env(settings(**OPENID)).fallback_oidc_client_id == "console"


@pytest.mark.parametrize("name", ["FALLBACK_OIDC_CLIENT_ID", "FALLBACK_OIDC_CLIENT_SECRET"])
def test_a_sign_in_elsewhere_is_set_up_whole(name: str) -> None:
    assert f"{name} is missing" in refusal(settings(**OPENID | {name: ""}))


def test_a_sign_in_elsewhere_is_asked_about_by_tls() -> None:
    url = OPENID["FALLBACK_OIDC_DISCOVERY_URL"].replace("https", "http")

    assert "not an https URL" in refusal(settings(**OPENID | {"FALLBACK_OIDC_DISCOVERY_URL": url}))


@pytest.mark.parametrize(
    "keys", ["{}", '{"keys":1}', '{"keys":[]}', '{"keys":[{"kty":"oct","kid":"a","k":"YWJj"}]}', "no json"]
)
def test_keys_that_cannot_verify_a_cart_stop_the_start(keys: str) -> None:
    said = refusal(settings(CART_KEYS=keys))
    assert said.startswith("CART_KEYS: ")
    assert "is expected" in said or " needs " in said or "it is no JSON" in said


def test_a_policy_that_cannot_be_used_stops_the_start(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    assert refusal(settings(FALLBACK_POLICY=str(file))) == f"FALLBACK_POLICY ({file}): No such file or directory."
    file.write_text("[limits.agent]\nrefund = yes")
    assert "line 2" in refusal(settings(FALLBACK_POLICY=str(file)))
    file.write_bytes(b"\xff")
    assert refusal(settings(FALLBACK_POLICY=str(file))) == f"FALLBACK_POLICY ({file}): it is not in UTF-8."
    file.write_text(POLICY.read_text().replace("per_order = { EUR = 500,", "per_order = { KWD = 505,"))
    assert "per_order.KWD: 505 cannot be refunded exactly; the next" in refusal(settings(FALLBACK_POLICY=str(file)))


@pytest.mark.parametrize("directory", ["journal", "./journal", "../journal", "~/journal"])
def test_a_journal_that_depends_on_where_a_process_starts_is_refused(directory: str) -> None:
    assert refusal(settings(FALLBACK_JOURNAL=directory)) == (
        "FALLBACK_JOURNAL: give the whole path, from / on: all processes of a machine must find the same one."
    )
    assert Config.from_env(settings(FALLBACK_JOURNAL="/var/lib/fallback/journal"))


@pytest.mark.parametrize("name", ["Europe/Berlyn", "../etc/passwd", ""])
def test_the_shops_time_zone_is_one_that_there_is(name: str) -> None:
    assert "FALLBACK_TIME_ZONE: there is no zone" in refusal(settings(FALLBACK_TIME_ZONE=name))


def test_mails_to_colleagues_are_in_a_language_that_has_catalogs() -> None:
    assert Config.from_env(settings(FALLBACK_LANGUAGE="de")).fallback_language == "de"
    assert "FALLBACK_LANGUAGE: there is no 'tlh'; it is one of en, " in refusal(settings(FALLBACK_LANGUAGE="tlh"))
    assert Config.from_env(settings(FALLBACK_CUSTOMER_LANGUAGES="de, en")).storefront.customer_languages == ("de", "en")
    assert "FALLBACK_CUSTOMER_LANGUAGES: there is no 'tlh'" in refusal(settings(FALLBACK_CUSTOMER_LANGUAGES="en,tlh"))


DRILL = {
    "FALLBACK_DRILL_CART": '{"sku":"BK-1","title":"A book","unit_price":1299,"currency":"EUR","country":"DE",'
    '"delivery":{"id":"standard","title":"Standard","price":495}}',
    "FALLBACK_MAIL_FROM": "The shop <orders@shop.example>",
}


def test_a_drill_has_its_mails_sent_to_whoever_sends_ours() -> None:
    config = Config.from_env(settings(**DRILL))
    assert config.drills.read_cart().delivery.price == 495
    assert config.drills.mails_to(config.fallback_mail_from) == "orders@shop.example"


def test_unless_they_have_an_address_of_their_own() -> None:
    config = Config.from_env(settings(**DRILL, FALLBACK_DRILL_EMAIL="drill@shop.example"))
    assert config.drills.mails_to(config.fallback_mail_from) == "drill@shop.example"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"FALLBACK_DRILL_CART": '{"sku":"BK-1"}'}, "FALLBACK_DRILL_CART: title is missing."),
        ({"FALLBACK_DRILL_CART": '{"sku":1}'}, "FALLBACK_DRILL_CART: sku: a text is expected, not a whole number."),
        ({"FALLBACK_DRILL_CART": '{"skku":"BK-1"}'}, "FALLBACK_DRILL_CART: skku is not known."),
        ({"FALLBACK_DRILL_CART": DRILL["FALLBACK_DRILL_CART"].replace("DE", "Germany")}, "FALLBACK_DRILL_CART: "),
        ({"FALLBACK_MAIL_FROM": "orders@localhost"}, "FALLBACK_DRILL_EMAIL is missing"),
        ({"FALLBACK_DRILL_STRIPE_KEY": "sk_live_1"}, "FALLBACK_DRILL_STRIPE_KEY is not a key of Stripe's test mode"),
    ],
)
def test_a_drill_that_could_not_be_done_stops_the_start(wrong: dict[str, str], said: str) -> None:
    assert said in refusal(settings(**DRILL | wrong))


def test_no_key_of_the_shop_passes_for_that_of_our_drills() -> None:
    key = '{"kty":"oct","kid":"drill","alg":"HS256","k":"bm90LWEtc2VjcmV0LWJ1dC1sb25nLWVub3VnaC1mb3ItSFMyNTY"}'
    assert "CART_KEYS: the kid 'drill' is reserved" in refusal(settings(CART_KEYS=f'{{"keys":[{key}]}}'))
