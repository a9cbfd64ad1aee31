"""How a check ends that does not pass."""

from __future__ import annotations


class Trouble(Exception):
    """`seen`: what is wrong. `advice`: what to do about it."""

    def __init__(self, seen: str, advice: str) -> None:
        super().__init__(seen)
        self.seen = seen
        self.advice = advice


class Warned(Trouble):
    """Orders are taken without it, so the check does not fail; it should be put right all the same."""


class NotKnown(Exception):
    """The result is not known yet, and nothing needs to be done."""
