from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.payment.cards import CARDS_PER_ORDER
from fallback.payments import declines
from fallback.payments.declines import DeclineAdvice, advise

CODES = st.none() | st.sampled_from(
    [*declines.BY_DECLINE_CODE, *declines.BY_ADVICE_CODE, *declines.BY_NETWORK_DECLINE["visa"], "01", "03", "24", ""]
)
BRANDS = st.none() | st.sampled_from(["visa", "mastercard", "amex", "eftpos_au"])
WORDS = st.none() | st.text(max_size=12)


@given(CODES | WORDS, CODES | WORDS, BRANDS | WORDS, CODES | WORDS, CODES | WORDS)
def test_there_is_always_one_of_three_advices(
    code: str | None, advice: str | None, brand: str | None, network_advice: str | None, network_code: str | None
) -> None:
    found = advise(code, advice, brand=brand, network_advice_code=network_advice, network_decline_code=network_code)

    assert found in DeclineAdvice


@given(CODES, BRANDS, CODES, CODES)
def test_the_advice_never_wins_over_every_other_code(
    code: str | None, brand: str | None, network_advice: str | None, network_code: str | None
) -> None:
    found = advise(
        code, "do_not_try_again", brand=brand, network_advice_code=network_advice, network_decline_code=network_code
    )

    assert found is DeclineAdvice.NEVER


@given(WORDS.filter(lambda word: word not in declines.BY_DECLINE_CODE))
def test_an_unknown_decline_code_advises_the_customer_to_act(code: str | None) -> None:
    assert advise(code) is DeclineAdvice.CUSTOMER


def test_stripes_advice_says_more_than_its_code() -> None:
    assert advise("generic_decline") is DeclineAdvice.CUSTOMER
    assert advise("generic_decline", "try_again_later") is DeclineAdvice.SOFT
    assert advise("processing_error", "confirm_card_data") is DeclineAdvice.CUSTOMER


@pytest.mark.parametrize("code", ["lost_card", "stolen_card", "pickup_card", "fraudulent", "stop_payment_order"])
def test_a_card_that_is_gone_is_never_tried_again(code: str) -> None:
    assert advise(code, "try_again_later") is DeclineAdvice.NEVER


@pytest.mark.parametrize(
    ("brand", "code", "advice"),
    [
        ("mastercard", "03", DeclineAdvice.NEVER),
        ("mastercard", "21", DeclineAdvice.NEVER),
        ("mastercard", "01", DeclineAdvice.CUSTOMER),
        ("mastercard", "02", DeclineAdvice.SOFT),
        ("mastercard", "24", DeclineAdvice.SOFT),
        ("mastercard", "30", DeclineAdvice.SOFT),
        ("visa", "1", DeclineAdvice.NEVER),
        ("visa", "02", DeclineAdvice.SOFT),
        ("visa", "03", DeclineAdvice.CUSTOMER),
        ("amex", "03", DeclineAdvice.CUSTOMER),
    ],
)
def test_the_same_digits_mean_what_their_network_means(brand: str, code: str, advice: DeclineAdvice) -> None:
    assert advise(None, brand=brand, network_advice_code=code) is advice


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        ("41", DeclineAdvice.NEVER),
        ("R1", DeclineAdvice.NEVER),
        ("54", DeclineAdvice.CUSTOMER),
        ("51", DeclineAdvice.SOFT),
    ],
)
def test_visas_response_codes_have_categories(code: str, advice: DeclineAdvice) -> None:
    assert advise(None, brand="visa", network_decline_code=code) is advice


def test_an_order_takes_fewer_cards_than_a_network_allows_tries_of_one() -> None:
    assert CARDS_PER_ORDER < declines.SOFT_TRIES
