"""What a shop shows of itself on customers' pages and in mails to them: its name, the law's pages, what it grants."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Annotated

from msgspec import Meta, Struct

from fallback.domain import colours
from fallback.domain.texts import N_
from fallback.domain.urls import fault_of

# What the pages are called, in the order of the footer.
LEGAL_PAGES = {
    "terms_url": N_("Terms and conditions"),
    "privacy_url": N_("Privacy policy"),
    "returns_url": N_("Returns"),
    "imprint_url": N_("Imprint"),
}


# What links and buttons stand on, as in web/static/checkout.css: the page and a note, by day and at night.
DAY = ("#f6f7f9", "#fff6e0")
NIGHT = ("#1b212a", "#2e2813")


def _setting(name: str) -> str:
    return f"fallback_{name}"


class Storefront(Struct, frozen=True, kw_only=True, rename=_setting):
    """Every field is a setting, by its name in the environment after `FALLBACK_`. An empty one is not shown.

    `customer_languages`: those to choose from, the first for whom none of them fits; none: all that there are.
    `withdrawal_days`: for how long after the delivery a customer may withdraw from the contract; 0: not here.
    """

    shop_name: str = ""
    shop_url: str = ""
    basket_url: str = ""
    shop_logo: str = ""
    shop_colour: str = ""
    shop_email: str = ""
    shop_phone: str = ""
    terms_url: str = ""
    privacy_url: str = ""
    returns_url: str = ""
    imprint_url: str = ""
    customer_languages: tuple[str, ...] = ()
    withdrawal_days: Annotated[int, Meta(ge=0, le=365)] = 14

    @property
    def on_colour(self) -> str:
        return colours.on(self.shop_colour)

    def style(self) -> str:
        """The style sheet that gives pages the colour: by day as it is, at night a shade that can be read there."""
        night = colours.toward(self.shop_colour, colours.WHITE, NIGHT)
        return (
            f":root{{--accent:{self.shop_colour};--on-accent:{self.on_colour}}}\n"
            f"@media(prefers-color-scheme:dark){{:root{{--accent:{night};--on-accent:{colours.on(night)}}}}}\n"
        )

    def legal_pages(self, wanted: Collection[str] = LEGAL_PAGES) -> list[tuple[str, str]]:
        """Names, to be translated, and URLs of those that are set. `wanted`: keys of LEGAL_PAGES."""
        return [(text, url) for name, text in LEGAL_PAGES.items() if name in wanted and (url := getattr(self, name))]

    def missing_pages(self) -> list[str]:
        """The settings of those that are not set."""
        return [_setting(name).upper() for name in LEGAL_PAGES if not getattr(self, name)]


def problems_of(storefront: Storefront, secure: bool) -> Iterator[str]:
    """What is wrong with the settings, one sentence for each. `secure`: customers use https."""
    for name in (*LEGAL_PAGES, "shop_url", "basket_url", "shop_logo"):
        if (url := getattr(storefront, name)) and (fault := fault_of(url)):
            yield f"{_setting(name).upper()} {fault}."
    if secure and storefront.shop_logo.lower().startswith("http:"):
        yield "FALLBACK_SHOP_LOGO is not an https URL: browsers do not load it on our pages."
    if storefront.shop_email and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", storefront.shop_email):
        yield "FALLBACK_SHOP_EMAIL is not an e-mail address."
    yield from _problems_of_colour(storefront.shop_colour)


def _problems_of_colour(colour: str) -> Iterator[str]:
    if not colour:
        return
    if not colours.is_colour(colour):
        yield f"FALLBACK_SHOP_COLOUR: {colour!r} is no colour; '#1f5fbf' is one."
    elif (measured := colours.least_contrast(colour, DAY)) < colours.READABLE:
        yield (
            f"FALLBACK_SHOP_COLOUR: {colour} has a contrast of {measured:.2f}:1 to our pages, and text in it needs "
            f"{colours.READABLE}:1 (WCAG 2.2, 1.4.3). Choose a darker shade, such as "
            f"{colours.toward(colour, colours.BLACK, DAY)}."
        )
