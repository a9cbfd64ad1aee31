"""Pages for customers: checkout, order, status, policy."""
