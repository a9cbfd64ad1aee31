"""What stands in the way of people who read a page by other means, or on a small screen."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG_2_2_AA = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"], "resultTypes": ["violations"]}
# What depends on how wide the page is: all else has been looked at in the same document.
OF_SIZE = {"runOnly": ["target-size", "scrollable-region-focusable"], "resultTypes": ["violations"]}
CONTRAST = {"runOnly": ["color-contrast"], "resultTypes": ["violations"]}
AXE = Axe()
RUN = "rules => axe.run(rules)"


def barriers(page: Page) -> list[str]:
    """By day and by night."""
    found = _told(AXE.run(page, options=WCAG_2_2_AA).response)
    page.emulate_media(color_scheme="dark")
    # The script is on the page by now, and loading it is most of the time that this takes.
    found += [f"dark: {violation}" for violation in _told(page.evaluate(RUN, CONTRAST))]
    page.emulate_media(color_scheme="light")
    return found + overflow(page)


def barriers_at_another_size(page: Page) -> list[str]:
    """Of a page that was looked at before."""
    return _told(page.evaluate(RUN, OF_SIZE)) + overflow(page)


def overflow(page: Page) -> list[str]:
    wider: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"wider than the screen by {wider} pixels"] if wider > 0 else []


def _told(report: dict[str, Any]) -> list[str]:
    return [
        f"{violation['id']}: {node['failureSummary']} {node['html'][:200]}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
