"""Contrasts as WCAG 2.2 counts them, and the nearest shade that can be read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fallback.domain import colours
from fallback.domain.storefront import DAY, NIGHT, Storefront

STYLE = (Path(__file__).parents[2] / "fallback/web/static/checkout.css").read_text()


@pytest.mark.parametrize("text", ["#1f5fbf", "#ABCDEF", "#000000"])
def test_six_digits_after_a_number_sign_are_a_colour(text: str) -> None:
    assert colours.is_colour(text)


@pytest.mark.parametrize("text", ["", "1f5fbf", "#1f5fb", "#1f5fbf0", "#1f5fbg", "blue", "#1f5fbf\n"])
def test_nothing_else_is_one(text: str) -> None:
    assert not colours.is_colour(text)


@pytest.mark.parametrize(
    ("colour", "other", "ratio"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
        ("#abcdef", "#ABCDEF", 1),
        ("#0a0a0a", "#ffffff", 19.80),
    ],
)
def test_the_ratio_is_that_of_the_standard(colour: str, other: str, ratio: float) -> None:
    assert round(colours.contrast(colour, other), 2) == ratio


@pytest.mark.parametrize("colour", ["#ffcc00", "#777777", "#0b5c5a", "#ffffff", "#000000"])
def test_text_on_a_colour_can_always_be_read(colour: str) -> None:
    assert colours.contrast(colours.on(colour), colour) >= colours.READABLE


@pytest.mark.parametrize("colour", ["#ffcc00", "#0b5c5a", "#000000"])
def test_the_shade_at_night_can_be_read_there(colour: str) -> None:
    assert colours.least_contrast(colours.toward(colour, colours.WHITE, NIGHT), NIGHT) >= colours.READABLE


@pytest.mark.parametrize(
    ("colour", "end", "grounds", "shade"),
    [
        ("#0b5c5a", colours.WHITE, NIGHT, "#659897"),
        ("#ffcc00", colours.BLACK, DAY, "#8a6e00"),
        ("#757575", colours.WHITE, ("#757575",), "#fefefe"),  # the last one before the end
        ("#777777", colours.WHITE, ("#ffffff",), "#ffffff"),  # there is none
    ],
)
def test_it_is_the_nearest_one_on_the_way(colour: str, end: str, grounds: tuple[str, ...], shade: str) -> None:
    assert colours.toward(colour, end, grounds) == shade


def test_the_nearest_shade_is_the_colour_itself_where_that_can_be_read() -> None:
    assert colours.toward("#0b5c5a", colours.BLACK, DAY) == "#0b5c5a"


def test_the_grounds_are_those_of_the_style_sheet() -> None:
    day, night = (dict(re.findall(r"--(ground|panel|note): (#\w+)", part)) for part in STYLE.split("@media", 2)[:2])
    assert (day["ground"], day["note"]) == DAY
    assert (night["panel"], night["note"]) == NIGHT


def test_the_style_has_a_colour_for_day_and_one_for_night() -> None:
    assert Storefront(shop_colour="#0b5c5a").style().startswith(":root{--accent:#0b5c5a;--on-accent:#ffffff}\n@media")
