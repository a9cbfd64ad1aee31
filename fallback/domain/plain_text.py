"""What nobody sees and nobody types: it comes along when a text is copied, and makes two texts of what reads as one."""

from __future__ import annotations

# Zero-width space, word joiner, byte order mark, soft hyphen; and the marks of direction (Unicode, UAX #9). The joiners
# U+200C and U+200D stay: some scripts are written with them.
_INVISIBLE = dict.fromkeys(
    (0x00AD, 0x061C, 0x180E, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
)


def visible(text: str) -> str:
    """The text as it is seen."""
    return text if text.isascii() else text.translate(_INVISIBLE).strip()
