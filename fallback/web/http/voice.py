"""The language of one reader: texts in their language, numbers and dates in the format of their region."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache

from babel import Locale, UnknownLocaleError
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from fallback import i18n
from fallback.domain.money import Money
from fallback.domain.order.cart import Slot
from fallback.domain.texts import N_ as N_

# Characters of Accept-Language that are read: about as many as browsers send. Each tag takes a tenth of a millisecond.
LONGEST_WANTED = 200


@dataclass(frozen=True)
class Voice:
    """`locale`: as in an order, such as 'en' or 'de-AT'. `zone`: the time zone of formatted times."""

    locale: str
    zone: tzinfo = UTC

    @property
    def language(self) -> str:
        return i18n.language_of(self.locale)

    @property
    def lang(self) -> str:
        """The language of a page's texts, with the reader's region where we have their language (BCP 47)."""
        return self.locale if self.locale.startswith(self.language) else self.language

    @property
    def region(self) -> str:
        """ISO 3166-1 alpha-2, or empty."""
        return self.locale.partition("-")[2]

    def say(self, text: str, **values: str | int) -> Markup:
        """Returns HTML. Values are escaped, except those of `moment`."""
        return self._filled(i18n.translations(self.language).gettext(text), values)

    def ngettext(self, one: str, many: str, number: int, **values: str | int) -> Markup:
        """As `say`, in the form that the language has for this number, which is `count` in the text."""
        text = i18n.translations(self.language).ngettext(one, many, number)
        return self._filled(text, {"count": number} | values)

    def _filled(self, text: str, values: Mapping[str, str | int]) -> Markup:
        return Markup(text) % i18n.localized(values, self.locale)  # noqa: S704 - our own texts

    def translated(self, text: str) -> str:
        """A text without values, which is not HTML: a sentence that a shop may have written."""
        return i18n.translations(self.language).gettext(text)

    def sentence(self, text: str, **values: str | int) -> Markup:
        """As `say`, with a capital: names of people and desks may begin with a small letter."""
        said = self.say(text, **values)
        return said[:1].upper() + said[1:]

    def money(self, amount: int, currency: str) -> str:
        """`amount` in minor units."""
        return i18n.money(Money(amount, currency), self.locale)

    def moment(self, at: datetime) -> Markup:
        """An element with the time in our zone; on customer pages a script converts it to the customer's zone."""
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), i18n.moment(at, self.locale, self.zone))

    def age(self, at: datetime, now: datetime) -> Markup:
        """How long ago, in short. The time itself is in the element, for a pointer and for programs."""
        element = Markup('<time datetime="{}" title="{}">{}</time>')
        return element.format(at.isoformat(), i18n.moment(at, self.locale, self.zone), self.duration(now - at))

    def duration(self, time: timedelta) -> str:
        return i18n.duration(time, self.locale)

    def second(self, at: datetime) -> Markup:
        """A time with seconds, for engineers who compare it with a log."""
        there = at.astimezone(self.zone)
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(), f"{there:%H:%M:%S %Z}")

    def slot(self, slot: Slot) -> str:
        return i18n.slot(slot, self.locale, self.zone)

    def countries(self) -> list[tuple[str, str]]:
        """Codes (ISO 3166-1 alpha-2) and names of all countries, by name."""
        return _countries(self.language)


# Codes that CLDR has for unions, pseudo locales and parts of countries: no address has one of these.
_NO_COUNTRY = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])


@cache
def _countries(language: str) -> list[tuple[str, str]]:
    names = Locale(language).territories.items()
    found = [(code, name) for code, name in names if code.isalpha() and len(code) == 2 and code not in _NO_COUNTRY]
    return sorted(found, key=lambda pair: unicodedata.normalize("NFKD", pair[1]).encode("ascii", "ignore"))


def asked_for(header: str) -> list[str]:
    """The locales of an Accept-Language header, most wanted first (RFC 9110, 12.5.4)."""
    return list(parse_accept_header(header[:LONGEST_WANTED], LanguageAccept).values())


def hear(wanted: Iterable[str], offered: Sequence[str] = i18n.LANGUAGES) -> str:
    """The locale for those, most wanted first; the first offer if none fits."""
    for locale in filter(None, map(_normal, wanted)):
        if locale[:2] in offered:
            return locale
    return offered[0]


def _normal(tag: str) -> str | None:
    try:
        locale = Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
    if len(locale.language) != 2:
        return None
    return f"{locale.language}-{locale.territory}" if len(locale.territory or "") == 2 else locale.language
