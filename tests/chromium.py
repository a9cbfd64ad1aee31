"""The browser of all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.programs import program

# Chromium without its windows: the same engine for two thirds of the work.
PROGRAM = "chromium-headless-shell"


@contextmanager
def chromium() -> Iterator[Browser]:
    options = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(PROGRAM), args=options)
        yield browser
        browser.close()
