"""The claims of the plugins for Node.js keep the limits of the cart token. The shops' own packages are left out."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest

from fallback.domain.order.cart import Cart
from tests.cart_token.signers import SIGNERS
from tests.cart_token.vectors import AT, FOLDER, TOKENS, VECTORS, key_of
from tests.programs import program

CONNECTORS = FOLDER.parent / "connectors"
NODE_SIGNER = SIGNERS[0]
FRAME = {
    "iss": VECTORS["shop"],
    "aud": "fallback-checkout",
    "iat": int(AT.timestamp()),
    "exp": int(AT.timestamp()) + 60,
}
LONG, CUT = "x" + "📚" * 200, "x" + "📚" * 199

# What a shop's package exports is not used here, or stands for a name.
PACKAGE = "module.exports = new Proxy({}, { get: (_, name) => globalThis[name] ?? name });"
MEDUSA = """
const given = JSON.parse(process.argv[1]);
globalThis.listShippingOptionsForCartWithPricingWorkflow = () => ({ run: async () => ({ result: given.options }) });
globalThis.Modules = { CURRENCY: "currency", TAX: "tax" };
globalThis.ContainerRegistrationKeys = { QUERY: "query", LOGGER: "logger" };
const zone = { geo_zones: [{ type: "country", country_code: "de" }] };
const services = {
  fallback: { options: { shop: given.shop, cartKey: given.key } },
  query: { graph: async ({ entity }) =>
    ({ data: entity === "cart" ? [given.cart] : given.options.map(({ id }) => ({ id, service_zone: zone })) }) },
  currency: { retrieveCurrency: async () => ({ decimal_digits: 2 }) },
};
require("./plugin/src/cart").cookieOf({ resolve: (name) => services[name] }, given.cart.id).then(console.log);
"""
VENDURE = """
const given = JSON.parse(process.argv[1]);
Reflect.defineMetadata = () => {};
const { FallbackClaims } = require("./plugin/claims");
const claims = new FallbackClaims(
  { taxOptions: { taxZoneStrategy: { determineTaxZone: () => ({ id: 1 }) } }, entityOptions: {} },
  { getEligibleShippingMethods: async () => given.methods },
  { hydrate: async () => {} },
  { getSaleableStockLevel: async () => 7 },
  {},
  { findAllAvailable: async () => [{ code: "DE" }] },
  { getAllWithMembers: async () => [] },
);
const context = { channel: { pricesIncludeTax: true } };
claims.of(context, given.order, given, 0).then((found) => console.log(JSON.stringify(found)));
"""


def run(plugin: str, script: str, given: dict[str, Any], at: Path) -> str:
    """What the script prints, with this plugin beside it."""
    copytree(CONNECTORS / plugin, at / "plugin")
    (at / "plugin/sign.mjs").write_bytes((FOLDER / "sign.mjs").read_bytes())
    for package in ("@medusajs/framework/utils", "@medusajs/medusa/core-flows", "@vendure/core"):
        file = at / "node_modules" / f"{package}.js"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(PACKAGE)
    command = [program("node"), "--eval", script, json.dumps(given)]
    return subprocess.run(command, cwd=at, check=True, capture_output=True, text=True, timeout=60).stdout.strip()


def of_medusa(title: str, at: Path) -> Cart:
    item = {"variant_sku": "BK-1", "variant_id": "variant_1", "title": title, "quantity": 1, "unit_price": 12.99}
    cart = {
        "id": "cart_1",
        "currency_code": "eur",
        "items": [item | {"is_tax_inclusive": True}],
        "item_total": 10.99,
        "item_tax_total": 1.75,
        "promotions": [{"code": title}],
        "region": {"automatic_taxes": True, "countries": [{"iso_2": "de"}]},
    }
    given = {"cart": cart, "options": [{"id": "so_1", "name": title, "amount": 4.95}]}
    token = run("medusa", MEDUSA, given | {"shop": VECTORS["shop"], "key": key_of("shared-1")}, at)
    return read_at_any_time(token)


def of_vendure(title: str, at: Path) -> Cart:
    variant = {"sku": "BK-1", "name": title}
    order = {
        "code": "ORDER-1",
        "currencyCode": "EUR",
        "lines": [{"productVariant": variant, "quantity": 1, "unitPrice": 1092, "unitPriceWithTax": 1299}],
        "discounts": [{"description": title}],
        "subTotal": 924,
        "subTotalWithTax": 1099,
    }
    given = {"order": order, "methods": [{"code": "standard", "name": title, "priceWithTax": 495}]}
    claims = json.loads(run("vendure", VENDURE, given, at)) | FRAME
    [token] = NODE_SIGNER.sign({"claims": claims, "key": key_of("shared-1")})
    return TOKENS.read(token, AT)


def read_at_any_time(token: str) -> Cart:
    """It was signed now."""
    return TOKENS.read(token, datetime.now(UTC))


@pytest.mark.parametrize("cart", [of_medusa, of_vendure])
def test_a_plugin_cuts_every_title_between_two_characters(cart: Callable[[str, Path], Cart], tmp_path: Path) -> None:
    """Half a character makes the whole cart unreadable."""
    read = cart(LONG, tmp_path)
    assert [each.title for each in (*read.lines, *read.discounts, *read.delivery)] == [CUT] * 3
