"""Card numbers never belong in a text field, but people paste them into names, notes and phone fields.

A card number is a run of digits, perhaps in groups, that has the length and the first digits of a card scheme and the
right check digit (ISO/IEC 7812-1, annex B). Lengths and first digits: https://en.wikipedia.org/wiki/Payment_card_number
"""

from __future__ import annotations

import re
from itertools import accumulate

from fallback.domain import phones
from fallback.domain.plain_text import keyboard_digits, normalized

# First digits (a range of prefixes of one length), and how long the numbers are.
_SCHEMES: tuple[tuple[range, frozenset[int]], ...] = (
    (range(4, 5), frozenset({13, 16, 19})),  # Visa
    (range(51, 56), frozenset({16})),  # Mastercard
    (range(2221, 2721), frozenset({16})),  # Mastercard
    (range(34, 35), frozenset({15})),  # American Express
    (range(37, 38), frozenset({15})),  # American Express
    (range(300, 306), frozenset({14, 16})),  # Diners Club
    (range(36, 37), frozenset({14, 16, 19})),  # Diners Club
    (range(38, 40), frozenset({14, 16})),  # Diners Club
    (range(3528, 3590), frozenset({16, 17, 18, 19})),  # JCB
    (range(50, 51), frozenset(range(13, 20))),  # Maestro
    (range(56, 59), frozenset(range(13, 20))),  # Maestro
    (range(60, 61), frozenset({16, 17, 18, 19})),  # Discover, RuPay
    (range(62, 63), frozenset({16, 17, 18, 19})),  # UnionPay
    (range(63, 64), frozenset(range(13, 20))),  # Maestro
    (range(64, 66), frozenset({16, 17, 18, 19})),  # Discover
    (range(66, 70), frozenset(range(13, 20))),  # Maestro
)
# At least as many digits as the shortest card number has, in groups with at most a few characters in between. Looked
# for only where a run of digits begins, which is where it would be found.
_GROUPS = re.compile(r"(?<!\d)\d(?:[\W_]{0,3}\d){12,}")
# In ASCII, without all that may stand between digits: a quicker glance, and never a blinder one.
_BETWEEN = bytes(code for code in range(128) if not chr(code).isalnum())
_MANY_DIGITS = re.compile(rb"\d{13}")
# Phone numbers have up to 15 digits after the plus or zero that they begin with (ITU-T E.164).
_PHONE = re.compile(r"[+0]\d{0,15}")
SHORTEST, LONGEST = 13, 19
_BEGINNINGS = {
    many: {str(each) for prefixes, lengths in _SCHEMES if many in lengths for each in prefixes}
    for many in range(SHORTEST, LONGEST + 1)
}
# A longer phone number without its plus may as well be a card of Diners Club or American Express.
LONGEST_PHONE = 13
_DOUBLED = (0, 2, 4, 6, 8, 1, 3, 5, 7, 9)


def may_hold_card_number(text: str) -> bool:
    """False if no part of the text can look like a card number."""
    if text.isascii():
        return bool(_MANY_DIGITS.search(text.encode().translate(None, _BETWEEN)))
    return bool(_GROUPS.search(normalized("NFKC", text)))


def looks_like_card_number(text: str) -> bool:
    """Whether the text contains a card number. A phone number with its plus sign or leading zero is none."""
    # Full-width and other digits are read as the plain digits that a person would type from them.
    plain = normalized("NFKC", text)
    return any(_holds_card(plain, match) for match in _GROUPS.finditer(plain))


def is_card_in_phone_field(text: str) -> bool:
    """In a phone field, a valid phone number does not count as a card number."""
    return looks_like_card_number(text) and not phones.is_number(phones.digits(phones.plain(text)))


def _holds_card(text: str, match: re.Match[str]) -> bool:
    groups = re.findall(r"\d+", match[0])
    digits = keyboard_digits("".join(groups))
    plus = "+" if text.endswith("+", 0, match.start()) else ""
    if _PHONE.fullmatch(plus + digits):
        return False
    return any(_is_card(digits[start:end]) for start, end in _runs(groups))


def _runs(groups: list[str]) -> list[tuple[int, int]]:
    """Where neighbouring groups begin and end that together have as many digits as a card."""
    edges = {0, *accumulate(map(len, groups))}
    runs = [(end - many, end) for end in edges for many in _BEGINNINGS]
    return [run for run in runs if run[0] in edges]


def _is_card(digits: str) -> bool:
    """One in ten German mobile numbers, with the country code, has the length and check digit of an old Visa card."""
    is_one = _has_scheme(digits) and _has_check_digit(digits)
    return is_one and not (len(digits) <= LONGEST_PHONE and phones.is_number(digits))


def _has_scheme(digits: str) -> bool:
    return any(digits[:many] in _BEGINNINGS[len(digits)] for many in (1, 2, 3, 4))


def _has_check_digit(digits: str) -> bool:
    values = [int(digit) for digit in reversed(digits)]
    return (sum(values[::2]) + sum(_DOUBLED[value] for value in values[1::2])) % 10 == 0
