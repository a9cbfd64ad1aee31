"""Addresses as each country writes them; that pages ask for them so: tests/web/customer/test_checkout_addresses.py."""

from __future__ import annotations

import pytest

from fallback.domain.checkout.address_formats import (
    ANYWHERE,
    COUNTRIES,
    AddressFormat,
    Fault,
    Region,
    format_of,
    load_all,
)

NOT_OF_IT = r"^It is not one of this country\.$"


def known(country: str) -> AddressFormat:
    there = format_of(country)
    assert there
    return there


def test_every_country_has_a_format_with_a_street_and_each_of_its_own_examples_is_a_postcode_there() -> None:
    assert len(COUNTRIES) == 250
    for country in COUNTRIES:
        there = known(country)
        assert "line1" in there.parts & there.required
        assert there.postcode is None or all(there.examples)
        for code in there.examples:
            there.read_postcode(code)
        for region in there.regions:
            assert there.read_region(region.name) in {each.code for each in there.regions}


def test_what_is_loaded_at_the_start_is_not_read_again() -> None:
    format_of.cache_clear()
    load_all()
    known("DE")
    assert format_of.cache_info().misses == len(COUNTRIES)


@pytest.mark.parametrize("country", ["", "ZZ", "UK", "gb", "AC", "../zz"])
def test_what_is_no_country_has_no_format(country: str) -> None:
    assert format_of(country) is None


@pytest.mark.parametrize(
    ("country", "typed", "stored"),
    [
        ("GB", "hu11aa", "HU1 1AA"),
        ("GB", "BFPO61", "BFPO 61"),
        ("US", "62704", "62704"),
        ("US", "62704\u20131234", "62704-1234"),
        ("US", "627041234", "62704-1234"),
        ("DE", "D-10117", "10117"),
        ("DE", "\uff11\uff10\uff11\uff11\uff17", "10117"),
        ("DE", "D\u201310117", "10117"),
        ("CH", "CH-8001", "8001"),
        ("AZ", "AZ 1000", "1000"),
        ("FO", "FO100", "100"),
        ("NL", "1012ab", "1012 AB"),
        ("PL", "00950", "00-950"),
        ("LV", "1010", "LV-1010"),
        ("IE", "d02af30", "D02 AF30"),
        ("JP", "1540023", "154-0023"),
        ("SA", "١١٥٦٤", "11564"),
        ("AG", "anything", "ANYTHING"),
    ],
)
def test_a_postcode_is_stored_in_the_spelling_of_its_country(country: str, typed: str, stored: str) -> None:
    assert known(country).read_postcode(typed) == stored


@pytest.mark.parametrize(
    ("country", "typed"), [("GB", "12345"), ("US", "HU1 1AA"), ("GB", "GIR 0AAX"), ("DE", "1011"), ("IE", "12345")]
)
def test_a_postcode_of_another_country_is_none_here(country: str, typed: str) -> None:
    with pytest.raises(ValueError, match=NOT_OF_IT):
        known(country).read_postcode(typed)


def test_a_region_that_a_country_needs_is_one_of_its_own() -> None:
    with pytest.raises(ValueError, match=NOT_OF_IT):
        known("US").read_region("Kent")
    assert known("GB").read_region("Kent") == "Kent"


@pytest.mark.parametrize(
    ("country", "typed", "stored", "faults"),
    [
        ("US", {"city": "Springfield", "region": "illinois", "postal_code": "62704"}, {"region": "IL"}, {}),
        ("US", {"city": "Springfield", "postal_code": "62704"}, {"region": ""}, {"region": Fault.MISSING}),
        ("US", {"city": "S", "region": "Kent", "postal_code": "62704"}, {}, {"region": Fault.UNKNOWN}),
        ("AE", {"city": "Dubai"}, {"city": "Dubai", "region": "Dubai"}, {}),
        ("AE", {"region": "AZ", "postal_code": "000000"}, {"region": "Abu Dhabi", "postal_code": ""}, {}),
        ("HK", {"region": "\u4e5d\u9f8d"}, {"city": "Kowloon", "region": "Kowloon"}, {}),
        ("SG", {"postal_code": "546080"}, {"city": "Singapore", "postal_code": "546080"}, {}),
        ("IE", {"city": "Dublin", "region": "Dublin 2"}, {"region": "Dublin 2", "postal_code": ""}, {}),
        ("DE", {}, {"city": "Germany"}, {"city": Fault.MISSING, "postal_code": Fault.MISSING}),
        ("DE", {"line1": "", "city": "B", "postal_code": "10117"}, {}, {"line1": Fault.MISSING}),
        ("DE", {"city": "B", "postal_code": "1"}, {}, {"postal_code": Fault.UNKNOWN}),
        ("AE", {"city": "Abroad"}, {"city": "Abroad"}, {"region": Fault.MISSING}),
        ("GB", {"city": "Hull", "region": "Yorkshire", "postal_code": "HU1 1AA"}, {"region": "Yorkshire"}, {}),
        ("AS", {"city": "Pago Pago", "postal_code": "96799"}, {}, {"region": Fault.MISSING}),
    ],
)
def test_what_is_needed_and_what_stands_for_it(
    country: str, typed: dict[str, str], stored: dict[str, str], faults: dict[str, Fault]
) -> None:
    parts, found = known(country).read({"line1": "1 Quay"} | typed)
    assert found == faults
    assert stored.items() <= parts.items()


