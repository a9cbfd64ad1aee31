"""The tool that a shop's developer uses finds nothing to say against this shop."""

import subprocess
import sys

import pytest

from tests.shop.running import REPO, TOKEN, Shop


@pytest.mark.parametrize("prices", ["honoured", "refused"])
def test_the_shop_keeps_the_whole_contract(prices: str, request: pytest.FixtureRequest) -> None:
    shop: Shop = request.getfixturevalue("shop" if prices == "honoured" else "strict_shop")
    sample = {
        "--sku": "BK-6",
        "--price": "2900",
        "--title": "The Patient Gardener",
        "--currency": "EUR",
        "--delivery": "standard",
        "--delivery-price": "495",
        "--country": "DE",
    }
    options = [word for option in sample.items() for word in option]
    command = [sys.executable, "-m", "fallback.cli.main", "primary", "check", shop.url, "--token", TOKEN, *options]
    check = subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=120)
    assert check.returncode == 0, check.stdout + check.stderr
    assert "cart is free again" in check.stdout
    tried = "price honoured" if prices == "honoured" else "price changed"
    assert f"passed     {tried}" in check.stdout
