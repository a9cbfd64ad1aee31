"""An order in the primary: placing it, changing it, rival orders, withdrawing it."""
