import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fallback.domain.card_numbers import is_card_in_phone_field, looks_like_card_number

# Stripe's test cards (https://docs.stripe.com/testing), one of each scheme and length that they have.
VISA = "4242424242424242"
CARDS = [
    VISA,
    "4222222222222",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "3056930009020004",
    "36227206271667",
    "3566002020360505",
    "6200000000000005",
    "6759649826438453",
]
SEPARATORS = ["", " ", "-", "  ", " - ", ".", "\u00a0", "\u2013", "_", "/"]


def test_a_card_number_is_found_however_it_is_grouped() -> None:
    groups = [[card[start : start + 4] for start in range(0, len(card), 4)] for card in CARDS]
    texts = [f"My card is {separator.join(each)}, until 12/30." for each in groups for separator in SEPARATORS]
    assert [text for text in texts if not looks_like_card_number(text)] == []


def test_a_card_number_is_found_beside_its_date_and_code() -> None:
    assert looks_like_card_number("4242 4242 4242 4242 12/30 123")
    assert looks_like_card_number("No 7: 4242-4242-4242-4242")


def test_a_card_number_is_found_after_other_groups_and_at_its_longest() -> None:
    assert looks_like_card_number("In 2026: 4242 4242 4242 4242")
    [check] = [digit for digit in "0123456789" if looks_like_card_number("424242424242424242" + digit)]
    assert looks_like_card_number(f"4242 4242 4242 4242 42{check}")


def test_a_phone_number_in_groups_is_none_whatever_its_groups_are() -> None:
    assert looks_like_card_number("378282246310005")
    assert not looks_like_card_number("0 378282246310005")


def test_a_card_number_is_found_in_other_digits() -> None:
    assert looks_like_card_number("４２４２　４２４２　４２４２　４２４２")
    assert looks_like_card_number("٤٢٤٢٤٢٤٢٤٢٤٢٤٢٤٢")


@pytest.mark.parametrize("phone", ["49 151 23450004", "4915123450004", "62 8123 4561009", "Ring 49 151 2345-0004."])
def test_a_phone_number_without_its_plus_is_none(phone: str) -> None:
    assert not looks_like_card_number(phone)


@given(st.integers(10**7, 10**8 - 1))
def test_no_german_mobile_is_a_card(number: int) -> None:
    assert not looks_like_card_number(f"49 151 {number}")


@given(st.sampled_from(["34", "37", "36", "38", "305"]), st.data())
def test_a_card_as_long_as_a_phone_number_is_a_card(prefix: str, data: st.DataObject) -> None:
    """American Express has 15 digits, Diners Club 14."""
    size = 15 if prefix in ("34", "37") else 14
    body = prefix + data.draw(st.text("0123456789", min_size=size - 1 - len(prefix), max_size=size - 1 - len(prefix)))
    assert [last for last in "0123456789" if looks_like_card_number(body + last)]


def test_where_a_phone_number_is_asked_for_one_is_none_however_long() -> None:
    serbian = "38137277343543"
    assert looks_like_card_number(serbian)
    assert not is_card_in_phone_field(serbian)
    assert is_card_in_phone_field(VISA)


def test_a_plus_sign_does_not_hide_a_card_number() -> None:
    assert looks_like_card_number(f"+{VISA}")


def test_a_wrong_check_digit_makes_it_another_number() -> None:
    assert not looks_like_card_number("4242424242424241")


def test_a_number_outside_the_ranges_of_card_schemes_is_no_card_number() -> None:
    assert not looks_like_card_number("1000000000000008")
    assert not looks_like_card_number("9000000000000001")


@pytest.mark.parametrize(
    "text",
    [
        "+49 151 23456789",
        "+1 (415) 555-2671",
        "0151 23 45 67 89",
        "0049 30 901820-0",
        "Flat 4, 12-14 High Street",
        "Please deliver between 8:00 and 12:00 on 23.11.2026 or 24.11.2026.",
        "DE89 3704 0044 0532 0130 00",
        "",
    ],
)
def test_what_people_write_in_a_form_is_none(text: str) -> None:
    assert not looks_like_card_number(text)


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
@example("4222222222222")
@example("378282246310005")
def test_a_phone_number_with_its_plus_is_none(number: str) -> None:
    assert not looks_like_card_number(f"+{number}")


@given(st.from_regex(r"0[0-9]{6,15}", fullmatch=True), st.sampled_from(SEPARATORS), st.integers(2, 6))
def test_a_phone_number_with_its_leading_zero_is_none(number: str, separator: str, size: int) -> None:
    assert not looks_like_card_number(separator.join(number[at : at + size] for at in range(0, len(number), size)))


@given(st.from_regex(r"4[0-9]{14}", fullmatch=True), st.sampled_from(SEPARATORS), st.text())
def test_one_last_digit_in_ten_makes_a_card(start: str, separator: str, before: str) -> None:
    [last] = [digit for digit in "0123456789" if looks_like_card_number(start + digit)]
    assert looks_like_card_number(f"{before} card: {separator.join(start + last)}")


@given(st.text(max_size=300))
def test_the_check_for_card_numbers_accepts_any_text(text: str) -> None:
    assert looks_like_card_number(text) in (True, False)


def test_a_text_of_twice_as_many_digits_takes_twice_as_many_steps() -> None:
    once, twice = (steps_through("1 " * many) for many in (300, 600))
    assert twice < 2.2 * once


def steps_through(text: str) -> int:
    """The steps of the interpreter."""
    steps = 0

    def count(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal steps
        frame.f_trace_opcodes = True
        steps += event == "opcode"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        looks_like_card_number(text)
    finally:
        sys.settrace(before)
    return steps
