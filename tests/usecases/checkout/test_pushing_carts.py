"""Carts that the shop pushes: only its own, as it signed them, each opened by its key alone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.checkout.cart_token import LEEWAY_SECONDS, CartTokens
from fallback.domain.checkout.pushed_carts import LONGEST_LIFE, ShortForm, read_short_form, short_form
from fallback.domain.errors import Conflict, Invalid
from fallback.usecases.checkout.push_cart import Kept, push_cart
from fallback.usecases.checkout.read_cart import read_cart
from tests.builders import deps
from tests.fakes.incidents import FakeIncidents
from tests.fakes.ledger import FakeLedger
from tests.fakes.pushed_carts import FakePushedCarts
from tests.fakes.views import FakeModes
from tests.refusals import refused
from tests.web.world import CART_KEY, NOW, SHOP, a_cart, signed

SECONDS = int(NOW.timestamp())


class Shop:
    """Pushes carts, and reads what it was given for them."""

    def __init__(self) -> None:
        self.carts = FakePushedCarts()
        self.deps = deps(
            clock=lambda: NOW,
            cart_tokens=CartTokens({"keys": [CART_KEY]}, SHOP),
            pushed_carts=self.carts,
            incidents=FakeIncidents(FakeLedger()),
            modes=FakeModes(),
            last_mode=None,
            cart_grace=timedelta(hours=72),
        )

    def push(self, cart_id: str = "basket-17", **claims: Any) -> Kept:
        return push_cart(self.deps, cart_id, signed(a_cart(**claims)))


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_the_short_form_is_the_cart_that_was_pushed(shop: Shop) -> None:
    kept = shop.push()
    assert read_cart(shop.deps, str(kept.short)) == read_cart(shop.deps, signed())
    assert len(str(kept.short)) < 60


def test_a_push_that_is_repeated_gives_the_same_short_form(shop: Shop) -> None:
    assert shop.push() == shop.push()


def test_the_short_form_is_of_this_version_alone(shop: Shop) -> None:
    before, now = shop.push(), shop.push(iat=SECONDS + 1, delivery=[a_cart()["delivery"][0]])
    assert len(read_cart(shop.deps, str(before.short)).delivery) == 2
    assert len(read_cart(shop.deps, str(now.short)).delivery) == 1
    shop.push(iat=SECONDS + 2)
    with refused("cart_token", "cart_gone", "This version of the cart is not kept here. Open the basket again."):
        read_cart(shop.deps, str(before.short))


def test_a_cart_is_not_opened_by_its_id_with_another_key(shop: Shop) -> None:
    shop.push()
    for key in ("A" * 43, shop.carts.kept["basket-17"][0].print):
        with pytest.raises(Invalid, match="not kept here"):
            read_cart(shop.deps, str(ShortForm("basket-17", key)))


def test_what_is_kept_does_not_contain_the_token_or_its_key(shop: Shop) -> None:
    kept, token = shop.push(), signed()
    assert token.rpartition(".")[2] not in repr(shop.carts.kept)
    assert kept.short.key not in repr(shop.carts.kept)


@pytest.mark.parametrize(
    ("claims", "code"),
    [
        ({"iss": "another-shop"}, "cart_foreign"),
        ({"exp": SECONDS - 120}, "cart_expired"),
        ({"lines": []}, "cart_unreadable"),
        ({"totals": {"goods": 1, "discount": 0, "tax": 0, "total": 1}}, "totals_do_not_add_up"),
        ({"cart_id": "basket-18"}, "other_cart"),
        ({"iat": SECONDS + 120}, "cart_unreadable"),
        ({"iat": SECONDS * 1000}, "cart_unreadable"),
        ({"iat": None}, "cart_unreadable"),
    ],
)
def test_a_token_that_would_be_refused_is_refused_when_it_is_pushed(
    shop: Shop, claims: dict[str, Any], code: str
) -> None:
    with pytest.raises(Invalid) as error:
        shop.push(**claims)
    assert (error.value.field, error.value.code) == ("cart_token", code)
    assert shop.carts.kept == {}


def test_an_iat_of_another_type_is_named(shop: Shop) -> None:
    with pytest.raises(Invalid, match="iat") as error:
        shop.push(iat="now")
    assert error.value.code == "cart_unreadable"


def test_the_clock_of_the_shop_may_be_a_minute_ahead(shop: Shop) -> None:
    assert shop.push(iat=SECONDS + LEEWAY_SECONDS)
    with refused("cart_token", "cart_unreadable", "iat is in the future. It counts seconds since 1970."):
        shop.push(iat=SECONDS + LEEWAY_SECONDS + 1)


def test_a_forged_token_is_not_kept(shop: Shop) -> None:
    with pytest.raises(Invalid, match="signature") as error:
        push_cart(shop.deps, "basket-17", signed(key=CART_KEY | {"k": "b3RoZXI_" * 6}))
    assert error.value.code == "cart_forged"


def test_an_older_version_is_told_that_a_newer_one_is_kept(shop: Shop) -> None:
    shop.push(iat=SECONDS)
    with pytest.raises(Conflict, match=r"^basket-17$"):
        shop.push(iat=SECONDS - 1)


def test_a_cart_is_kept_as_long_as_its_token_is_valid_and_a_week_at_most(shop: Shop) -> None:
    leeway = timedelta(seconds=LEEWAY_SECONDS)
    assert shop.push(exp=SECONDS + 3600).until == NOW + timedelta(hours=1) + leeway
    for endless in (SECONDS * 1000, 1e300):
        assert shop.push(exp=endless, iat=SECONDS + 1).until == NOW + LONGEST_LIFE


def test_a_cart_whose_key_was_taken_out_of_the_set_cannot_be_bought(shop: Shop) -> None:
    kept = shop.push()
    shop.deps.cart_tokens = CartTokens({"keys": [CART_KEY | {"kid": "demo-2"}]}, SHOP)
    with pytest.raises(Invalid) as error:
        read_cart(shop.deps, str(kept.short))
    assert error.value.code == "cart_forged"


def test_a_pushed_cart_expires_as_its_token_does(shop: Shop) -> None:
    kept = shop.push(exp=SECONDS + 60)
    [version] = shop.carts.kept["basket-17"]
    assert version.life == kept.until - NOW + timedelta(hours=72)  # an incident may come
    shop.deps.clock = lambda: NOW + timedelta(hours=1)
    with pytest.raises(Invalid) as error:
        read_cart(shop.deps, str(kept.short))
    assert error.value.code == "cart_expired"


@given(st.text(min_size=1, max_size=200).filter(lambda text: not any("\ud800" <= c <= "\udfff" for c in text)))
def test_any_cart_id_has_a_short_form(cart_id: str) -> None:
    form = short_form(cart_id, "token")
    assert read_short_form(str(form)) == form


@given(st.one_of(st.text(), st.text("ab.=-_é\ud800", max_size=60), st.just(f"__8.{'A' * 43}")))
def test_other_texts_are_no_short_form(text: str) -> None:
    assert read_short_form(text) is None
