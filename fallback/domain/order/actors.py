"""Who acts on an order when it is no person of the shop: the names that its timeline gives them."""

from __future__ import annotations

# As the owner of a hold: the customer was asked, and the order waits for their answer until the next promised word.
CUSTOMER = "customer"
# The payment provider, whoever it is: timelines that are kept have this name for it.
PROVIDER = "stripe"

# Who writes in the timeline without being a person.
MACHINES = frozenset({"worker", PROVIDER, "primary"})
