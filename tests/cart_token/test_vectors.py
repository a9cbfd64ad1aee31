"""ops/cart-token/vectors.json says of each token what our own code says of it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fallback.domain.checkout.cart_keys import ALGORITHMS
from fallback.domain.checkout.cart_token import Claims
from fallback.domain.errors import Invalid
from fallback.domain.payment.charging import SumLimit, first_possible
from fallback.payments.currencies import chargeable
from tests.cart_token.vectors import AT, BAD, GOOD, TOKENS, VECTORS, key_of, name

CODES = {"cart_forged", "cart_unreadable", "cart_foreign", "cart_expired", "totals_do_not_add_up"}


@pytest.mark.parametrize("vector", GOOD, ids=name)
def test_a_valid_token_reads_as_the_cart_in_its_claims(vector: dict[str, Any]) -> None:
    cart = TOKENS.read(vector["token"], AT)
    signed = msgspec.convert(vector["claims"], Claims)
    for part in ("cart_id", "currency", "lines", "discounts", "tax", "delivery", "totals", "destinations", "asks_for"):
        assert getattr(cart, part) == getattr(signed, part)
    assert first_possible(cart, chargeable)


@pytest.mark.parametrize("vector", BAD, ids=name)
def test_a_bad_token_is_refused_with_its_code(vector: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refused:
        first_possible(TOKENS.read(vector["token"], AT), chargeable)
    assert refused.value.code == vector["code"]


def test_there_is_a_vector_for_each_algorithm_and_each_way_to_be_refused() -> None:
    assert {key_of(vector["kid"])["alg"] for vector in GOOD} == ALGORITHMS
    assert {vector["code"] for vector in BAD} == CODES | {SumLimit.TOO_SMALL, SumLimit.NOT_EXACT}
    assert len({vector["name"] for vector in [*GOOD, *BAD]}) == len(GOOD) + len(BAD)


def test_the_keys_are_complete_so_that_a_signer_can_use_them() -> None:
    assert {key["alg"] for key in VECTORS["keys"]["keys"]} == ALGORITHMS
    assert all("k" in key or "d" in key for key in VECTORS["keys"]["keys"])
