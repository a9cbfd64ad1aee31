"""Two texts of what reads the same: invisible characters, which are copied along with a text, and other spellings."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

# Characters without a form or width, and direction marks (Unicode, Default_Ignorable_Code_Point): soft hyphen,
# zero-width space, word joiner, byte order mark, fillers, tags. The joiners U+200C and U+200D and the variation
# selectors stay: some scripts and names are written with them.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e007f"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
# These are kept, but show nothing alone: joiners, marks without a letter, spaces, line breaks.
_SHOWS_NOTHING = frozenset({"Cf", "Mn", "Zs", "Zl", "Zp", "Cc"})
_BLANK = "\u2800"  # Braille: a character without a dot
# No text that is stored in a normal form is longer.
_PIECE = 256


def visible(text: str) -> str:
    """The visible text."""
    return text if text.isascii() else _INVISIBLE.sub("", text).strip()


def line(text: str) -> str:
    """The visible text in one line."""
    return " ".join(visible(text).split())


def normalized(form: Literal["NFC", "NFKC"], text: str) -> str:
    """In a normal form of Unicode (UAX 15), a long text piece by piece: Python sorts the marks of one letter in a time
    that grows with the square of their number, half a minute for the largest form that a browser may send.
    """
    if text.isascii() or len(text) <= _PIECE:
        return unicodedata.normalize(form, text)
    pieces = (text[begin : begin + _PIECE] for begin in range(0, len(text), _PIECE))
    return "".join(unicodedata.normalize(form, piece) for piece in pieces)


def keyboard_digits(text: str) -> str:
    """The text with 0 to 9 for digits of other scripts: an Arabic keyboard types its own."""
    return text if text.isascii() else "".join(str(unicodedata.decimal(sign, sign)) for sign in text)


def shows(text: str) -> bool:
    """Whether there is anything to see."""
    if text.isascii() and text.isprintable():
        return bool(text) and not text.isspace()
    return any(sign != _BLANK and unicodedata.category(sign) not in _SHOWS_NOTHING for sign in visible(text))
