"""The second step of a sign-in with a password: set up, asked for, needed by a role, replaced, turned off."""

from __future__ import annotations

from datetime import datetime, timedelta

import pyotp
import pytest
from flask import Flask
from flask.testing import FlaskClient
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.support import passwords, second_step
from fallback.domain.support.accounts import Account, Role
from tests.web import filling
from tests.web.conftest import a_browser
from tests.web.filling import arrived, press, send
from tests.web.html import Page
from tests.web.world import NOW

PASSWORD = "a lighthouse keeper's tea"
STEP = timedelta(seconds=30)


class Phone:
    """An authenticator app that has scanned the picture of a page."""

    def __init__(self, page: Page) -> None:
        self.secret = page.one("code").text.replace(" ", "")
        link = next(each["href"] for each in page.all("a") if each["href"].startswith("otpauth:"))
        assert pyotp.parse_uri(link).secret == self.secret

    def code(self, now: datetime) -> str:
        return pyotp.TOTP(self.secret).at(now)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock(container: Container) -> Clock:
    clock = container.clock = Clock()
    return clock


@pytest.fixture
def mara(container: Container, cheap_passwords: None) -> Account:
    return container.people.add(Account("Mara", Role.AGENT, passwords.hashed(PASSWORD)))


def with_password(browser: FlaskClient, **typed: str) -> Page:
    return arrived(browser, filling.sign_in(browser, **({"name": "Mara", "password": PASSWORD} | typed)))


def with_code(browser: FlaskClient, code: str) -> Page:
    """Type a code into the page that asks for it."""
    return press(browser, Page(browser.get("/console/sign-in/code")), "/sign-in/code", code=code)


def is_in(browser: FlaskClient) -> bool:
    return browser.get("/console/oncall").status_code == 200


def sets_up(browser: FlaskClient, clock: Clock) -> tuple[Phone, list[str]]:
    """On their own page, after signing in with the password alone. Returns the recovery codes too."""
    with_password(browser)
    page = Page(browser.get("/console/account/set-up"))
    phone = Phone(page)
    shown = Page(send(browser, page, "/account/set-up", code=phone.code(clock.now)))
    assert shown.status == 200, shown.text
    clock.now += STEP
    return phone, [each.text for each in shown.all("code")]


def test_without_it_the_password_alone_signs_in(browser: FlaskClient, mara: Account) -> None:
    with_password(browser)
    assert is_in(browser)
    assert "It is off" in Page(browser.get("/console/account")).text


def test_after_it_is_set_up_the_password_alone_opens_nothing(app: Flask, mara: Account, clock: Clock) -> None:
    first = a_browser(app)
    phone, codes = sets_up(first, clock)
    assert is_in(first)
    assert len(codes) == 10
    browser = a_browser(app)
    assert "Code from your authenticator app" in with_password(browser).text
    assert not is_in(browser)
    with_code(browser, phone.code(clock.now))
    assert is_in(browser)


def test_the_page_that_was_wanted_is_shown_after_the_code(app: Flask, mara: Account, clock: Clock) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    page = Page(browser.get("/console/sign-in?next=/console/oncall"))
    send(browser, page, "/console/sign-in", name="Mara", password=PASSWORD)
    asked = Page(browser.get("/console/sign-in/code"))
    assert send(browser, asked, "/sign-in/code", code=phone.code(clock.now)).headers["Location"] == "/console/oncall"


def test_a_wrong_code_does_not_set_it_up(browser: FlaskClient, mara: Account, container: Container) -> None:
    with_password(browser)
    page = Page(browser.get("/console/account/set-up"))
    phone = Phone(page)
    again = Page(send(browser, page, "/account/set-up", code="000000"))
    assert again.status == 403
    assert Phone(again).secret == phone.secret
    assert container.people.find("Mara").totp is None


def test_a_code_opens_once(app: Flask, mara: Account, clock: Clock) -> None:
    """Whoever looked over the shoulder has the password and this code."""
    phone, _ = sets_up(a_browser(app), clock)
    code = phone.code(clock.now)
    browser, other = a_browser(app), a_browser(app)
    for each in (browser, other):
        with_password(each)
    with_code(browser, code)
    assert "wrong or was used before" in with_code(other, code).text
    assert (is_in(browser), is_in(other)) == (True, False)


def test_the_code_that_set_it_up_opens_nothing_more(app: Flask, mara: Account, clock: Clock) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser)
    with_code(browser, phone.code(clock.now - STEP))
    assert not is_in(browser)


def test_after_five_wrong_codes_the_right_one_is_refused_too(app: Flask, mara: Account, clock: Clock) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser)
    words = [with_code(browser, f"00000{number}").text for number in range(5)]
    assert all("wrong or was used before" in word for word in words)
    assert "too many wrong codes" in with_code(browser, phone.code(clock.now)).text
    assert not is_in(browser)


def test_who_does_not_know_the_password_is_asked_for_no_code(app: Flask, mara: Account, clock: Clock) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser, password="wrong")
    assert browser.get("/console/sign-in/code").headers["Location"].endswith("/console/sign-in")
    fields = {"code": phone.code(clock.now)}
    assert filling.forge(browser, "/console/sign-in/code", fields).headers["Location"].endswith("/console/sign-in")
    assert not is_in(browser)


def test_the_door_between_the_steps_closes_after_a_while(app: Flask, mara: Account, clock: Clock) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser)
    clock.now += timedelta(minutes=15, seconds=1)
    filling.forge(browser, "/console/sign-in/code", {"code": phone.code(clock.now)})
    assert not is_in(browser)


