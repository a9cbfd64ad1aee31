"""Stripe behind the port of the payment provider.

The core knows no provider by name. It relies on these properties:

- A payment is created, confirmed, captured or voided. Each call can be repeated safely with its idempotency key.
  https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/api/idempotent_requests
- A card authorization usually lasts 7 days, and its expiry time is known: https://docs.stripe.com/payments/place-a-hold-on-a-payment-method
- A refund is an object that may fail later: https://docs.stripe.com/refunds#failed-refunds
- Events are listed for 30 days: https://docs.stripe.com/api/events
- One endpoint accepts 25 requests a second by default: https://docs.stripe.com/rate-limits
"""
