"""The signers for shops sign what the vectors say, run by Node.js, PHP and Python themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server

from fallback.bootstrap.container import Container
from fallback.domain.checkout.cart_keys import ALGORITHMS
from fallback.domain.checkout.pushed_carts import short_form
from fallback.domain.order.cart import Cart, Discount, Totals
from fallback.usecases.checkout.read_cart import read_cart
from fallback.web.app import create_app
from tests.cart_token.signers import PUSH_ABOVE, SIGNERS, Signer
from tests.cart_token.vectors import AT, FOLDER, GOOD, TOKENS, VECTORS, key_of
from tests.web.conftest import a_container
from tests.web.world import PRIMARY_TOKEN

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
def test_a_signer_cuts_every_title_between_two_characters(signer: Signer) -> None:
    """Half a character makes the whole cart unreadable."""
    title = "x" + "📚" * 200
    cart = read(
        signer,
        CART
        | {"lines": [{"sku": "BK-1", "title": title, "quantity": 1, "unit_price": 1299}]}
        | {"discounts": [{"title": title, "amount": 200}]}
        | {"delivery": [{"id": "standard", "title": title, "price": 495}]},
        "shared-1",
    )
    titles = [each.title for each in (*cart.lines, *cart.discounts, *cart.delivery)]
    assert titles == ["x" + "📚" * 199] * 3


@each_signer
def test_a_signer_adds_up_the_totals_of_each_destination(signer: Signer) -> None:
    taxes = [{"included": True, "amount": 319}, {"included": False, "amount": 162}]
    destinations = [{"countries": [country], "tax": tax} for country, tax in zip(("DE", "US-IL"), taxes, strict=True)]
    cart = read(signer, CART | {"destinations": destinations}, "shared-1")
    assert [(each.countries, each.totals.total) for each in cart.destinations] == [(("DE",), 2799), (("US-IL",), 2961)]


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


# --- pushing


@pytest.fixture(scope="module")
def checkout() -> Iterator[tuple[str, Container]]:
    """Its address, and what it is made of."""
    container = a_container(AT)
    container.cart_tokens = TOKENS
    server = make_server("127.0.0.1", 0, create_app(container), threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", container
    server.shutdown()
    thread.join()
    server.server_close()


@each_signer
@pytest.mark.parametrize("cart_id", ["basket-17", "grün/17 & ?"])
def test_a_signer_pushes_a_cart_and_gets_its_short_form(
    signer: Signer, cart_id: str, checkout: tuple[str, Container]
) -> None:
    address, container = checkout
    job = {"cart": CART | {"cart_id": cart_id}, "shop": SHOP, "key": key_of("shared-1"), "now": NOW}
    [token] = signer.sign(job)
    cookie = signer.push(address, cart_id, token, PRIMARY_TOKEN)
    assert cookie == str(short_form(cart_id, token))
    assert read_cart(container, cookie) == TOKENS.read(token, AT)


@each_signer
def test_a_push_that_is_refused_is_an_error(signer: Signer, checkout: tuple[str, Container]) -> None:
    with pytest.raises(RuntimeError, match=r"401|token_needed"):
        signer.push(checkout[0], "basket-17", GOOD[0]["token"], "another token")


@each_signer
def test_a_checkout_that_is_not_there_is_an_error(signer: Signer) -> None:
    with pytest.raises(RuntimeError, match=r"fetch failed|no answer|refused"):
        signer.push("http://127.0.0.1:1", "basket-17", GOOD[0]["token"], PRIMARY_TOKEN)


@each_signer
def test_a_signer_says_from_which_length_on_to_push(signer: Signer) -> None:
    assert re.findall(r"PUSH_ABOVE = (\d+)", (FOLDER / signer.file).read_text()) == [str(PUSH_ABOVE)]


@each_signer
def test_a_signer_can_be_read_in_a_minute(signer: Signer) -> None:
    code = re.sub(r"(?s)/\*\*.*?\*/|\"\"\".*?\"\"\"", "", (FOLDER / signer.file).read_text())
    assert len([line for line in code.splitlines() if line.strip()]) <= 60
