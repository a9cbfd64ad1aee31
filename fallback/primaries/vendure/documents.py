"""What is asked of Vendure's Admin API, and of the plugin's part of it (`fallback…`)."""

from __future__ import annotations

KEPT = """
fragment Kept on Order {
  id code state currencyCode totalWithTax orderPlacedAt fallbackPricesIncludeTax
  customFields { fallbackRef fallbackCart fallbackSlot fallbackAmendment fallbackPayment fallbackReport }
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

METHODS = "query ($order: ID!) { eligibleShippingMethodsForDraftOrder(orderId: $order) { id code } }"

VARIANTS = "query ($options: ProductVariantListOptions) { productVariants(options: $options) { items { id sku } } }"

PLACE = f"""
mutation ($input: FallbackPlace!) {{
  fallbackPlace(input: $input) {{ refusal detail order {{ ...Kept }} }}
}}
{KEPT}"""

TRANSITION = f"""
mutation ($order: ID!, $state: String!) {{
  transitionOrderToState(id: $order, state: $state) {{
    {ERROR} ... on OrderStateTransitionError {{ transitionError }}
  }}
}}"""

PAY = f"""
mutation ($input: ManualPaymentInput!) {{
  addManualPaymentToOrder(input: $input) {{ {ERROR} ...Kept }}
}}
{KEPT}"""

MODIFY = f"""
mutation ($input: ModifyOrderInput!) {{
  modifyOrder(input: $input) {{
    {ERROR} ... on InsufficientStockError {{ quantityAvailable }} ... on Order {{ totalWithTax }}
  }}
}}"""

WITHDRAW = f"""
mutation ($ref: String!) {{ fallbackWithdraw(ref: $ref) {{ refusal detail order {{ ...Kept }} }} }}
{KEPT}"""

NOTE_PAYMENT = "mutation ($input: UpdateOrderInput!) { setOrderCustomFields(input: $input) { id } }"

REFUND = f"""
mutation ($input: RefundOrderInput!) {{ refundOrder(input: $input) {{ {ERROR} ... on Refund {{ id state }} }} }}"""

SETTLE_REFUND = f"mutation ($input: SettleRefundInput!) {{ settleRefund(input: $input) {{ {ERROR} }} }}"
