from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.order import refs as refs_module
from fallback.domain.order.refs import ALPHABET, groups, new_ref, parse_parts, parse_ref

refs = st.builds(new_ref)
places = st.integers(0, 8)


def characters(ref: str) -> list[str]:
    """The nine of them, without the dashes and the FB."""
    return list(ref.replace("-", "")[2:])


def written(nine: list[str]) -> str:
    text = "".join(nine)
    return f"FB-{text[:4]}-{text[4:8]}-{text[8]}"


@given(refs)
def test_a_ref_has_the_agreed_form_and_reads_back_as_itself(ref: str) -> None:
    assert re.fullmatch(rf"FB-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}-[{ALPHABET}]", ref)
    assert parse_ref(ref) == ref


@given(refs, places, st.sampled_from(ALPHABET))
def test_every_wrong_character_is_found(ref: str, place: int, wrong: str) -> None:
    nine = characters(ref)
    changed = nine[place] != wrong
    nine[place] = wrong
    assert (parse_ref(written(nine)) is None) is changed


@given(refs, places, places)
def test_every_two_characters_that_changed_places_are_found(ref: str, one: int, other: int) -> None:
    nine = characters(ref)
    changed = nine[one] != nine[other]
    nine[one], nine[other] = nine[other], nine[one]
    assert (parse_ref(written(nine)) is None) is changed


def test_exchanges_that_sums_modulo_32_do_not_find_are_found() -> None:
    """0 and G are 16 apart: with odd weights their exchange by a neighbour leaves such a sum as it is."""
    found = [parse_ref(f"FB-0G00-0000-{check}") for check in ALPHABET]
    exchanged = [parse_ref(f"FB-G000-0000-{check}") for check in ALPHABET]
    assert [ref is None for ref in found] != [ref is None for ref in exchanged]


@given(refs, st.sampled_from([str.lower, str.upper, str.swapcase]), st.sampled_from(["", " ", "-", " \u2013 ", "\t\n"]))
def test_reading_back_forgives_case_spaces_and_dashes(ref: str, case: object, gap: str) -> None:
    assert parse_ref(case(ref.replace("-", gap))) == ref


@given(refs, st.sampled_from(["O", "o"]), st.sampled_from(["I", "i", "L", "l"]), st.sampled_from(["U", "u"]))
def test_reading_back_forgives_letters_that_look_alike(ref: str, zero: str, one: str, v: str) -> None:
    typed = "FB-" + ref[3:].replace("0", zero).replace("1", one).replace("V", v)
    assert parse_ref(typed) == ref


@given(st.text())
def test_no_text_is_more_than_no_ref(text: str) -> None:
    parsed = parse_ref(text)
    assert parsed is None or parse_ref(parsed) == parsed


@pytest.mark.parametrize(
    "text", ["", "FB", "FB-", "7K3M-92QX-5", "FB-7K3M-92QX-55", "XB-0000-0000-0", "FB-0000-0000-*"]
)
def test_what_is_too_short_too_long_or_of_another_kind_is_no_ref(text: str) -> None:
    assert parse_ref(text) is None


def test_a_ref_that_was_given_is_one_in_each_later_release() -> None:
    assert parse_ref("FB-7K3M-92QX-N") == "FB-7K3M-92QX-N"
    assert parse_ref("FB-ZZZZ-ZZZZ-3") == "FB-ZZZZ-ZZZZ-3"


def test_a_ref_uses_all_random_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refs_module, "RAND_bytes", lambda count: b"\xff" * count)
    assert new_ref().startswith("FB-ZZZZ-ZZZZ-")
    monkeypatch.setattr(refs_module, "RAND_bytes", lambda count: bytes(range(1, count + 1)))
    assert new_ref().startswith("FB-0410-6105-")


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("7k3", ["7K3"]),
        ("fb 7k3", ["7K3", "FB7K3"]),
        ("FB-7K3M-92QX-N", ["7K3M92QXN"]),
        ("fb7", ["FB7"]),
        ("FB11-4", ["114", "FB114"]),
        ("92 qx", ["92QX"]),
        ("o1l", ["011"]),
        ("7k", []),
        ("7K3M92QXN0", []),
        ("7k*", []),
        ("", []),
    ],
)
def test_a_part_of_a_ref_is_read_as_it_was_read_out(typed: str, parts: list[str]) -> None:
    assert list(parse_parts(typed)) == parts


def test_a_ref_is_found_by_each_of_its_groups() -> None:
    assert groups("FB-7K3M-92QX-N") == ("7K3M92QXN", "92QXN")


def test_refs_do_not_repeat() -> None:
    assert len({new_ref() for _ in range(1_000)}) == 1_000
