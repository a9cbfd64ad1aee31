"""The token by itself: what it gives up to fit a cookie, and what it refuses to read."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ops.demo.shop.fallback_connect import cart_token

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
KEY = {"kty": "oct", "kid": "k1", "alg": "HS256", "k": "AyM32w-8JD8g0jzOMOXhXSZ0wPyAZ8Vy8i4Jmmk9aDw"}
OTHER_KEY = KEY | {"k": "BzM32w-8JD8g0jzOMOXhXSZ0wPyAZ8Vy8i4Jmmk9aDw"}


def cart(lines: int) -> dict[str, Any]:
    line = {"title": "A title that takes its time to come to its end", "quantity": 1, "unit_price": 100}
    return {
        "cart_id": "basket-1",
        "lines": [line | {"sku": f"BK-{n}", "picture": f"/media/covers/bk-{n}.svg"} for n in range(lines)],
    }


def signed(lines: int) -> str:
    return cart_token.sign(cart(lines), "the-shop", KEY, NOW)


def read(token: str, issuer: str = "the-shop", key: dict[str, str] = KEY, now: datetime = NOW) -> Any:
    return cart_token.read(token, issuer, key, now)


def test_a_small_cart_is_told_in_full() -> None:
    assert read(signed(lines=2))["lines"] == cart(2)["lines"]


def test_texts_for_which_the_token_has_no_room_are_cut_or_left_out() -> None:
    title = "x" * 201
    [line] = cart(1)["lines"]
    long = cart(1) | {
        "lines": [line | {"title": title, "picture": f"/media/{title * 3}"}],
        "discounts": [{"title": title, "amount": 1}],
        "delivery": [{"id": "standard", "title": title, "price": 0}],
    }
    told = read(cart_token.sign(long, "the-shop", KEY, NOW))
    assert {len(each["title"]) for name in ("lines", "discounts", "delivery") for each in told[name]} == {200}
    assert "picture" not in told["lines"][0]
    assert cart_token.is_same_cart(long, told)


def test_a_larger_cart_goes_without_pictures() -> None:
    lines = read(signed(lines=20))["lines"]
    assert len(lines) == 20
    assert all("picture" not in line and line["title"].endswith("its end") for line in lines)


def test_a_large_cart_has_short_titles() -> None:
    lines = read(signed(lines=30))["lines"]
    assert len(lines) == 30
    assert {line["title"] for line in lines} == {"A title that takes its t"}


@pytest.mark.parametrize("lines", [1, 15, 20, 30])
def test_every_token_fits_a_cookie(lines: int) -> None:
    assert len(signed(lines)) <= cart_token.MAX_TOKEN_BYTES


def test_a_cart_beyond_every_form_is_refused() -> None:
    with pytest.raises(cart_token.TooLarge):
        signed(lines=200)


@pytest.mark.parametrize("lines", [2, 20, 30])
def test_a_shortened_token_still_counts_as_the_same_cart(lines: int) -> None:
    assert cart_token.is_same_cart(cart(lines), read(signed(lines)))


def test_another_quantity_is_another_cart() -> None:
    changed = cart(2)
    changed["lines"][0]["quantity"] = 3
    assert not cart_token.is_same_cart(changed, read(signed(2)))


def test_a_forged_token_is_not_read() -> None:
    assert read(signed(1), key=OTHER_KEY) is None


def test_an_expired_token_is_not_read() -> None:
    assert read(signed(1), now=NOW + timedelta(hours=25)) is None


def test_the_token_of_another_shop_is_not_read() -> None:
    assert read(signed(1), issuer="another-shop") is None


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "é.é.é"])
def test_what_is_no_token_is_not_read(token: str) -> None:
    assert read(token) is None
