"""The browser of all tests that need one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from playwright.sync_api import Browser, Error, Page, sync_playwright

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


def pays_with_google(window: Page) -> None:
    """Press "Pay" in the sandbox's Google Pay window, which then closes itself.

    The window is often gone before the browser has confirmed the click (once in 25 times), which Playwright takes for
    an error. A click that failed for another reason closes nothing, and is found by the wait for that.
    """
    with window.expect_event("close"), suppress(Error):
        window.get_by_role("button", name="Pay", exact=True).click()
