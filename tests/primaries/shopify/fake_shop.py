"""A fake of Shopify: what its documentation says of orders, executed on its published schema. No real shop answered.

graphql-core validates and executes our documents, over HTTP. Shopify's own: a metafield of type `id` is unique;
`orderCancel` answers before the order is cancelled; a document that costs more points than there are is throttled.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import count
from typing import Any

import msgspec
from graphql import GraphQLSchema, graphql_sync

from fallback.primaries.calls import Calls
from fallback.primaries.shopify import Settings
from fallback.primaries.shopify.asking import line_to
from fallback.primaries.shopify.documents import API_VERSION
from fallback.primaries.shopify.primary import SCOPES, ShopifyPrimary
from tests.primaries.published_schema import schema_of

TOKEN = "shpat_fake"
ROOT_FIELD = re.compile(r"^\s*(?:query|mutation)[^{]*\{\s*(\w+)")
# In a search: email:"a@example.org", created_at:>='2026-01-01T00:00:00Z'.
FILTER = re.compile(r"""(\w+):(?:>=)?(?:"((?:[^"\\]|\\.)*)"|'([^']*)')""")


class FakeShopify:
    """Its methods with Shopify's names are the root fields of the schema.

    `cancels_at_look`: the look after `orderCancel` that first sees the order cancelled. `throttled`: how many documents
    are still throttled, by a bucket that lacks `missing` points. `twice`: SKUs that two variants have. `lost`: the
    root fields whose next answer is lost, after its effect.
    """

    def __init__(self, schema: GraphQLSchema) -> None:
        self.stock: dict[str, int] = {}
        self.prices: dict[str, str] = {}
        self.twice: set[str] = set()
        self.lost: set[str] = set()
        self.kept: list[dict[str, Any]] = []
        self.scopes = set(SCOPES)
        self.definition: dict[str, Any] | None = {"type": {"name": "id"}}
        self.currency = "EUR"
        self.cancels_at_look = 1
        self.throttled, self.missing = 0, 1
        self.asked: list[str] = []
        self._schema = schema
        self._numbers = count(1001)
        self._lock = threading.Lock()

    def answer(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        with self._lock:
            root = ROOT_FIELD.match(document)
            self.asked.append(root[1] if root else "")
            if self.throttled:
                self.throttled -= 1
                return self._throttle()
            done = graphql_sync(self._schema, document, self, variable_values=dict(variables))
            return {"data": done.data, **({"errors": [each.formatted for each in done.errors]} if done.errors else {})}

    def _throttle(self) -> dict[str, Any]:
        bucket = {"maximumAvailable": 2000.0, "currentlyAvailable": 40, "restoreRate": 100.0}
        cost = {"requestedQueryCost": 40 + self.missing, "actualQueryCost": None, "throttleStatus": bucket}
        error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
        return {"errors": [error], "extensions": {"cost": cost}}

    def currentAppInstallation(self, _: object) -> Any:
        return {"accessScopes": [{"handle": scope} for scope in sorted(self.scopes)]}

    def metafieldDefinition(self, _: object, identifier: Mapping[str, str]) -> Any:
        assert (identifier["namespace"], identifier["key"], identifier["ownerType"]) == ("fallback", "ref", "ORDER")
        return self.definition

    def shop(self, _: object) -> Any:
        return {"currencyCode": self.currency}

    def productVariants(self, _: object, query: str, first: int) -> Any:
        """A search matches words: a variant whose SKU only begins like the one that is wanted is found too."""
        wanted = {value for name, value, _ in FILTER.findall(query) if name == "sku"}
        found = [sku for sku in self.prices if any(sku.startswith(each) for each in wanted)]
        found += [sku for sku in found if sku in self.twice]
        return {"nodes": [{"id": f"gid://shopify/ProductVariant/{sku}", "sku": sku} for sku in found][:first]}

    def orderByIdentifier(self, _: object, identifier: Mapping[str, Any]) -> Any:
        there = self.with_ref(identifier["customId"]["value"])
        if there and there["looks"]:
            there["looks"] -= 1
            if not there["looks"]:
                self.cancel(there)
        return self._shown(there) if there else None

    def order(self, _: object, id: str) -> Any:
        return self._shown(self._with_id(id))

    def orders(self, _: object, query: str, first: int, sortKey: str, after: str | None = None) -> Any:
        assert sortKey == "CREATED_AT"
        terms = [(name, quoted or plain) for name, quoted, plain in FILTER.findall(query)]
        since = next(value for name, value in terms if name == "created_at")
        either = [(name, value.lower()) for name, value in terms if name != "created_at"]
        found = [order for order in self.kept if order["created_at"] >= since]
        found = [order for order in found if not either or any(_has(order, *term) for term in either)]
        return page([self._shown(order) for order in found], first, after)

    def orderCreate(self, _: object, order: Mapping[str, Any], options: Mapping[str, Any]) -> Any:
        assert options["inventoryBehaviour"] == "DECREMENT_OBEYING_POLICY"
        assert options["sendReceipt"] is False
        ref = order["metafields"][0]["value"]
        if self.with_ref(ref):
            return refused(["order", "metafields", "0", "value"], "must be unique", "INVALID")
        skus = [line["variantId"].rpartition("/")[2] for line in order["lineItems"]]
        for place, (sku, line) in enumerate(zip(skus, order["lineItems"], strict=True)):
            if self.stock[sku] < line["quantity"]:
                return refused(["order", "lineItems", str(place)], "cannot be reserved", "INVENTORY_CLAIM_FAILED")
        for sku, line in zip(skus, order["lineItems"], strict=True):
            self.stock[sku] -= line["quantity"]
        number = next(self._numbers)
        made = {
            "id": f"gid://shopify/Order/{number}",
            "name": f"#{number}",
            "created_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "given": order,
            "skus": skus,
            "ref": ref,
            "metafields": {each["key"]: each["value"] for each in order["metafields"]},
            "cancelled_at": None,
            "looks": 0,
            "fulfillment": "UNFULFILLED",
            "financial": "AUTHORIZED",
            "cart_token": None,
        }
        self.kept.append(made)
        return {"order": self._shown(made), "userErrors": []}

    def orderCancel(self, _: object, orderId: str, **given: Any) -> Any:
        assert (given["restock"], given["notifyCustomer"]) == (True, False)
        there = self._with_id(orderId)
        if there["cancelled_at"] or there["fulfillment"] != "UNFULFILLED":
            error = {"code": "INVALID", "field": ["orderId"], "message": "cannot be cancelled"}
            return {"job": None, "orderCancelUserErrors": [error]}
        there["looks"] = self.cancels_at_look
        return {"job": {"id": "gid://shopify/Job/1"}, "orderCancelUserErrors": []}

    def orderMarkAsPaid(self, _: object, input: Mapping[str, str]) -> Any:
        there = self._with_id(input["id"])
        if there["financial"] == "PAID":
            return {"userErrors": [{"field": ["id"], "message": "is paid already"}]}
        there["financial"] = "PAID"
        return {"userErrors": []}

    def metafieldsSet(self, _: object, metafields: list[Mapping[str, str]]) -> Any:
        for each in metafields:
            self._with_id(each["ownerId"])["metafields"][each["key"]] = each["value"]
        return {"userErrors": []}

    def cancel(self, order: dict[str, Any]) -> None:
        order["cancelled_at"] = datetime.now(UTC).isoformat()
        for sku, line in zip(order["skus"], order["given"]["lineItems"], strict=True):
            self.stock[sku] += line["quantity"]

    def with_ref(self, ref: str) -> dict[str, Any] | None:
        return next((order for order in self.kept if order["ref"] == ref), None)

    def _with_id(self, id: str) -> dict[str, Any]:
        return next(order for order in self.kept if order["id"] == id)

    def _shown(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """An order with the names of the schema."""
        given = order["given"]
        lines = [
            {
                "sku": sku,
                "currentQuantity": line["quantity"],
                "originalUnitPriceSet": line["priceSet"],
                "variant": {"price": self.prices[sku]},
            }
            for sku, line in zip(order["skus"], given["lineItems"], strict=True)
        ]
        address = given["shippingAddress"]
        return {
            "id": order["id"],
            "name": order["name"],
            "email": given["email"],
            "cancelledAt": order["cancelled_at"],
            "cartToken": order["cart_token"],
            "displayFinancialStatus": order["financial"],
            "displayFulfillmentStatus": order["fulfillment"],
            "metafield": lambda _, key, namespace: value_of(order["metafields"].get(key)),
            "customAttributes": given["customAttributes"],
            "currentTotalPriceSet": {"shopMoney": {"amount": str(total(given)), "currencyCode": given["currency"]}},
            "shippingLine": next(iter(given["shippingLines"]), None),
            "shippingAddress": {**address, "countryCodeV2": address["countryCode"]},
            "lineItems": lambda _, first, after=None: page(lines, first, after),
        }


def total(given: Mapping[str, Any]) -> Decimal:
    """What orderCreate makes of its input."""
    whole = sum(Decimal(line["priceSet"]["shopMoney"]["amount"]) * line["quantity"] for line in given["lineItems"])
    whole += sum(Decimal(line["priceSet"]["shopMoney"]["amount"]) for line in given["shippingLines"])
    if "discountCode" in given:
        whole -= Decimal(given["discountCode"]["itemFixedDiscountCode"]["amountSet"]["shopMoney"]["amount"])
    if not given["taxesIncluded"]:
        whole += sum(Decimal(line["priceSet"]["shopMoney"]["amount"]) for line in given["taxLines"])
    return Decimal(whole)


def _has(order: Mapping[str, Any], name: str, value: str) -> bool:
    """A search matches parts."""
    there = {
        "email": [order["given"]["email"]],
        "tag": order["given"]["tags"],
        "cart_token": [order["cart_token"] or ""],
    }
    return any(value in each.lower() for each in there[name])


def value_of(value: str | None) -> dict[str, str] | None:
    return None if value is None else {"value": value}


def refused(field: list[str], message: str, code: str) -> dict[str, Any]:
    return {"order": None, "userErrors": [{"code": code, "field": field, "message": message}]}


def page(nodes: list[Any], first: int, after: str | None) -> dict[str, Any]:
    start = int(after or 0)
    end = start + first
    return {"nodes": nodes[start:end], "pageInfo": {"hasNextPage": end < len(nodes), "endCursor": str(end)}}


class FakeShop:
    """The adapter, the shop, and the hands of the people in it."""

    def __init__(self, shopify: FakeShopify, url: str, token: str = TOKEN) -> None:
        settings = Settings(primary_url=url, primary_token=token)
        self.shopify, self.url = shopify, url
        self.primary = ShopifyPrimary(line_to(settings, 10), Calls(10), pauses=(0, 0, 0))

    def there(self, ref: str) -> dict[str, Any]:
        found = self.shopify.with_ref(ref)
        assert found
        return found

    def ship(self, ref: str) -> None:
        self.there(ref)["fulfillment"] = "FULFILLED"

    def unpaid(self, ref: str) -> None:
        """Makes of it an order that the shop took itself and that waits for its payment."""
        there = self.there(ref)
        cart = there["given"]["customAttributes"][0]["value"]
        there |= {"ref": None, "metafields": {}, "financial": "PENDING", "cart_token": cart}
        there["given"] = {**there["given"], "customAttributes": [], "tags": []}


@contextmanager
def fake_shop() -> Iterator[FakeShop]:
    shopify = FakeShopify(schema_of("shopify"))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = msgspec.json.decode(self.rfile.read(int(self.headers["Content-Length"])))
            assert self.path == f"/admin/api/{API_VERSION}/graphql.json"
            known = self.headers["X-Shopify-Access-Token"] == TOKEN
            body = shopify.answer(asked["query"], asked["variables"]) if known else {"errors": "Invalid access token"}
            if shopify.asked and shopify.asked[-1] in shopify.lost:
                shopify.lost.remove(shopify.asked[-1])
                return
            self.send_response(200 if known else 401)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(msgspec.json.encode(body))

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield FakeShop(shopify, f"http://127.0.0.1:{server.server_address[1]}")
    finally:
        server.shutdown()
        server.server_close()
