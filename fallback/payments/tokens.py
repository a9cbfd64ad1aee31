"""Card tokens that a browser gets from Stripe: confirmation tokens and payment methods.

https://docs.stripe.com/api/confirmation_tokens, https://docs.stripe.com/api/payment_methods
"""

from __future__ import annotations

# '$' also matches before a line break at the end.
TOKEN = r"^(ctoken|pm)_[A-Za-z0-9_]{1,120}$(?!\n)"  # noqa: S105 - a pattern
