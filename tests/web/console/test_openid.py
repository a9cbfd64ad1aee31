"""Sign-in by OpenID Connect, at a provider that behaves and at one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from time import time
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import OctKey
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.support.accounts import Account, Role
from fallback.web.app import create_app
from tests.web.conftest import a_browser, a_container
from tests.web.filling import send
from tests.web.html import Page
from tests.web.openid_provider import CLIENT_ID, CLIENT_SECRET, OpenIdProvider, a_key, serving
from tests.web.world import a_config

BEGIN = "/console/sign-in/provider"


@pytest.fixture
def provider() -> Iterator[OpenIdProvider]:
    with serving(OpenIdProvider()) as provider:
        yield provider


@pytest.fixture
def container(provider: OpenIdProvider) -> Container:
    container = a_container()
    container.config = a_config(
        fallback_oidc_discovery_url=provider.discovery_url,
        fallback_oidc_client_id=CLIENT_ID,
        fallback_oidc_client_secret=CLIENT_SECRET,
        fallback_oidc_role_claim="roles",
    )
    return container


@pytest.fixture
def mara(container: Container) -> Account:
    return container.people.add(Account("Mara", Role.LEAD, email="mara@example.org"))


def sign_in(browser: FlaskClient, path: str = BEGIN) -> TestResponse:
    """There and back again, as the browser is sent."""
    return browser.get(way_back(browser, path), headers={"Sec-Fetch-Site": "cross-site"})


def way_back(browser: FlaskClient, path: str = BEGIN) -> str:
    """Where the provider sends the browser to."""
    there = browser.get(path)
    assert there.status_code == 302
    back = requests.get(there.location, allow_redirects=False, timeout=5).headers["Location"]
    assert back.startswith("http://localhost/console/sign-in/provider/back?")
    return back


def assert_stays_out(browser: FlaskClient, answer: TestResponse, word: str) -> None:
    page = Page(answer)
    assert (page.status, page.title) == (403, "Sign in to the console")
    assert word in page.text
    assert browser.get("/console/oncall").status_code == 302


NOT_SIGNED_IN = "The sign-in was not completed."
NO_ACCOUNT = "You have no account here yet."
NOT_VERIFIED = "Your e-mail address is not confirmed"


# --- as it should be


def test_who_has_an_account_with_their_address_comes_in_with_its_role(browser: FlaskClient, mara: Account) -> None:
    assert sign_in(browser).location == "/console"
    page = Page(browser.get("/console/oncall"))
    assert "Mara" in page.one("header").text


def test_a_sign_in_leads_to_the_page_that_was_wanted(browser: FlaskClient, mara: Account) -> None:
    link = Page(browser.get("/console/sign-in?next=/console/oncall")).one("a", **{"class": "button"})
    assert link.text == "Sign in with your company account"
    assert sign_in(browser, link["href"]).location == "/console/oncall"


def test_nobody_is_sent_elsewhere(browser: FlaskClient, mara: Account) -> None:
    assert sign_in(browser, f"{BEGIN}?next=https://evil.example/console/").location == "/console"


def test_the_provider_is_asked_with_pkce_state_and_nonce(browser: FlaskClient, provider: OpenIdProvider) -> None:
    way_back(browser)
    way_back(browser)
    asked = provider.asked
    assert (asked["response_type"], asked["code_challenge_method"]) == ("code", "S256")
    assert min(len(asked[name]) for name in ("state", "nonce", "code_challenge")) >= 20
    assert CLIENT_SECRET not in str(asked)


def test_the_address_may_come_from_the_page_about_them(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "17", "email": "Mara@example.org", "email_verified": True}
    assert sign_in(browser).status_code == 303


def test_a_new_key_of_the_provider_is_fetched(browser: FlaskClient, provider: OpenIdProvider, mara: Account) -> None:
    assert sign_in(browser).status_code == 303
    provider.key = provider.signs_with = a_key("second")
    provider.header = {"kid": "second"}
    assert sign_in(browser).status_code == 303


# --- roles that the provider names


@pytest.mark.parametrize(
    ("claim", "role"), [("agent", Role.AGENT), (["staff", "agent", "lead"], Role.LEAD), (["admin"], Role.ADMIN)]
)
def test_who_has_no_account_gets_one_with_the_role_that_the_provider_names(
    browser: FlaskClient, container: Container, provider: OpenIdProvider, claim: Any, role: Role
) -> None:
    provider.claims = {"roles": claim}
    assert sign_in(browser).status_code == 303
    account = container.people.with_email("mara@example.org")
    assert (account.name, account.role, account.password) == ("mara", role, None)


def test_the_role_follows_the_provider(browser: FlaskClient, container: Container, provider: OpenIdProvider) -> None:
    for claim in ("admin", "agent"):
        provider.claims = {"roles": claim}
        sign_in(browser)
    assert container.people.find("mara").role is Role.AGENT
    provider.claims = {}
    send(browser, Page(browser.get("/console")), "/sign-out")
    assert_stays_out(browser, sign_in(browser), NO_ACCOUNT)


def test_the_role_of_an_account_that_was_opened_here_is_decided_here(
    browser: FlaskClient, container: Container, provider: OpenIdProvider, mara: Account
) -> None:
    provider.claims = {"roles": "admin"}
    sign_in(browser)
    assert container.people.find("mara").role is Role.LEAD


@pytest.mark.parametrize("claim", [None, "", "staff", [], {"admin": True}, 1])
def test_who_has_neither_an_account_nor_a_role_stays_out(
    browser: FlaskClient, provider: OpenIdProvider, claim: Any
) -> None:
    provider.claims = {"roles": claim}
    assert_stays_out(browser, sign_in(browser), NO_ACCOUNT)


@pytest.mark.parametrize("address", ["mara@evil.example", "console@example.org", "customer@example.org", "@x"])
def test_nobody_gets_the_name_of_somebody_else(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account, address: str
) -> None:
    provider.claims = {"roles": "agent", "email": address}
    assert_stays_out(browser, sign_in(browser), NO_ACCOUNT)


def test_a_disabled_account_cannot_sign_in_with_openid_connect(
    browser: FlaskClient, container: Container, mara: Account
) -> None:
    container.people.change("Mara", lambda account: replace(account, disabled=True))
    assert_stays_out(browser, sign_in(browser), NO_ACCOUNT)


# --- forged, stale, mixed up


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_that_is_not_verified_is_nobodys(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account, verified: Any
) -> None:
    provider.claims = {"email_verified": verified}
    assert_stays_out(browser, sign_in(browser), NOT_VERIFIED)


WRONG = {
    "another nonce": {"nonce": "n-of-another-attempt"},
    "no nonce": {"nonce": None},
    "for somebody else": {"aud": "another-client"},
    "for somebody else, passed on to us": {"aud": "another-client", "azp": CLIENT_ID},
    "for nobody": {"aud": None},
    "from another issuer": {"iss": "https://evil.example"},
    "from no issuer": {"iss": None},
    "about nobody": {"sub": None},
    "of yesterday": {"exp": int(time()) - 86_400},
    "for ever": {"exp": None},
}


@pytest.mark.parametrize("claims", WRONG.values(), ids=WRONG.keys())
def test_a_token_that_was_not_made_for_this_attempt_opens_nothing(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account, claims: dict[str, Any]
) -> None:
    provider.claims = claims
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)
    assert provider.redeemed


def test_a_token_that_somebody_else_signed_opens_nothing(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    provider.signs_with = a_key("another")
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)


def test_a_token_signed_with_what_everybody_can_read_opens_nothing(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    provider.signs_with = OctKey.import_key(provider.key.as_dict(private=False)["n"])
    provider.header = {"alg": "HS256"}
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)


@pytest.mark.parametrize("token", ["", "a.b.c", "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxNyJ9.", 7, None])
def test_what_is_no_token_opens_nothing(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account, token: Any
) -> None:
    provider.answers_token = {"access_token": "x", "token_type": "Bearer", "id_token": token}
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)


def test_an_answer_without_an_identity_opens_nothing(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    provider.answers_token = {"access_token": "x", "token_type": "Bearer"}
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)


def test_the_page_about_somebody_else_is_not_believed(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    provider.claims = {"email": None, "email_verified": None}
    provider.userinfo = {"sub": "18", "email": "mara@example.org", "email_verified": True}
    assert_stays_out(browser, sign_in(browser), NOT_SIGNED_IN)


def test_another_state_opens_nothing_and_the_code_is_not_spent(
    browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    code = parse_qs(urlsplit(way_back(browser)).query)["code"][0]
    answer = browser.get(f"{BEGIN}/back", query_string={"code": code, "state": "another"})
    assert_stays_out(browser, answer, NOT_SIGNED_IN)
    assert provider.redeemed == []


def test_a_link_that_somebody_else_began_with_opens_nothing(
    app: Flask, browser: FlaskClient, provider: OpenIdProvider, mara: Account
) -> None:
    back = way_back(a_browser(app))
    assert_stays_out(browser, browser.get(back), NOT_SIGNED_IN)


def test_a_sign_in_callback_works_once(browser: FlaskClient, mara: Account) -> None:
    back = way_back(browser)
    assert browser.get(back).status_code == 303
    send(browser, Page(browser.get("/console")), "/sign-out")
    assert_stays_out(browser, browser.get(back), NOT_SIGNED_IN)


@pytest.mark.parametrize("query", ["", "error=access_denied&state=x", "code=x", "state=x"])
def test_who_comes_back_without_a_code_reads_a_calm_page(browser: FlaskClient, query: str) -> None:
    assert_stays_out(browser, browser.get(f"{BEGIN}/back?{query}"), NOT_SIGNED_IN)


def test_a_provider_that_is_away_is_said_so() -> None:
    container = a_container()
    container.config = a_config(fallback_oidc_discovery_url="http://127.0.0.1:1/", fallback_oidc_client_id="x")
    answer = a_browser(create_app(container)).get(BEGIN)
    page = Page(answer)
    assert (page.status, page.title) == (503, "Sign in to the console")
    assert answer.headers["Retry-After"] == "5"
    assert "Your sign-in provider does not answer right now." in page.text


def test_without_a_provider_there_is_no_link_and_no_way() -> None:
    browser = a_browser(create_app(a_container()))
    assert Page(browser.get("/console/sign-in")).all("a", **{"class": "button"}) == []
    assert browser.get(BEGIN).status_code == 404
