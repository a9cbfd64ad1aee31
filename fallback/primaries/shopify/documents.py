"""What is asked of Shopify's Admin GraphQL API.

A query may cost 1,000 points at most: an object is one, a list as many as may be in it. So a page of orders is short,
and only the first lines of an order come with it.
"""

from __future__ import annotations

API_VERSION = "2026-07"
NAMESPACE = "fallback"

LINE = "sku currentQuantity originalUnitPriceSet { shopMoney { amount } } variant { price }"

KEPT = f"""
fragment Kept on Order {{
  id name email cancelledAt cartToken displayFinancialStatus displayFulfillmentStatus
  ref: metafield(namespace: "{NAMESPACE}", key: "ref") {{ value }}
  report: metafield(namespace: "{NAMESPACE}", key: "report") {{ value }}
  customAttributes {{ key value }}
  currentTotalPriceSet {{ shopMoney {{ amount currencyCode }} }}
  shippingLine {{ code }}
  shippingAddress {{ firstName lastName address1 address2 city province provinceCode zip countryCodeV2 phone }}
  lineItems(first: $lines) {{ nodes {{ {LINE} }} pageInfo {{ hasNextPage endCursor }} }}
}}
"""

HEALTH = f"""
query {{
  currentAppInstallation {{ accessScopes {{ handle }} }}
  metafieldDefinition(identifier: {{ownerType: ORDER, namespace: "{NAMESPACE}", key: "ref"}}) {{ type {{ name }} }}
}}
"""

WITH_REF = f"""
query ($ref: String!, $lines: Int!) {{
  orderByIdentifier(identifier: {{customId: {{namespace: "{NAMESPACE}", key: "ref", value: $ref}}}}) {{ ...Kept }}
}}
{KEPT}"""

MORE_LINES = f"""
query ($id: ID!, $after: String!, $lines: Int!) {{
  order(id: $id) {{
    lineItems(first: $lines, after: $after) {{ nodes {{ {LINE} }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}
"""

ORDERS = f"""
query ($query: String!, $after: String, $first: Int!, $lines: Int!) {{
  orders(query: $query, after: $after, first: $first, sortKey: CREATED_AT) {{
    nodes {{ ...Kept }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
{KEPT}"""

VARIANTS = """
query ($query: String!, $first: Int!) {
  shop { currencyCode }
  productVariants(query: $query, first: $first) { nodes { id sku } }
}
"""

PLACE = f"""
mutation ($order: OrderCreateOrderInput!, $lines: Int!) {{
  orderCreate(
    order: $order
    options: {{inventoryBehaviour: DECREMENT_OBEYING_POLICY, sendReceipt: false, sendFulfillmentReceipt: false}}
  ) {{
    order {{ ...Kept }}
    userErrors {{ code field message }}
  }}
}}
{KEPT}"""

# Whether money goes back is decided and done on our side; an authorization is ended in Shopify's books in any case.
CANCEL = """
mutation ($id: ID!, $note: String!) {
  orderCancel(
    orderId: $id
    reason: OTHER
    restock: true
    notifyCustomer: false
    refundMethod: {originalPaymentMethodsRefund: false}
    staffNote: $note
  ) {
    job { id }
    orderCancelUserErrors { code field message }
  }
}
"""

MARK_AS_PAID = """
mutation ($id: ID!) {
  orderMarkAsPaid(input: {id: $id}) { userErrors { field message } }
}
"""

NOTE_PAYMENT = """
mutation ($fields: [MetafieldsSetInput!]!) {
  metafieldsSet(metafields: $fields) { userErrors { code field message } }
}
"""
DOCUMENTS = (HEALTH, WITH_REF, MORE_LINES, ORDERS, VARIANTS, PLACE, CANCEL, MARK_AS_PAID, NOTE_PAYMENT)
