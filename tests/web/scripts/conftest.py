"""Windows of a customer and of a colleague, in one browser."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from flask.testing import FlaskClient
from playwright.sync_api import Browser

from fallback.domain.support.accounts import Role
from tests.chromium import chromium
from tests.web.scripts.window import Window


@pytest.fixture(scope="package", name="chromium")
def one_chromium() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def window(chromium: Browser, browser: FlaskClient) -> Iterator[Window]:
    window = Window(chromium, browser)
    yield window
    window.page.context.close()
    assert window.complaints == []


@pytest.fixture
def desk(chromium: Browser, colleague: Callable[[str, Role], FlaskClient]) -> Iterator[Window]:
    """Mara's window."""
    window = Window(chromium, colleague("Mara", Role.AGENT))
    yield window
    window.page.context.close()
    assert window.complaints == []
