"""What a customer does in the shop, as Vendure's Shop API has it.

Whatever shows or changes the basket asks for `fallbackCart` too: nothing else is done for Fallback Checkout here.
"""

from __future__ import annotations

from typing import Any

from ops.demo.shops.vendure.storefront.graphql import GraphQL

BASKET = """... on Order {
    id code state currencyCode totalQuantity subTotalWithTax shippingWithTax totalWithTax fallbackCart
    discounts { description amountWithTax }
    lines { id quantity linePriceWithTax productVariant { name } }
}"""
ERROR = "__typename ... on ErrorResult { message }"

HOME = f"""{{
    products(options: {{ take: 100, sort: {{ id: ASC }} }}) {{
        items {{ name variants {{ id priceWithTax currencyCode }} }} }}
    activeOrder {{ {BASKET} }}
}}"""
DELIVERY = "{ eligibleShippingMethods { id name priceWithTax } availableCountries { code name } }"
ORDER = f"query ($code: String!) {{ orderByCode(code: $code) {{ {BASKET} }} }}"

ADD = f"""mutation ($id: ID!, $quantity: Int!) {{
    addItemToOrder(productVariantId: $id, quantity: $quantity) {{ {BASKET} {ERROR} }} }}"""
CHANGE = f"""mutation ($id: ID!, $quantity: Int!) {{
    adjustOrderLine(orderLineId: $id, quantity: $quantity) {{ {BASKET} {ERROR} }} }}"""
WHO = f"mutation ($who: CreateCustomerInput!) {{ setCustomerForOrder(input: $who) {{ {ERROR} }} }}"
WHERE = f"mutation ($to: CreateAddressInput!) {{ setOrderShippingAddress(input: $to) {{ {ERROR} }} }}"
BY = f"mutation ($by: [ID!]!) {{ setOrderShippingMethod(shippingMethodId: $by) {{ {ERROR} }} }}"
GO = f"""mutation ($state: String!) {{ transitionOrderToState(state: $state) {{
    {BASKET} {ERROR} ... on OrderStateTransitionError {{ transitionError }} }} }}"""
PAY = f"""mutation {{ addPaymentToOrder(input: {{ method: "invoice", metadata: {{}} }}) {{ {BASKET} {ERROR} }} }}"""

Basket = dict[str, Any]


def books(shop: GraphQL) -> tuple[list[dict[str, Any]], Basket | None]:
    """With the basket, whose size stands beside its link."""
    found = shop.ask(HOME)
    return found["products"]["items"], found["activeOrder"]


def basket(shop: GraphQL) -> Basket | None:
    found: Basket | None = shop.ask(f"{{ activeOrder {{ {BASKET} }} }}")["activeOrder"]
    return found


def ways_to_deliver(shop: GraphQL) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """And the countries."""
    found = shop.ask(DELIVERY)
    return found["eligibleShippingMethods"], found["availableCountries"]


def add(shop: GraphQL, variant: str, quantity: int) -> None:
    back_to_the_basket(shop)
    shop.do(ADD, id=variant, quantity=quantity)


def change(shop: GraphQL, line: str, quantity: int) -> None:
    back_to_the_basket(shop)
    shop.do(CHANGE, id=line, quantity=quantity)


def buy(shop: GraphQL, who: dict[str, str], address: dict[str, str], delivery: str) -> str:
    """The checkout of the shop, with its own payment on invoice. Returns the number of the order."""
    back_to_the_basket(shop)
    shop.do(WHO, who=who)
    shop.do(WHERE, to=address)
    shop.do(BY, by=[delivery])
    shop.do(GO, state="ArrangingPayment")
    return str(shop.do(PAY)["code"])


def back_to_the_basket(shop: GraphQL) -> None:
    """A customer whose payment did not come through may change everything again."""
    if (there := basket(shop)) and there["state"] == "ArrangingPayment":
        shop.do(GO, state="AddingItems")


def order(shop: GraphQL, code: str) -> dict[str, Any] | None:
    """As the customer who placed it may see it."""
    found: dict[str, Any] | None = shop.ask(ORDER, code=code)["orderByCode"]
    return found
