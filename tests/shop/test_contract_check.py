"""The tool that a shop's developer uses finds nothing to say against this shop."""

import subprocess
import sys

import pytest

from tests.shop.customers import Customer
from tests.shop.running import REPO, TOKEN, Shop

# The shop takes 5.00 off three books like these.
DISCOUNTED = {"--sku": "BK-6", "--price": "2900", "--second-sku": "BK-1", "--second-price": "1299", "--discount": "500"}
NOT_DISCOUNTED = {"--sku": "BK-1", "--price": "1299", "--second-sku": "BK-2", "--second-price": "2450"}


@pytest.mark.parametrize("prices", ["honoured", "refused"])
def test_the_shop_keeps_the_whole_contract(prices: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue("shop" if prices == "honoured" else "strict_shop")
    customer = Customer(shop)
    slot = customer.put_in_basket("BK-1").cart["delivery"][1]["slots"][0]
    books = DISCOUNTED if prices == "honoured" else NOT_DISCOUNTED
    sample = books | {
        "--other-delivery": "courier",
        "--other-delivery-price": "790",
        "--delivery-price": "495",
    }
    options = [word for option in sample.items() for word in option]
    options += ["--other-slot", slot["id"], slot["starts"], slot["ends"]]
    command = [sys.executable, "-m", "fallback", "primary", "check", shop.url, "--token", TOKEN, *options]
    check = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=240)
    assert check.returncode == 0, check.stdout + check.stderr
    assert "cart is free again" in check.stdout
    tried = ["price honoured"] if prices == "honoured" else ["price changed", "line is added"]
    for name in (*tried, "two lines", "delivery is changed", "listed in any case", "phone is amended"):
        assert f"passed     {name}" in check.stdout
