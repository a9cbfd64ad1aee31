"""Carts that the shop pushed, in memory and in Redis: two versions of each, the newest by when it was signed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.ledger.checkout.pushed_carts import RedisPushedCarts
from tests.fakes.pushed_carts import FakePushedCarts

Carts = RedisPushedCarts | FakePushedCarts


def version(number: int, cart_id: str = "basket/17 ü", issued_at: float | None = None) -> PushedCart:
    signed = Signed("shared-1", f'{{"title":"ü {number}"}}'.encode())
    return PushedCart(cart_id, f"print-{number}", number if issued_at is None else issued_at, timedelta(days=1), signed)


@pytest.fixture
def carts(house: Container) -> Carts:
    return house.pushed_carts


def test_a_cart_is_found_by_its_id_and_key(carts: Carts) -> None:
    assert carts.keep(version(1))
    assert carts.find("basket/17 ü", "print-1") == version(1).signed
    assert carts.find("basket/17 ü", "print-2") is None
    assert carts.find("basket/18", "print-1") is None


def test_the_two_newest_versions_are_kept(carts: Carts) -> None:
    assert all(carts.keep(version(number)) for number in (1, 2, 3))
    found = {number for number in (1, 2, 3) if carts.find("basket/17 ü", f"print-{number}")}
    assert found == {2, 3}


def test_a_version_that_comes_late_changes_nothing(carts: Carts) -> None:
    assert [carts.keep(version(number)) for number in (1, 3, 2)] == [True, True, False]
    assert carts.find("basket/17 ü", "print-2") is None
    assert carts.find("basket/17 ü", "print-1")


def test_of_two_versions_of_one_second_the_last_to_come_is_the_newest(carts: Carts) -> None:
    assert carts.keep(version(1, issued_at=1795255200))
    assert carts.keep(version(2, issued_at=1795255200))
    assert not carts.keep(version(3, issued_at=1795255199.5))


def test_a_push_that_is_sent_again_changes_nothing(carts: Carts) -> None:
    for number in (1, 2, 2, 2):
        assert carts.keep(version(number))
    assert carts.find("basket/17 ü", "print-1")


def test_carts_do_not_know_of_each_other(carts: Carts) -> None:
    assert carts.keep(version(2, "one"))
    assert carts.keep(version(1, "other"))
    assert carts.find("one", "print-1") is None
