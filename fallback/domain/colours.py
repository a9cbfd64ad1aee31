"""Colours as '#rrggbb', and whether text in one can be read on another (WCAG 2.2, success criterion 1.4.3)."""

from __future__ import annotations

import re
from collections.abc import Iterable

READABLE = 4.5
BLACK, WHITE = "#000000", "#ffffff"
STEPS = 100


def is_colour(text: str) -> bool:
    return bool(re.fullmatch(r"#[0-9a-fA-F]{6}", text))


def contrast(colour: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white): https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    lighter, darker = sorted((_luminance(colour), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def least_contrast(colour: str, grounds: Iterable[str]) -> float:
    return min(contrast(colour, ground) for ground in grounds)


def on(colour: str) -> str:
    """The text that is read best on it: black or white. One of them always reaches READABLE."""
    return max(BLACK, WHITE, key=lambda text: contrast(text, colour))


def toward(colour: str, end: str, grounds: tuple[str, ...]) -> str:
    """The nearest shade on the way to `end` (black or white) that can be read on all these grounds."""
    shades = (_mixed(colour, end, step / STEPS) for step in range(STEPS + 1))
    return next((shade for shade in shades if least_contrast(shade, grounds) >= READABLE), end)


def _luminance(colour: str) -> float:
    red, green, blue = (_linear(part / 255) for part in _parts(colour))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


def _parts(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _mixed(colour: str, end: str, share: float) -> str:
    parts = zip(_parts(colour), _parts(end), strict=True)
    return "#" + "".join(f"{round(part + (last - part) * share):02x}" for part, last in parts)
