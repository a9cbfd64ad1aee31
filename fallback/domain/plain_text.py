"""What nobody sees and nobody types: it comes along when a text is copied, and makes two texts of what reads as one."""

from __future__ import annotations

import re
import unicodedata

# What has neither a form nor a width, and the marks of direction (Unicode, Default_Ignorable_Code_Point): soft hyphen,
# zero-width space, word joiner, byte order mark, fillers, tags. The joiners U+200C and U+200D and the variation
# selectors stay: some scripts and names are written with them.
INVISIBLE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e007f"
)
_INVISIBLE = re.compile(f"[{INVISIBLE}]+")
# They are kept, and show nothing by themselves: joiners, marks on a letter that is not there, spaces, line breaks.
_SHOWS_NOTHING = frozenset({"Cf", "Mn", "Zs", "Zl", "Zp", "Cc"})
_BLANK = "\u2800"  # of Braille: a sign with no dot


def visible(text: str) -> str:
    """The text as it is seen."""
    return text if text.isascii() else _INVISIBLE.sub("", text).strip()


def line(text: str) -> str:
    """The text as it is seen in one line."""
    return " ".join(visible(text).split())


def shows(text: str) -> bool:
    """Whether there is anything to see."""
    return any(sign != _BLANK and unicodedata.category(sign) not in _SHOWS_NOTHING for sign in visible(text))
