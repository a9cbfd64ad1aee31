"""What stands in the way of people who read a page by other means, or on a small screen."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WCAG_2_2_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
AXE = Axe()


def barriers(page: Page) -> list[str]:
    """By day and by night."""
    found = _axe(page, WCAG_2_2_AA)
    page.emulate_media(color_scheme="dark")
    found += [f"dark: {violation}" for violation in _axe(page, ["color-contrast"])]
    page.emulate_media(color_scheme="light")
    wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*found, f"wider than the screen by {wider} pixels"] if wider > 0 else found


def _axe(page: Page, rules: list[str]) -> list[str]:
    report = AXE.run(page, options={"runOnly": rules, "resultTypes": ["violations"]}).response
    return [
        f"{violation['id']}: {node['failureSummary']} {node['html'][:200]}"
        for violation in report["violations"]
        for node in violation["nodes"]
    ]
