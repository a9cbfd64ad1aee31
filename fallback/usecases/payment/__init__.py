"""Authorize, follow, release and refund payments; act on what the provider reports."""
