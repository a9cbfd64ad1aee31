"""Stripe behind the port of the payment provider.

The core knows no provider by name. It relies on this:

- A payment is created unconfirmed, confirmed, captured or voided: each repeated safely under an idempotency key.
  https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/api/idempotent_requests
- A card authorization is kept for 7 days as a rule, and says until when: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
- A refund is an object that may fail later: https://docs.stripe.com/refunds#failed-refunds
- Events are listed for 30 days: https://docs.stripe.com/api/events
- 25 requests a second to one endpoint, unless an account has more: https://docs.stripe.com/rate-limits
"""
