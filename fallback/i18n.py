"""The languages of pages and mails: texts from `templates/locales/<language>/*.po`, figures and dates by Babel.

Templates contain the English texts, marked for translation. Catalogs are read at start, so there is no build step; a
text without a translation stays English. `./ops/bin/messages` maintains the catalogs.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cache, lru_cache
from io import BytesIO
from typing import Any

import jinja2
from babel import Locale, UnknownLocaleError, negotiate_locale
from babel.dates import format_datetime, format_skeleton, format_time, format_timedelta
from babel.lists import format_list
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from babel.support import NullTranslations, Translations
from jinja2.runtime import Context
from msgspec import structs

from fallback.domain.checkout.address_formats import ANYWHERE, format_of
from fallback.domain.money import Money, decimals_of
from fallback.domain.order.cart import Slot
from fallback.domain.order.order import Address, Customer
from fallback.runtime.data import TEMPLATES

# Babel takes longer for one figure than Redis for an order, and the rows of a list share many figures.
SEVERAL = 4096
ISOLATE, END_OF_ISOLATE = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
# The texts in code and templates. Every other language is a folder of catalogs, and known from nothing else.
WRITTEN_IN = "en"
# English without a region is that of the world, with the day before the month.
WORLDWIDE = Locale(WRITTEN_IN, "001")


def languages() -> tuple[str, ...]:
    return WRITTEN_IN, *sorted(path.name for path in (TEMPLATES / "locales").glob("*") if path.is_dir())


LANGUAGES = languages()


def unknown(given: Iterable[str]) -> Iterator[str]:
    """A sentence for each of these that is not one of our languages."""
    for language in given:
        if language not in LANGUAGES:
            yield f"there is no {language!r}; it is one of {', '.join(LANGUAGES)}."


@cache
def own_name(language: str) -> str:
    """'Deutsch': with a capital, as it stands alone."""
    name = Locale(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def language_of(locale: str) -> str:
    """The supported language that is nearest to a customer's locale ('de-AT' -> 'de'); English otherwise."""
    return negotiate_locale([locale.replace("-", "_"), locale[:2]], LANGUAGES) or WRITTEN_IN


@cache
def direction_of(language: str) -> str:
    """Of writing: 'ltr' or 'rtl', as the attribute `dir` of HTML."""
    return Locale(language).text_direction


