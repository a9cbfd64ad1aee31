"""Take an order; invite a customer to finish a saved form."""
