"""Runbooks open as pages, for whoever may look at the console."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.domain.oncall.alerts import RUNBOOKS
from fallback.web.console.oncall.runbooks import PAGES, address
from tests.web.html import Page


@pytest.mark.parametrize("name", sorted(PAGES))
def test_each_runbook_is_a_page_whose_links_lead_on(agent: FlaskClient, name: str) -> None:
    page = Page(agent.get(address(name)))
    assert (page.status, len(page.all("h1"))) == (200, 1)
    for link in page.all("a"):
        assert not link["href"].endswith(".md")
        if link["href"].startswith("/console/runbooks/"):
            assert agent.get(link["href"]).status_code == 200


def test_a_command_stands_as_it_is_typed(agent: FlaskClient) -> None:
    commands = [code.text for code in Page(agent.get(address("fail-over"))).all("code")]
    assert "fallback mode" in commands


def test_every_alert_has_a_runbook_here() -> None:
    assert set(RUNBOOKS.values()) <= PAGES.keys()


def test_another_name_is_not_found(agent: FlaskClient) -> None:
    assert agent.get(address("nothing")).status_code == 404