@cache
def environment(language: str) -> jinja2.Environment:
    """Templates in one of LANGUAGES. Filters: money, moment, slot, which also follow the region of `locale`."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=jinja2.select_autoescape(("html",)),
        extensions=["jinja2.ext.i18n"],
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    env.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined]
    _localize(env, language)
    env.globals |= {"language": language, "direction": direction_of(language)}
    env.filters |= {"money": money, "moment": moment, "slot": slot}
    return env


def _localize(env: jinja2.Environment, language: str) -> None:
    """Values that templates put into texts are written as `localized` says; `count` is the number of a plural."""
    say: Any = env.globals["gettext"]
    count: Any = env.globals["ngettext"]

    @jinja2.pass_context
    def gettext(context: Context, text: str, /, **values: Any) -> Any:
        return say(context, text, **localized(values, language))

    @jinja2.pass_context
    def ngettext(context: Context, one: str, many: str, number: int, /, **values: Any) -> Any:
        return count(context, one, many, number, **localized({"count": number} | values, language))

    env.globals |= {"gettext": gettext, "ngettext": ngettext}


def localized(values: Mapping[str, Any], locale: str) -> dict[str, Any]:
    """Values for a text: numbers as the locale writes them; words in isolation where the text runs right to left.

    Otherwise the direction of a phone number, or of an address in another script, would be that of the words around it
    (https://www.unicode.org/reports/tr9/#Explicit_Directional_Isolates).
    """
    mirrored = direction_of(language_of(locale)) == "rtl"
    return {name: _localized(value, locale, mirrored) for name, value in values.items()}


def _localized(value: Any, locale: str, mirrored: bool) -> Any:
    if type(value) is int:
        return format_decimal(value, locale=_locale(locale))
    return ISOLATE + value + END_OF_ISOLATE if mirrored and isinstance(value, str) else value


@cache
def translations(language: str) -> NullTranslations:
    merged: NullTranslations = NullTranslations()
    for path in sorted((TEMPLATES / "locales" / language).glob("*.po")):
        with path.open("rb") as file:
            catalog = read_po(file, locale=language, abort_invalid=True)
        binary = BytesIO()
        write_mo(binary, catalog)
        binary.seek(0)
        read = Translations(binary)
        merged = merged.merge(read) if isinstance(merged, Translations) else read
    return merged


@lru_cache(SEVERAL)
def money(value: Money, locale: str) -> str:
    """'12,99 €' in de, '€12.99' in en; with as many decimals as ISO 4217 gives the currency.

    Babel's CLDR data gives some currencies fewer, as in cash: the page would not show the sum that is charged.
    """
    where = _locale(locale)
    pattern = copy(where.currency_formats["standard"])
    pattern.frac_prec = (decimals_of(value.currency),) * 2
    written: str = pattern.apply(value.decimal, where, currency=value.currency, currency_digits=False)
    return written


def moment(at: datetime, locale: str, zone: tzinfo = UTC) -> str:
    """A point in time in words, with the short name of the zone."""
    there = at.astimezone(zone)
    return f"{_minute(there.replace(second=0, microsecond=0, tzinfo=None), locale)} {there.tzname()}"


@lru_cache(SEVERAL)
def _minute(at: datetime, locale: str) -> str:
    """Local time. Caching aware times would mix up zones, because equal instants compare equal."""
    where = _worded(locale)
    where = WORLDWIDE if where == Locale(WRITTEN_IN) else where
    return _joined(format_skeleton("yMMMd", at, locale=where), format_skeleton("Hm", at, locale=where), where)


def _joined(day: str, time: str, where: Locale) -> str:
    pattern: str = where.datetime_formats["medium"]
    return pattern.replace("{1}", day).replace("{0}", time)


def slot(value: Slot, locale: str, zone: tzinfo = UTC) -> str:
    """A delivery slot in local time at the delivery address: day, start, end, and the zone.

    An offset that the shop signed, other than UTC, is that of the delivery address; otherwise the shop's zone applies.
    Of one that takes a day or more, the last day is named too.
    """
    signed, shop = value.starts, value.starts.astimezone(zone)
    there = signed.tzinfo if signed.utcoffset() not in (timedelta(0), shop.utcoffset()) else zone
    starts, ends = value.starts.astimezone(there), value.ends.astimezone(there)
    where = _worded(locale)
    zones = " – ".join(dict.fromkeys(str(at.tzname()) for at in (starts, ends)))  # two where the clock is changed
    if ends.replace(tzinfo=None) - starts.replace(tzinfo=None) >= timedelta(days=1):
        whole = [_joined(_weekday(at, where), _time(at, where), where) for at in (starts, ends)]
        return f"{' – '.join(whole)} {zones}"
    times = f"{_time(starts, where)} – {_time(ends, where)}"
    return f"{_joined(_weekday(starts, where), times, where)} {zones}"


def _weekday(at: datetime, where: Locale) -> str:
    # CLDR has the pattern for short names, and long ones are put into the same (UTS 35, 'Missing Skeleton Fields').
    short = where.datetime_skeletons["MMMEd"].pattern
    return format_datetime(at, re.sub("MMM+", "MMMM", re.sub("E+", "EEEE", short)), locale=where)


def _time(at: datetime, where: Locale) -> str:
    return format_time(at.replace(tzinfo=None), "short", locale=where)


def address_lines(address: Address, locale: str) -> list[str]:
    """The lines of a parcel label, as its country writes them, and the country's name in the reader's language.

    None for an order that needs no address.
    """
    if not address.somewhere:
        return []
    country = Locale(language_of(locale)).territories.get(address.country, address.country)
    there = format_of(address.country) or ANYWHERE
    return [*there.lines(structs.asdict(address)), country]


def listed(words: Sequence[str], locale: str) -> str:
    """'a, b and c'"""
    return format_list(words, locale=_worded(locale)) if words else ""


def alternatives(words: Sequence[str], locale: str) -> str:
    """'a, b or c'"""
    return format_list(words, style="or", locale=_worded(locale)) if words else ""


def duration(time: timedelta, locale: str) -> str:
    """'3 min', '2 hr', in one unit: at least a minute."""
    minutes = max(time, timedelta(minutes=1))
    return format_timedelta(minutes, "minute", threshold=1, format="short", locale=_worded(locale))


def billing_lines(customer: Customer, locale: str) -> list[str]:
    lines = address_lines(customer.billing, locale) if customer.billing else []
    named = translations(language_of(locale)).gettext("VAT ID")
    return [*lines, f"{named} {customer.vat_id}"] if customer.vat_id else lines


def _worded(locale: str) -> Locale:
    """For what has words in it: they stand in our texts, so they are English where these are."""
    return _locale(locale if locale.startswith(language_of(locale)) else WRITTEN_IN)


@lru_cache(SEVERAL)
def _locale(locale: str) -> Locale:
    try:
        return Locale.parse(locale, sep="-")
    except (UnknownLocaleError, ValueError):
        return Locale(WRITTEN_IN)
