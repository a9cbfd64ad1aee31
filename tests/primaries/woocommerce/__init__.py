"""WooCommerce: its adapter against exchanges recorded from a real shop."""
