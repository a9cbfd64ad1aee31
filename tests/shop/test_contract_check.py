"""The tool that a shop's developer uses finds nothing to say against this shop."""

import subprocess
import sys

from tests.shop.running import REPO, TOKEN, Shop


def test_the_shop_keeps_the_whole_contract(shop: Shop) -> None:
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
