"""One order's page: its panels and the forms on them."""
