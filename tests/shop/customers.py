"""A customer with a browser, and the order that Fallback makes of their cart."""

import itertools
import re
from typing import Any

import requests
from joserfc import jwt
from joserfc.jwk import OctKey

from tests.shop.running import CART_KEY, STAFF, Shop

REFS = (f"FB-TEST-{number:04}-0" for number in itertools.count(1))
ADDRESS = {
    "name": "Grace Brewster Hopper",
    "line1": "Speicherstadt 4",
    "line2": None,
    "city": "Hamburg",
    "postal_code": "20457",
    "region": None,
    "country": "DE",
}


class Customer:
    """Uses the shop as a browser does: pages, forms with their CSRF token, cookies."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.browser = requests.Session()
        self.page = "/"

    def get(self, path: str) -> requests.Response:
        self.page = path
        return self.browser.get(self.shop.url + path, timeout=30)

    def post(self, path: str, **fields: str) -> requests.Response:
        form = {"csrfmiddlewaretoken": self.browser.cookies.get("csrftoken"), **fields}
        # A browser names the page it comes from.
        headers = {"Origin": self.shop.url, "Referer": self.shop.url + self.page}
        return self.browser.post(self.shop.url + path, data=form, headers=headers, timeout=30)

    def put_in_basket(self, sku: str, quantity: int = 1) -> "Customer":
        [(product, slug)] = self.shop.sql("select id, slug from catalogue_product where upc = ?", sku)
        self.get(f"/catalogue/{slug}_{product}/").raise_for_status()
        self.post(f"/basket/add/{product}/", quantity=str(quantity)).raise_for_status()
        return self

    def empty_basket(self) -> None:
        forms = ["form-TOTAL_FORMS", "form-INITIAL_FORMS"]
        [line] = re.findall(r'name="form-0-id" value="(\d+)"', self.get("/basket/").text)
        self.post(
            "/basket/", **dict.fromkeys(forms, "1"), **{"form-0-id": line, "form-0-quantity": "0"}
        ).raise_for_status()

    @property
    def cart_token(self) -> str | None:
        return self.browser.cookies.get("fallback_cart")

    @property
    def cart(self) -> dict[str, Any]:
        """The claims of their cart token, its signature verified."""
        assert self.cart_token, "the shop gave them no cart token"
        return verified(self.cart_token)

    def check_out(self, email: str = "grace@example.com", delivery: str = "standard") -> requests.Response:
        """Buys in the shop's own checkout, as a guest."""
        self.get("/checkout/")
        self.post("/checkout/", username=email, options="anonymous")
        self.post(
            "/checkout/shipping-address/",
            first_name="Grace",
            last_name="Hopper",
            line1="Speicherstadt 4",
            line4="Hamburg",
            postcode="20457",
            country="DE",
        )
        self.get("/checkout/shipping-method/")
        self.post("/checkout/shipping-method/", method_code=delivery)
        self.get("/checkout/preview/")
        return self.post("/checkout/preview/", action="place_order")


class Staff(Customer):
    """Works in Oscar's dashboard."""

    def __init__(self, shop: Shop) -> None:
        super().__init__(shop)
        self.get("/dashboard/login/")
        email, password = STAFF
        self.post("/dashboard/login/", username=email, password=password).raise_for_status()

    def set_status(self, number: str, status: str) -> None:
        self.get(f"/dashboard/orders/{number}/")
        self.post(
            f"/dashboard/orders/{number}/", order_action="change_order_status", new_status=status
        ).raise_for_status()


def verified(token: str) -> dict[str, Any]:
    """The claims of a cart token, its signature verified."""
    return jwt.decode(token, OctKey.import_key(CART_KEY), algorithms=["HS256"]).claims


def order_of(cart: dict[str, Any], courier_slot: int | None = None, **changes: Any) -> dict[str, Any]:
    """The body with which Fallback places what `cart` says: by post, or by courier in one of its slots."""
    standard, courier = cart["delivery"]
    option = standard if courier_slot is None else courier
    return {
        "ref": next(REFS),
        "cart_id": cart["cart_id"],
        "currency": cart["currency"],
        "lines": [{name: line[name] for name in ("sku", "title", "quantity", "unit_price")} for line in cart["lines"]],
        "discounts": cart["discounts"],
        "tax": cart["tax"],
        "delivery": {
            "id": option["id"],
            "title": option["title"],
            "price": option["price"],
            "slot": None if courier_slot is None else courier["slots"][courier_slot],
        },
        "total": cart["totals"]["total"] + option["price"],
        "contact": {"name": ADDRESS["name"], "email": "grace@example.com", "phone": "+49 40 123456"},
        "shipping_address": ADDRESS,
        "note": None,
        "locale": "en",
        "received_at": "2026-11-21T10:00:00Z",
        "payment": {"provider": "stripe", "reference": "pi_123", "state": "authorized"},
        **changes,
    }


def place(shop: Shop, order: dict[str, Any]) -> requests.Response:
    return shop.call("PUT", f"orders/{order['ref']}", json=order)
