"""A customer in the Vendure shop: what a storefront asks of the Shop API."""

from __future__ import annotations

from typing import Any

import requests

from tests.shops.vendure.running import VendureShop

CART = "... on Order { id code state totalWithTax fallbackCart }"
ERROR = "... on ErrorResult { errorCode message }"
ADDRESS = {"streetLine1": "1 Quay", "city": "Hull", "postalCode": "HU1 1AA", "countryCode": "GB"}


class Customer:
    def __init__(self, shop: VendureShop, email: str = "iris@example.org") -> None:
        self.shop, self.email = shop, email
        self.browser = requests.Session()

    def asks(self, document: str, **variables: Any) -> dict[str, Any]:
        body = {"query": document, "variables": variables}
        answer = self.browser.post(f"{self.shop.url}/shop-api", json=body, timeout=60).json()
        assert "errors" not in answer, answer["errors"]
        found: dict[str, Any] = answer["data"]
        return found

    def adds(self, sku: str, quantity: int = 1) -> dict[str, Any]:
        """The basket afterwards, as a storefront shows it."""
        variant = self.shop.variant(sku)
        document = (
            f"mutation ($id: ID!, $n: Int!) {{ addItemToOrder(productVariantId: $id, quantity: $n) {{ {CART} }} }}"
        )
        basket: dict[str, Any] = self.asks(document, id=variant, n=quantity)["addItemToOrder"]
        return basket

    @property
    def basket(self) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self.asks(f"{{ activeOrder {{ {CART} }} }}")["activeOrder"]
        return found

    def signs_in(self) -> None:
        """With a new account, which has two addresses; the second is the one to send to."""
        who = {"firstName": "Nora", "lastName": "Account", "phoneNumber": "+44 1482 300300"}
        account = {"emailAddress": self.email, "password": "a-long-one-1", **who}
        self.asks(
            "mutation ($new: RegisterCustomerInput!) { registerCustomerAccount(input: $new) { __typename } }",
            new=account,
        )
        document = """mutation ($name: String!, $password: String!) {
            login(username: $name, password: $password) { __typename } }"""
        signed_in = self.asks(document, name=self.email, password=account["password"])["login"]
        assert signed_in["__typename"] == "CurrentUser"
        second = {**ADDRESS, "streetLine1": "2 Harbour Street", "postalCode": "HU1 2BB", "defaultShippingAddress": True}
        for address in (ADDRESS, second):
            self.asks("mutation ($new: CreateAddressInput!) { createCustomerAddress(input: $new) { id } }", new=address)

    def signs_out(self) -> None:
        self.asks("mutation { logout { success } }")

    def goes_to_the_payment(self) -> dict[str, Any]:
        """The answer to the last step, which is refused if the basket is in hand."""
        who = {"firstName": "Iris", "lastName": "Murdoch", "emailAddress": self.email}
        self.asks("mutation ($who: CreateCustomerInput!) { setCustomerForOrder(input: $who) { __typename } }", who=who)
        where = {"fullName": "Iris Murdoch", **ADDRESS}
        self.asks(
            "mutation ($at: CreateAddressInput!) { setOrderShippingAddress(input: $at) { __typename } }", at=where
        )
        [first, *_] = self.asks("{ eligibleShippingMethods { id } }")["eligibleShippingMethods"]
        self.asks(
            "mutation ($id: [ID!]!) { setOrderShippingMethod(shippingMethodId: $id) { __typename } }", id=[first["id"]]
        )
        document = """mutation { transitionOrderToState(state: "ArrangingPayment") {
            __typename ... on OrderStateTransitionError { transitionError } ... on Order { state } } }"""
        answer: dict[str, Any] = self.asks(document)["transitionOrderToState"]
        return answer

    def pays(self) -> dict[str, Any]:
        document = f"""mutation {{ addPaymentToOrder(input: {{ method: "invoice", metadata: {{}} }}) {{
            __typename ... on Order {{ code state }} {ERROR} }} }}"""
        answer: dict[str, Any] = self.asks(document)["addPaymentToOrder"]
        return answer
