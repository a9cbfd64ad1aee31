"""Phone numbers as people write them (ITU-T E.164, by Google's libphonenumber): one number has many spellings."""

from __future__ import annotations

import unicodedata
from contextlib import suppress

import phonenumbers
from phonenumbers import MatchType, NumberParseException, PhoneNumberFormat, PhoneNumberType

from fallback.domain.plain_text import keyboard_digits, normalized

# This many last digits are the same in every spelling: the shortest numbers have them without the country code.
LAST = 6
# Numbers that may belong to a mobile phone: in some countries nobody can tell.
_MOBILE = frozenset({PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE})
_SAME = frozenset({MatchType.EXACT_MATCH, MatchType.NSN_MATCH})


def plain(text: str) -> str:
    """The text with the dashes, spaces and digits of a keyboard instead of similar signs."""
    if text.isascii():
        return text
    spelled = keyboard_digits(normalized("NFKC", text))
    return "".join("-" if unicodedata.category(sign) == "Pd" else sign for sign in spelled)


def last_digits(phone: str) -> str:
    return digits(phone)[-LAST:]


def digits(phone: str) -> str:
    return "".join(filter(str.isdigit, phone))


def dialled(phone: str) -> str:
    """As the link that dials it (RFC 3966), with the digits of this spelling."""
    return f"tel:{'+' if plain(phone).lstrip().startswith('+') else ''}{digits(plain(phone))}"


def country(number: str) -> str:
    """Of a number in E.164, by ISO 3166-1 alpha-2; empty if it is of none."""
    with suppress(NumberParseException):
        return str(phonenumbers.region_code_for_number(phonenumbers.parse(number)) or "")
    return ""


def is_country(code: str) -> bool:
    """Whether it has phone numbers."""
    return code in phonenumbers.SUPPORTED_REGIONS


def same(known: str, region: str, asked: str) -> bool:
    """Whether `asked`, in any spelling, is the number `known` of a person in this country (ISO 3166-1 alpha-2)."""
    if digits(known) == digits(asked):
        return True
    for one in _readings(known):
        with suppress(NumberParseException):
            number = phonenumbers.parse(one, region or None)
            if any(phonenumbers.is_number_match(number, other) in _SAME for other in _readings(asked)):
                return True
    return False


def mobile(phone: str, region: str) -> str:
    """The number of a mobile phone in E.164, as '+447400123456', of a person in this country; empty if it is none."""
    for one in _readings(phone):
        with suppress(NumberParseException):
            number = phonenumbers.parse(one, region or None)
            if phonenumbers.is_valid_number(number) and phonenumbers.number_type(number) in _MOBILE:
                return phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return ""


def _readings(phone: str) -> list[str]:
    """As written; and with a plus, for people who omit it before the country code."""
    international = digits(phone)
    return [phone, f"+{international}"] if is_number(international) else [phone]


def is_number(international: str) -> bool:
    """Whether these digits, with the country code first, are a number that the country assigns."""
    with suppress(NumberParseException):
        return phonenumbers.is_valid_number(phonenumbers.parse(f"+{international}"))
    return False
