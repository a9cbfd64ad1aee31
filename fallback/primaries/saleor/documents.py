"""What is asked of Saleor's GraphQL API (saleor/graphql/schema.graphql, 3.22 and later)."""

from __future__ import annotations

KEPT = """
fragment Kept on Order {
  id number status isPaid chargeStatus authorizeStatus externalReference checkoutId userEmail
  cart: metafield(key: "fallback_cart")
  tax: metafield(key: "fallback_tax")
  slot: privateMetafield(key: "fallback_slot")
  report: privateMetafield(key: "fallback_report")
  total { currency gross { amount } }
  lines {
    productSku ourSku: metafield(key: "fallback_sku") quantity
    undiscountedUnitPrice { gross { amount } net { amount } }
  }
  deliveryMethod { ... on ShippingMethod { id } ... on Warehouse { id } }
  shippingAddress {
    firstName lastName streetAddress1 streetAddress2 city countryArea postalCode country { code } phone
  }
  transactions { id pspReference }
}
"""

HEALTH = "query ($channel: String!) { app { permissions { code } } channel(slug: $channel) { isActive } }"

WITH_REF = f"query ($ref: String!) {{ order(externalReference: $ref) {{ ...Kept }} }}{KEPT}"

ORDERS = f"""
query ($where: OrderWhereInput!, $after: String, $first: Int!) {{
  orders(where: $where, after: $after, first: $first, sortBy: {{field: CREATED_AT, direction: ASC}}) {{
    edges {{ node {{ ...Kept }} }}
    pageInfo {{ hasNextPage endCursor }}
  }}
}}
{KEPT}"""

VARIANTS = """
query ($skus: [String!]!, $first: Int!) {
  productVariants(where: {sku: {oneOf: $skus}}, first: $first) {
    edges { node { id sku trackInventory stocks { quantity quantityAllocated warehouse { id } } } }
  }
}
"""

# UPDATE would look at the stock, but reserve nothing, and write back the number of pieces that it read.
PLACE = f"""
mutation ($order: OrderBulkCreateInput!) {{
  orderBulkCreate(orders: [$order], errorPolicy: REJECT_EVERYTHING, stockUpdatePolicy: SKIP) {{
    results {{ order {{ ...Kept }} errors {{ code path message }} }}
    errors {{ code path message }}
  }}
}}
{KEPT}"""

CANCEL = f"""
mutation ($id: ID!) {{
  orderCancel(id: $id) {{ order {{ ...Kept }} errors {{ code field message }} }}
}}
{KEPT}"""

TELL_PAYMENT = """
mutation ($id: ID!, $transaction: TransactionUpdateInput!) {
  transactionUpdate(id: $id, transaction: $transaction) { errors { code field message } }
}
"""

NOTE_REPORT = """
mutation ($id: ID!, $number: String!) {
  updatePrivateMetadata(id: $id, input: [{key: "fallback_report", value: $number}]) { errors { code field message } }
}
"""
DOCUMENTS = (HEALTH, WITH_REF, ORDERS, VARIANTS, PLACE, CANCEL, TELL_PAYMENT, NOTE_REPORT)
