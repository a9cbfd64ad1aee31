"""What nobody sees and nobody types: it comes along when a text is copied, and makes two texts of what reads as one."""

from __future__ import annotations

# Zero-width space, word joiner, byte order mark, soft hyphen; and the marks of direction (Unicode, UAX #9). The joiners
# U+200C and U+200D stay: some scripts are written with them.
INVISIBLE = "\u00ad\u061c\u180e\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"
_WITHOUT = dict.fromkeys(map(ord, INVISIBLE))


def visible(text: str) -> str:
    """The text as it is seen."""
    return text if text.isascii() else text.translate(_WITHOUT).strip()
