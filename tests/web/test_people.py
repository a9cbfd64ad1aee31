"""Who gets into the console, from where, and for how long."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.world import CONSOLE_TOKEN

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
]
HERE = [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Referer": "http://localhost/console"}]


@pytest.mark.parametrize("headers", ELSEWHERE, ids=str)
@pytest.mark.parametrize("path", ["/console/sign-in", "/console/sign-out"])
def test_a_form_of_another_site_does_nothing(old_browser: FlaskClient, path: str, headers: dict[str, str]) -> None:
    answer = old_browser.post(path, data={"token": CONSOLE_TOKEN}, headers=headers)
    assert answer.status_code == 403
    assert "For your safety nothing was done." in answer.text


@pytest.mark.parametrize("headers", HERE, ids=str)
def test_a_form_of_our_own_is_taken(old_browser: FlaskClient, headers: dict[str, str]) -> None:
    answer = old_browser.post("/console/sign-in", data={"token": CONSOLE_TOKEN}, headers=headers)
    assert answer.status_code == 303
