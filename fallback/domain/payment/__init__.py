"""The payment of an order: authorization, capture, refunds, and what the provider reports."""
