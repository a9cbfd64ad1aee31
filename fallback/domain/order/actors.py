"""Who acts on an order when it is no person of the shop: the names that its timeline gives them."""

from __future__ import annotations

CUSTOMER = "customer"


# Who writes in the timeline without being a person.
MACHINES = frozenset({"worker", "stripe", "primary"})
