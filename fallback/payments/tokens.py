"""What a browser gets from Stripe for a card: a confirmation token, or a payment method.

https://docs.stripe.com/api/confirmation_tokens, https://docs.stripe.com/api/payment_methods
"""

from __future__ import annotations

# '$' also matches in front of a line break at the end.
TOKEN = r"^(ctoken|pm)_[A-Za-z0-9_]{1,120}$(?!\n)"  # noqa: S105 - a pattern
