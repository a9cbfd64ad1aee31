"""What is asked of Vendure's Admin API, and of the plugin's part of it (`fallback…`)."""

from __future__ import annotations

KEPT = """
fragment Kept on Order {
  id code state currencyCode totalWithTax orderPlacedAt fallbackPricesIncludeTax
  customFields {
    fallbackRef fallbackCart fallbackSlot fallbackEmail fallbackAmendment fallbackPayment fallbackReport
  }
  customer { emailAddress }
  lines {
    id quantity orderPlacedQuantity unitPrice unitPriceWithTax
    productVariant { id sku } customFields { fallbackPriceNow }
  }
  shippingLines { shippingMethod { code } }
  shippingAddress { fullName streetLine1 streetLine2 city province postalCode countryCode phoneNumber }
  payments { id amount refunds { id total state } }
}
"""
ERROR = "__typename ... on ErrorResult { errorCode message }"

LOGIN = f"mutation ($user: String!, $password: String!) {{ login(username: $user, password: $password) {{ {ERROR} }} }}"

HEALTH = "{ fallbackConnector { version } }"

ORDERS = f"""
query ($options: OrderListOptions) {{
  orders(options: $options) {{ totalItems items {{ ...Kept }} }}
}}
{KEPT}"""

OF_A_PERSON = f"""
query ($customers: CustomerListOptions, $orders: OrderListOptions) {{
  customers(options: $customers) {{
    totalItems items {{ emailAddress orders(options: $orders) {{ totalItems items {{ ...Kept }} }} }}
  }}
}}
{KEPT}"""

DRAFT = f"""
mutation ($input: FallbackDraft!) {{
  fallbackDraft(input: $input) {{ refusal detail order {{ ...Kept }} }}
}}
{KEPT}"""

OF_A_PHONE = f"""
query ($phone: String!, $since: DateTime!) {{ fallbackOfPhone(phone: $phone, since: $since) {{ ...Kept }} }}
{KEPT}"""

QUOTE = f"""
mutation ($draft: FallbackDraft!, $place: FallbackPlace!) {{
  fallbackQuote(draft: $draft, place: $place) {{
    refusal detail order {{ ...Kept }}
    figures {{ currency total delivery slot lines {{ sku quantity unitPrice priceNow }} }}
  }}
}}
{KEPT}"""

PLACE = f"""
mutation ($input: FallbackPlace!) {{
  fallbackPlace(input: $input) {{ refusal detail order {{ ...Kept }} }}
}}
{KEPT}"""

AMEND = f"""
mutation ($input: FallbackChange!) {{
  fallbackAmend(input: $input) {{ refusal detail order {{ ...Kept }} }}
}}
{KEPT}"""

WITHDRAW = f"""
mutation ($ref: String!) {{ fallbackWithdraw(ref: $ref) {{ refusal detail order {{ ...Kept }} }} }}
{KEPT}"""

NOTE_PAYMENT = "mutation ($input: UpdateOrderInput!) { setOrderCustomFields(input: $input) { id } }"

REFUND = f"""
mutation ($input: RefundOrderInput!) {{ refundOrder(input: $input) {{ {ERROR} ... on Refund {{ id state }} }} }}"""

SETTLE_REFUND = f"mutation ($input: SettleRefundInput!) {{ settleRefund(input: $input) {{ {ERROR} }} }}"
