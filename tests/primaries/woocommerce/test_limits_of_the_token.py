"""The cart that the plugin signs keeps the limits of the cart token. WordPress is left out."""

from __future__ import annotations

import json
import subprocess
from typing import Any

import pytest

from tests.primaries.woocommerce.test_plugin import PLUGIN
from tests.programs import program

WORDPRESS = """
namespace FallbackCheckout\\Woo {
    function sku_of($product) { return 'BK-1'; }
    function places($package) { return []; }
}
namespace {
    const ABSPATH = '/';
    $GLOBALS['given'] = json_decode($argv[2], true);
    function given(string $name) { return $GLOBALS['given'][$name]; }
    function add_action() {}
    function wp_strip_all_tags($text) { return trim(strip_tags($text)); }
    function wp_get_attachment_image_url() { return given('picture'); }
    function wp_parse_url($url, $part) { return parse_url($url, $part); }
    function wc_format_decimal($amount) { return $amount; }
    function wc_get_price_decimals() { return 2; }
    function get_woocommerce_currency() { return 'EUR'; }
    class WC_Product {
        function get_name() { return given('title'); }
        function get_image_id() { return 1; }
        function managing_stock() { return false; }
    }
    class Rate {
        function get_id() { return 'flat_rate:1'; }
        function get_method_id() { return 'flat_rate'; }
        function get_label() { return given('title'); }
        function get_cost() { return '4.16'; }
        function get_taxes() { return [0.79]; }
    }
    class WC_Cart {
        function needs_shipping() { return true; }
        function get_shipping_packages() { return []; }
    }
    class Shop {
        function shipping() { return $this; }
        function calculate_shipping() { return [['rates' => [new Rate()]]]; }
    }
    function WC() { return new Shop(); }
    require $argv[1];
    [$line] = FallbackCheckout\\Woo\\lines(['data' => new WC_Product(), 'quantity' => 1], 1299);
    [$delivery] = FallbackCheckout\\Woo\\delivery_options(new WC_Cart());
    echo json_encode(['line' => $line, 'delivery' => $delivery]);
}
"""
PICTURE = "https://shop.example/uploads/bk-1.jpg"


def signed(title: str = "The Sea", picture: str = PICTURE) -> Any:
    """The line and the delivery option of a product, and of a rate, with these."""
    command = [program("php"), "-d", "display_errors=stderr", "-r", WORDPRESS, str(PLUGIN / "cart.php")]
    given = json.dumps({"title": title, "picture": picture})
    return json.loads(subprocess.run([*command, given], check=True, capture_output=True, text=True, timeout=60).stdout)


def test_a_product_and_a_delivery_are_named_as_in_the_shop() -> None:
    cart = signed()
    assert (cart["line"]["title"], cart["line"]["picture"]) == ("The Sea", "/uploads/bk-1.jpg")
    assert (cart["delivery"]["title"], cart["delivery"]["price"]) == ("The Sea", 495)


@pytest.mark.parametrize("title", ["", " ", "<br>"])
def test_what_has_no_name_in_the_shop_is_named_by_its_id(title: str) -> None:
    cart = signed(title)
    assert (cart["line"]["title"], cart["delivery"]["title"]) == ("BK-1", "flat_rate:1")


@pytest.mark.parametrize("path", ["", "/" + "ü" * 500])
def test_a_picture_without_a_path_or_with_a_long_one_is_left_out(path: str) -> None:
    assert "picture" not in signed(picture=f"https://shop.example{path}")["line"]
