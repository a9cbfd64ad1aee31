"""Stripe behind the port of the payment provider."""
