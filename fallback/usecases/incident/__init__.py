"""Keep, count and close incidents; audit the primary."""