def test_who_was_disabled_between_the_steps_stays_out(
    app: Flask, mara: Account, clock: Clock, container: Container
) -> None:
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser)
    container.people.change("Mara", lambda account: replace(account, disabled=True))
    filling.forge(browser, "/console/sign-in/code", {"code": phone.code(clock.now)})
    assert not is_in(browser)


def test_who_knew_the_password_before_sets_up_no_second_step_after_it_was_replaced(
    app: Flask, mara: Account, clock: Clock, container: Container
) -> None:
    needs_it(container, Role.AGENT)
    thief = a_browser(app)
    phone = Phone(with_password(thief))
    new = passwords.hashed("another cup of tea")
    container.people.change("Mara", lambda account: replace(account, password=new))
    filling.forge(thief, "/console/sign-in/set-up", {"code": phone.code(clock.now)})
    assert (is_in(thief), container.people.find("Mara").totp) == (False, None)


def test_a_recovery_code_opens_once_and_the_page_says_how_many_are_left(
    app: Flask, mara: Account, clock: Clock
) -> None:
    _, codes = sets_up(a_browser(app), clock)
    browser, other = a_browser(app), a_browser(app)
    for each in (browser, other):
        with_password(each)
    with_code(browser, codes[0])
    assert "Recovery codes left: 9." in Page(browser.get("/console/account")).text
    with_code(other, codes[0])
    assert (is_in(browser), is_in(other)) == (True, False)


def test_it_is_turned_off_with_a_code_and_not_without(app: Flask, mara: Account, clock: Clock) -> None:
    browser = a_browser(app)
    phone, _ = sets_up(browser, clock)
    page = Page(browser.get("/console/account"))
    assert "wrong or was used before" in Page(send(browser, page, "/turn-off", code="000000")).text
    assert "It is off" in press(browser, page, "/turn-off", code=phone.code(clock.now)).text
    fresh = a_browser(app)
    with_password(fresh)
    assert is_in(fresh)


# --- roles that need it


def needs_it(container: Container, *roles: Role) -> None:
    container.config = replace(container.config, fallback_totp_roles=roles)


def test_a_role_that_needs_it_sets_it_up_before_anything_else(
    app: Flask, mara: Account, container: Container, clock: Clock
) -> None:
    needs_it(container, Role.AGENT)
    browser = a_browser(app)
    page = with_password(browser)
    assert "Your role needs a second step" in page.text
    assert not is_in(browser)
    phone = Phone(page)
    shown = Page(send(browser, page, "/sign-in/set-up", code=phone.code(clock.now)))
    assert len(shown.all("code")) == 10
    assert is_in(browser)
    account = Page(browser.get("/console/account"))
    assert "cannot be turned off" in account.text
    filling.forge(browser, "/console/account/turn-off", {"code": phone.code(clock.now + STEP)})
    assert container.people.find("Mara").totp == phone.secret


def test_other_roles_do_not_need_it(app: Flask, mara: Account, container: Container) -> None:
    needs_it(container, Role.ADMIN)
    browser = a_browser(app)
    with_password(browser)
    assert is_in(browser)


def test_nobody_sets_it_up_for_another_who_has_it(
    app: Flask, mara: Account, container: Container, clock: Clock
) -> None:
    """A password that leaked is not enough to replace the phone."""
    phone, _ = sets_up(a_browser(app), clock)
    browser = a_browser(app)
    with_password(browser)
    assert browser.get("/console/sign-in/set-up").headers["Location"].endswith("/console/sign-in")
    filling.forge(browser, "/console/sign-in/set-up", {"code": "000000"})
    assert container.people.find("Mara").totp == phone.secret


def test_the_holder_of_the_token_has_no_account(browser: FlaskClient) -> None:
    filling.sign_in(browser)
    assert "has no account" in Page(browser.get("/console/account")).text
    assert browser.get("/console/account/set-up").status_code == 303


# --- old hashes


def test_an_old_hash_is_replaced_at_the_next_sign_in(
    browser: FlaskClient, container: Container, cheap_passwords: None
) -> None:
    old = "scrypt$16$8$5$MDEyMzQ1Njc4OWFiY2RlZg==$NH8c7J+LsEzYbM5/gspVj/WV/JFwEXSPamBVN/liNN0="
    container.people.add(Account("Mara", Role.AGENT, old))
    with_password(browser, password="wrong")
    assert container.people.find("Mara").password == old
    with_password(browser)
    assert is_in(browser)
    kept = container.people.find("Mara").password
    assert kept.startswith("scrypt:16:8:5$")
    assert passwords.matches(PASSWORD, kept)
    send(browser, Page(browser.get("/console/account")), "/sign-out")
    with_password(browser)
    assert container.people.find("Mara").password == kept


def test_digests_and_not_codes_are_kept(app: Flask, mara: Account, clock: Clock, container: Container) -> None:
    _, codes = sets_up(a_browser(app), clock)
    account = container.people.find("Mara")
    assert account.recovery == tuple(map(second_step.digest, codes))
    assert not set(codes) & set(account.recovery)


def test_a_password_that_is_replaced_during_a_sign_in_stays_replaced(
    browser: FlaskClient, container: Container, mara: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "METHOD", "scrypt:32:8:5")
    hashed, other = passwords.hashed, passwords.hashed("another lighthouse's tea")

    def meanwhile(password: str) -> str:
        container.people.change("Mara", lambda now: replace(now, password=other))
        return hashed(password)

    monkeypatch.setattr(passwords, "hashed", meanwhile)
    with_password(browser)
    kept = container.people.find("Mara")
    assert kept
    assert (kept.password == other, is_in(browser)) == (True, False)
