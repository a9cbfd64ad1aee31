"""Who may sign in to the console, from where, and for how long."""

from __future__ import annotations

from datetime import timedelta
from threading import BoundedSemaphore

import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.support import passwords
from fallback.domain.support.accounts import Account, Role
from tests.web import filling
from tests.web.conftest import a_browser
from tests.web.filling import forge, send
from tests.web.html import Page
from tests.web.world import CONSOLE_TOKEN, NOW

# --- forms of other sites


@pytest.fixture
def old_browser(app: Flask) -> FlaskClient:
    """It says nothing about where a form stands, unless a test does."""
    browser = app.test_client()
    browser.environ_base |= {"HTTP_ACCEPT": "text/html"}
    return browser


ELSEWHERE = [
    {},
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site", "Origin": "http://localhost"},
    {"Origin": "http://evil.example"},
    {"Origin": "null", "Referer": "http://localhost/console"},
    {"Referer": "http://evil.example/localhost"},
    {"Origin": "http://["},
]
PRESENT_FOR = [
    {"Sec-Fetch-Site": "same-origin"},
    {"Origin": "http://localhost"},
    {"Referer": "http://localhost/console"},
]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out"])
def test_a_form_sent_from_another_site_changes_nothing(
    old_browser: FlaskClient, path: str, headers: dict[str, str]
) -> None:
    answer = forge(old_browser, path, {"token": CONSOLE_TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "For your security, nothing was changed." in answer.text


@pytest.mark.parametrize("headers", PRESENT_FOR, ids=str)
def test_a_form_of_our_own_is_taken(old_browser: FlaskClient, headers: dict[str, str]) -> None:
    answer = forge(old_browser, "/console/sign-in", {"token": CONSOLE_TOKEN}, headers=headers)
    assert answer.status_code == 303


# --- names and passwords

PASSWORD = "a lighthouse keeper's tea"


@pytest.fixture
def mara(container: Container, cheap_passwords: None) -> Account:
    return container.people.add(Account("Mara", Role.AGENT, passwords.hashed(PASSWORD)))


def sign_in(browser: FlaskClient, name: str = "Mara", password: str = PASSWORD) -> TestResponse:
    return filling.sign_in(browser, name=name, password=password)


@pytest.mark.parametrize("name", ["Mara", "mara", " MARA "])
def test_a_name_and_its_password_open_the_console(browser: FlaskClient, mara: Account, name: str) -> None:
    assert sign_in(browser, name).status_code == 303
    assert "Mara" in Page(browser.get("/console/oncall")).one("header").text


@pytest.mark.parametrize(("name", "password"), [("Mara", "wrong"), ("Nobody", PASSWORD), ("", ""), ("Mara", "")])
def test_a_wrong_name_and_a_wrong_password_get_the_same_answer(
    browser: FlaskClient, mara: Account, name: str, password: str
) -> None:
    page = Page(sign_in(browser, name, password))
    assert page.status == 403
    assert "The name or password is wrong." in page.text
    assert browser.get("/console").status_code == 302


def test_an_unknown_name_costs_as_much_work_as_a_known_one(
    browser: FlaskClient, container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    container.people.add(Account("Olu", Role.AGENT, passwords.hashed(PASSWORD)))
    tried = []
    monkeypatch.setattr("hashlib.scrypt", lambda _, **work: tried.append({**work, "salt": b""}) or bytes(32))
    for name in ("Olu", "Nobody"):
        sign_in(browser, name, "wrong")
    assert tried[0] == tried[1]


def test_who_signs_in_elsewhere_only_has_no_password_that_fits(browser: FlaskClient, container: Container) -> None:
    container.people.add(Account("Olu", Role.LEAD))
    assert sign_in(browser, "Olu", "").status_code == 403


def test_guessing_at_one_person_from_everywhere_is_slow(app: Flask, mara: Account, quick: None) -> None:
    everywhere = (a_browser(app) for _ in range(31))
    answers = []
    for number, browser in enumerate(everywhere):
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(sign_in(browser, "mara" if number % 2 else "Mara ", "guess").status_code)
    assert answers == [403] * 30 + [429]


def test_guesses_at_one_person_are_in_nobody_elses_way(app: Flask, mara: Account, quick: None) -> None:
    for number in range(31):
        browser = a_browser(app)
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        sign_in(browser, "Somebody", "guess")
    assert sign_in(a_browser(app)).status_code == 403


def test_no_stranger_keeps_an_agent_out_of_the_browser_that_they_use(
    app: Flask, browser: FlaskClient, mara: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    sign_in(browser)
    with monkeypatch.context() as quick:
        quick.setattr("hashlib.scrypt", lambda *_, **__: b"")
        for number in range(31):
            stranger = a_browser(app)
            stranger.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
            sign_in(stranger)
    assert sign_in(a_browser(app)).status_code == 429
    assert sign_in(browser).status_code == 303


@pytest.mark.parametrize("cookie", ["x", "WyJtYXJhIiwieCJd.x", ""])
def test_a_browser_is_not_known_by_its_own_word(app: Flask, mara: Account, quick: None, cookie: str) -> None:
    answers = []
    for number in range(31):
        browser = a_browser(app)
        browser.set_cookie("fallback_known", f"{cookie}{number}" if cookie else "", path="/console/sign-in")
        browser.environ_base["REMOTE_ADDR"] = f"192.0.2.{number}"
        answers.append(sign_in(browser).status_code)
    assert answers[-1] == 429


def test_many_who_try_at_once_leave_the_processor_to_the_customers(
    browser: FlaskClient, mara: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.web.console.access.sign_in._TRYING", BoundedSemaphore(1))
    answers: list[int] = []
    slow = passwords.matches

    def meanwhile_another(*given: str | None) -> bool:
        if not answers:
            answers.append(sign_in(a_browser(browser.application)).status_code)
        return slow(*given)

    monkeypatch.setattr(passwords, "matches", meanwhile_another)
    assert sign_in(browser).status_code == 303
    assert answers == [503]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """No password fits, and that costs nothing."""
    monkeypatch.setattr("hashlib.scrypt", lambda *_, **__: b"")


# --- sessions


def test_the_cookie_is_another_one_after_each_sign_in(browser: FlaskClient, mara: Account) -> None:
    cookies = []
    for _ in range(2):
        sign_in(browser)
        cookies.append(browser.get_cookie("fallback_session", path="/").value)
    assert len(set(cookies)) == 2


def test_signing_in_again_ends_the_session_before(app: Flask, browser: FlaskClient, mara: Account) -> None:
    sign_in(browser)
    thief = with_the_cookie_of(browser, app)
    sign_in(browser)
    assert thief.get("/console/oncall").status_code == 302


def test_signing_out_ends_it_for_every_copy_of_the_cookie(app: Flask, browser: FlaskClient, mara: Account) -> None:
    sign_in(browser)
    thief = with_the_cookie_of(browser, app)
    send(browser, Page(browser.get("/console")), "/sign-out")
    assert thief.get("/console/oncall").status_code == 302


def test_a_session_is_over_after_twelve_hours_however_busy_it_was(
    browser: FlaskClient, container: Container, mara: Account
) -> None:
    sign_in(browser)
    container.clock = lambda: NOW + timedelta(hours=11, minutes=59)
    assert browser.get("/console/oncall").status_code == 200
    container.clock = lambda: NOW + timedelta(hours=12)
    assert browser.get("/console/oncall").status_code == 302


def test_disabling_an_account_ends_its_session_at_the_next_request(
    browser: FlaskClient, container: Container, mara: Account
) -> None:
    sign_in(browser)
    container.people.change("mara", lambda account: replace(account, disabled=True))
    assert browser.get("/console/oncall").status_code == 302
    assert sign_in(browser).status_code == 403


def test_whose_role_changes_signs_in_again_with_the_new_one(
    browser: FlaskClient, container: Container, mara: Account
) -> None:
    sign_in(browser)
    container.people.change("Mara", lambda account: replace(account, role=Role.ONCALL))
    assert browser.get("/console/oncall").status_code == 302


def test_a_cookie_that_names_somebody_else_opens_nothing(browser: FlaskClient, mara: Account) -> None:
    sign_in(browser)
    with browser.session_transaction("/console") as session:
        session["visit"] = ["console", session["visit"][1]]
    assert browser.get("/console/oncall").status_code == 302


def with_the_cookie_of(browser: FlaskClient, app: Flask) -> FlaskClient:
    thief = a_browser(app)
    thief.set_cookie("fallback_session", browser.get_cookie("fallback_session", path="/").value, path="/")
    assert thief.get("/console/oncall").status_code == 200
    return thief
