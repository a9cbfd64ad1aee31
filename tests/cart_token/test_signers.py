"""The signers for shops sign what the vectors say, run by Node.js, PHP and Python themselves."""

from __future__ import annotations

import re
from typing import Any

import pytest

from fallback.domain.checkout.cart_token import ALGORITHMS
from fallback.domain.order.cart import Cart, Discount, Totals
from tests.cart_token.signers import SIGNERS, Signer
from tests.cart_token.vectors import AT, FOLDER, GOOD, TOKENS, VECTORS, key_of

each_signer = pytest.mark.parametrize("signer", SIGNERS, ids=lambda signer: signer.file)
SHOP = VECTORS["shop"]
NOW = int(AT.timestamp())
CART = {
    "cart_id": "basket-17",
    "currency": "EUR",
    "lines": [
        {"sku": "BK-1", "title": "Die Bücher „eins“ bis zwei 📚", "quantity": 2, "unit_price": 1299},
        {"sku": "BK/2", "title": "ü" * 250, "quantity": 1, "unit_price": 401, "picture": "/media/bk-2.svg"},
    ],
    "discounts": [{"title": "Spring", "amount": 200}],
    "tax": {"included": False, "amount": 319},
    "delivery": [{"id": "standard", "title": "Standard", "price": 495}],
}


def read(signer: Signer, cart: dict[str, Any], kid: str) -> Cart:
    [token] = signer.sign({"cart": cart, "shop": SHOP, "key": key_of(kid), "now": NOW})
    return TOKENS.read(token, AT)


@each_signer
def test_a_signer_signs_each_cart_of_the_vectors(signer: Signer) -> None:
    vectors = [vector for vector in GOOD if key_of(vector["kid"])["alg"] in signer.algorithms]
    tokens = signer.sign(*({"claims": vector["claims"], "key": key_of(vector["kid"])} for vector in vectors))
    assert len(tokens) >= 7
    for vector, token in zip(vectors, tokens, strict=True):
        assert TOKENS.read(token, AT) == TOKENS.read(vector["token"], AT)
        if key_of(vector["kid"])["alg"] != "ES256":  # whose signatures are never the same twice
            assert token == vector["token"]


@each_signer
def test_a_signer_adds_up_the_totals_and_cuts_long_titles(signer: Signer) -> None:
    cart = read(signer, CART, "shared-1")
    assert cart.totals == Totals(goods=2999, discount=200, tax=319, total=3118)
    assert cart.discounts == (Discount("Spring", 200),)
    assert [line.title for line in cart.lines] == [CART["lines"][0]["title"], "ü" * 200]  # type: ignore[index]
    assert cart.lines[1].picture == "/media/bk-2.svg"


@each_signer
def test_a_signer_takes_a_cart_without_discounts_and_with_tax_in_its_prices(signer: Signer) -> None:
    cart = {name: value for name, value in CART.items() if name != "discounts"}
    totals = read(signer, cart | {"tax": {"included": True, "amount": 319}}, "shared-1").totals
    assert totals == Totals(goods=2999, discount=0, tax=319, total=2999)


@pytest.mark.parametrize(
    ("signer", "kid"),
    [
        pytest.param(signer, key["kid"], id=f"{signer.file} {key['alg']}")
        for signer in SIGNERS
        for key in VECTORS["keys"]["keys"]
        if key["alg"] in signer.algorithms
    ],
)
def test_a_signer_signs_with_each_of_its_algorithms(signer: Signer, kid: str) -> None:
    assert read(signer, CART, kid).cart_id == "basket-17"


@each_signer
def test_a_signer_refuses_an_algorithm_that_it_does_not_know(signer: Signer) -> None:
    for alg in {*ALGORITHMS, "RS256"} - signer.algorithms:
        with pytest.raises(RuntimeError, match=alg):
            signer.sign({"claims": GOOD[0]["claims"], "key": key_of("edwards-1") | {"alg": alg}})


@each_signer
def test_a_signer_can_be_read_in_a_minute(signer: Signer) -> None:
    code = re.sub(r"(?s)/\*\*.*?\*/|\"\"\".*?\"\"\"", "", (FOLDER / signer.file).read_text())
    assert len([line for line in code.splitlines() if line.strip()]) <= 80
