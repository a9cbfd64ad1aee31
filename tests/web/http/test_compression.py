"""Pages and files are compressed where the browser takes it; pages of the console are not."""

from __future__ import annotations

from gzip import decompress

import pytest
from flask.testing import FlaskClient

from fallback.web.http.static_files import asset

GZIP = {"Accept-Encoding": "gzip, deflate, br"}


@pytest.mark.parametrize("path", ["/policy", asset("checkout.css"), "/failover.js", "/nowhere"])
def test_a_browser_that_takes_gzip_gets_it(browser: FlaskClient, path: str) -> None:
    plain = browser.get(path, headers={"Accept": "text/html"})
    packed = browser.get(path, headers=GZIP | {"Accept": "text/html"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert decompress(packed.data) == plain.data
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert {plain.headers["Vary"], packed.headers["Vary"]} == {"Accept-Encoding"}


@pytest.mark.parametrize("refusal", ["gzip;q=0", "br", "identity"])
def test_one_that_does_not_is_sent_the_page_as_it_is(browser: FlaskClient, refusal: str) -> None:
    assert "Content-Encoding" not in browser.get("/checkout", headers={"Accept-Encoding": refusal}).headers


def test_a_compressed_page_that_has_not_changed_is_not_sent_again(browser: FlaskClient) -> None:
    tag = browser.get("/policy", headers=GZIP).headers["ETag"]
    again = browser.get("/policy", headers=GZIP | {"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")


def test_a_page_of_the_console_is_not_compressed(agent: FlaskClient) -> None:
    assert "Content-Encoding" not in agent.get("/console/incidents", headers=GZIP).headers
