"""What a shop shows of itself on customers' pages and in mails to them: its name, the law's pages, what it grants."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated
from urllib.parse import urlsplit

from msgspec import Meta, Struct

from fallback.domain.texts import N_

# What the pages are called, in the order of the footer.
LEGAL_PAGES = {
    "terms_url": N_("Terms and conditions"),
    "privacy_url": N_("Privacy policy"),
    "returns_url": N_("Returns"),
    "imprint_url": N_("Imprint"),
}


def _setting(name: str) -> str:
    return f"fallback_{name}"


class Storefront(Struct, frozen=True, kw_only=True, rename=_setting):
    """Every field is a setting, by its name in the environment after `FALLBACK_`. An empty one is not shown.

    `withdrawal_days`: for how long after the delivery a customer may withdraw from the contract; 0: not here.
    """

    shop_name: str = ""
    shop_url: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    returns_url: str = ""
    imprint_url: str = ""
    withdrawal_days: Annotated[int, Meta(ge=0, le=365)] = 14

    def legal_pages(self, wanted: Collection[str] = LEGAL_PAGES) -> list[tuple[str, str]]:
        """Names, to be translated, and URLs of those that are set. `wanted`: keys of LEGAL_PAGES."""
        return [(text, url) for name, text in LEGAL_PAGES.items() if name in wanted and (url := getattr(self, name))]

    def missing_pages(self) -> list[str]:
        """The settings of those that are not set."""
        return [_setting(name).upper() for name in LEGAL_PAGES if not getattr(self, name)]


def problems_of(storefront: Storefront) -> Iterator[str]:
    """What is wrong with the settings, one sentence for each."""
    for name in LEGAL_PAGES:
        url = urlsplit(getattr(storefront, name))
        if getattr(storefront, name) and (url.scheme not in ("http", "https") or not url.netloc):
            yield f"{_setting(name).upper()} is not an http or https URL."
