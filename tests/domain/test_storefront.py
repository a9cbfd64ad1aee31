"""What is wrong with what a shop shows of itself, and what is missing; the colours: tests/domain/test_colours.py."""

from __future__ import annotations

import pytest

from fallback.domain.storefront import Storefront, problems_of


def test_the_pages_that_the_law_wants_are_asked_for_by_the_names_of_their_settings() -> None:
    some = Storefront(terms_url="https://shop.example/terms", returns_url="https://shop.example/returns")
    assert some.missing_pages() == ["FALLBACK_PRIVACY_URL", "FALLBACK_IMPRINT_URL"]


@pytest.mark.parametrize(
    ("colour", "problems"),
    [
        ("", []),
        ("#0b5c5a", []),
        ("blue", ["FALLBACK_SHOP_COLOUR: 'blue' is no colour; '#1f5fbf' is one."]),
        (
            "#ffcc00",
            [
                "FALLBACK_SHOP_COLOUR: #ffcc00 has a contrast of 1.40:1 to our pages, and text in it needs "
                "4.5:1 (WCAG 2.2, 1.4.3). Choose a darker shade, such as #8a6e00."
            ],
        ),
    ],
)
def test_a_colour_that_cannot_be_read_is_refused_with_the_nearest_one_that_can(
    colour: str, problems: list[str]
) -> None:
    assert list(problems_of(Storefront(shop_colour=colour), secure=True)) == problems