@pytest.mark.parametrize(
    ("country", "typed", "lines"),
    [
        ("US", {"city": "Springfield", "region": "IL", "postal_code": "62704"}, ["Springfield, IL 62704"]),
        ("US", {"city": "Springfield", "postal_code": "62704"}, ["Springfield 62704"]),
        ("GB", {"city": "Hull", "postal_code": "HU1 1AA", "region": "Yorkshire"}, ["Hull", "HU1 1AA", "Yorkshire"]),
        ("CH", {"city": "Bern", "postal_code": "3000"}, ["CH-3000 Bern"]),
        ("ES", {"city": "Madrid", "region": "M", "postal_code": "28039"}, ["28039 Madrid"]),
        ("ES", {"city": "Mislata", "region": "V", "postal_code": "46920"}, ["46920 Mislata Valencia"]),
        ("HK", {"city": "Kowloon", "region": "Kowloon"}, ["Kowloon"]),
        ("AE", {"city": "Dubai"}, ["Dubai"]),
        ("JP", {"city": "Shibuya", "region": "Tokyo", "postal_code": "154-0023"}, ["Shibuya, Tokyo", "154-0023"]),
        ("CO", {"city": "Tunja", "region": "Boyac\u00e1"}, ["Tunja, Boyac\u00e1"]),
        ("CR", {"city": "Heredia", "region": "Heredia", "postal_code": "40101"}, ["Heredia", "40101"]),
        ("GI", {"city": "Gibraltar", "postal_code": "GX11 1AA"}, ["GIBRALTAR", "GX11 1AA"]),
    ],
)
def test_the_lines_of_a_parcel_label(country: str, typed: dict[str, str], lines: list[str]) -> None:
    assert known(country).lines({"name": "Iris", "line1": "1 Quay", "line2": "Flat 2"} | typed) == [
        "Iris",
        "1 Quay",
        "Flat 2",
        *lines,
    ]


@pytest.mark.parametrize("part", ["name", "company", "line1"])
def test_a_town_that_is_also_in_a_name_or_a_street_is_not_left_out(part: str) -> None:
    """Where addresses have no line for the town, it belongs to the street."""
    there = {"name": "Iris", "line1": "1 Quay", "city": "Jumeirah", "region": "Dubai"}
    lines = known("AE").lines(there | {part: "Jumeirah 1"})
    assert [line for line in lines if line.startswith("Jumeirah")].count("Jumeirah") == 1
    assert lines[-1] == "Dubai"


# Not from the cache, which keeps what was read before.
READ_ANEW = format_of.__wrapped__


@pytest.mark.parametrize(
    ("country", "region", "also"),
    [
        ("US", ("AL", "Alabama", "AL"), {"al", "alabama"}),
        ("US", ("AS", "American Samoa", "AS"), {"as", "american samoa"}),  # the data names no part of ISO 3166-2
        ("SO", ("AD", "Awdal", "AW"), {"ad", "awdal", "aw"}),
        ("AE", ("Abu Dhabi", "Abu Dhabi", "AZ"), {"abu dhabi", "az", "\u0623\u0628\u0648 \u0638\u0628\u064a"}),
        ("CN", ("Macau", "Macau", "92"), {"macau", "92", "\u6fb3\u95e8"}),
        ("CO", ("Tolima", "Tolima", "TOL"), {"tolima", "tol"}),
        ("HK", ("Kowloon", "Kowloon", ""), {"kowloon", "\u4e5d\u9f8d"}),
        ("HK", ("New Territories", "New Territories", ""), {"new territories", "\u65b0\u754c"}),
    ],
)
def test_a_region_is_stored_and_shown_in_latin_letters_and_known_by_all_its_names(
    country: str, region: tuple[str, str, str], also: set[str]
) -> None:
    there = READ_ANEW(country)
    assert there
    assert Region(*region, frozenset(also)) in there.regions


def test_who_writes_in_the_script_of_the_country_has_the_largest_first() -> None:
    there = {
        "name": "\u738b",
        "line1": "\u7687\u540e\u5927\u9053\u4e2d1\u865f",
        "city": "\u4e2d\u74b0",
        "region": "\u9999\u6e2f\u5cf6",
    }
    assert known("HK").lines(there) == [there["region"], there["city"], there["line1"], there["name"]]
    unnamed = {"line1": "\U00017000"}  # a letter that Unicode has no name for
    assert known("HK").lines(there | unnamed)[2] == unnamed["line1"]


def test_an_address_of_a_country_that_we_do_not_know_is_shown_whole() -> None:
    there = {"name": "Iris", "line1": "1 Quay", "city": "Hull", "postal_code": "1", "region": "Y"}
    assert ANYWHERE.lines(there) == ["Iris", "1 Quay", "1 Hull", "Y"]
